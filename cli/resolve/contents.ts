/** The contents of the versions in conflict, as far as they can be merged. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Conflict, ConflictVersion } from '../../protocol/messages/control-conflict.ts';
import { formatBytes } from '../output/format.ts';
import { joinPath } from '../output/entry-row.ts';
import { isText } from './merge.ts';

const op = 'cli.resolve';
const slash = 0x2f;
/** Of one version: larger texts take a merge by lines too long. */
export const mergeBytesMax = 8 * 1024 * 1024;

export interface MergeContents {
  readonly base: string;
  /** In the order of the versions. */
  readonly sides: readonly string[];
}

/**
 * @throws VaultError `conflict` when these versions cannot be merged, and what reading fails with
 */
export async function readContents(
  client: ControlClient,
  conflict: Conflict,
  decideNext: string,
): Promise<MergeContents> {
  const refuse = (detail: string): VaultError =>
    new VaultError('conflict', {
      op,
      subject: conflict.path.toString(),
      detail,
      next: decideNext,
    });
  const { ancestor, versions } = conflict;
  if (versions.some(({ kind }) => kind !== 'file')) throw refuse('only files can be merged');
  if (versions.length < 2) throw refuse('there is one version only, so nothing to merge');
  if (ancestor === undefined) {
    throw refuse('no version is known that all of them come from, so nothing tells what changed');
  }
  for (const { size } of [ancestor, ...versions]) {
    if (size > mergeBytesMax) throw refuse(`larger than ${formatBytes(mergeBytesMax)}`);
  }
  const base = await readVersion(client, conflict.path, ancestor);
  const above = conflict.path.subarray(0, Math.max(0, conflict.path.lastIndexOf(slash)));
  const sides: Buffer[] = [];
  for (const version of versions) {
    sides.push(await readVersion(client, joinPath(above, version.name), version));
  }
  if (![base, ...sides].every(isText)) throw refuse('binary content cannot be merged');
  return { base: base.toString(), sides: sides.map(String) };
}

async function readVersion(
  client: ControlClient,
  path: Buffer,
  { version, size }: ConflictVersion,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const item of client.get({ path, version, recursive: false, offset: 0 })) {
    if (item.type === 'failed') throw item.error;
    if (item.type === 'data') pieces.push(Buffer.from(item.bytes));
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.length === size) return bytes;
  throw new VaultError('source-changed', {
    op,
    subject: path.toString(),
    detail: 'another version is there by now',
    next: 'run the command again',
  });
}
