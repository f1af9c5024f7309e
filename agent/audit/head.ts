/**
 * `audit/head.json`: which entry was the first kept and which the last, sealed with a key of this device.
 * A chain of hashes alone can be written anew from any place on, and cut at its end; with this, only by
 * somebody who has the keys.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../members/json-file.ts';
import type { Disk } from '../ports.ts';

export interface AuditHead {
  /** The first entry that is kept, and the hash before it. */
  readonly firstSequence: number;
  readonly firstPrevious: string;
  readonly lastSequence: number;
  readonly lastHash: string;
}

export const headFile = 'audit/head.json';
const format = 1;

export async function saveHead(disk: Disk, head: AuditHead, key: Buffer): Promise<void> {
  await writeJson(disk, headFile, { format, ...head, mac: macOf(head, key).toString('hex') });
}

/**
 * The head; undefined when there is none.
 * @throws VaultError `damaged` when it cannot be read, or was not sealed with this key
 */
export async function loadHead(disk: Disk, key: Buffer): Promise<AuditHead | undefined> {
  const fields = await readJson(disk, headFile);
  if (fields === undefined) return undefined;
  fields.checkFormat(format);
  const head = {
    firstSequence: fields.count('firstSequence'),
    firstPrevious: fields.text('firstPrevious', 64),
    lastSequence: fields.count('lastSequence'),
    lastHash: fields.text('lastHash', 64),
  };
  if (timingSafeEqual(fields.hex('mac', 32), macOf(head, key))) return head;
  throw new VaultError('damaged', {
    op: 'audit.loadHead',
    subject: headFile,
    detail: 'it was not sealed by this device',
  });
}

function macOf(head: AuditHead, key: Buffer): Buffer {
  const { firstSequence, firstPrevious, lastSequence, lastHash } = head;
  const text = JSON.stringify([format, firstSequence, firstPrevious, lastSequence, lastHash]);
  return createHmac('sha256', key).update(text).digest();
}
