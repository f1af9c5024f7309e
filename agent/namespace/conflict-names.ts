/**
 * The names under which conflicts are shown: `name (conflict 2026-11-21 laptop 3f2a).ext`, at most
 * 255 bytes, cut between characters, with the extension kept. Every device makes the same name,
 * because it is made of what all devices share: the operation and the label of its device.
 * Names are latin1 strings of bytes, like everywhere in this folder.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { idToBytes, type EntryId } from '../../protocol/ids.ts';
import { names } from '../../protocol/limits.ts';
import type { OpRecord } from './records.ts';

const tagDomain = 'peervault v1 conflict tag';
const extensionBytesMax = 32;
const labelBytesMax = 32;

/** Every conflict name contains it. */
export const conflictMark = ' (conflict ';

/** 64 hex digits of which a name shows the first few. */
export function conflictTag(entry: EntryId, record: OpRecord): string {
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(BigInt(record.sequence), 0);
  numbers.writeUInt32BE(record.index, 8);
  return blake3Of(tagDomain, idToBytes(entry), idToBytes(record.journal), numbers).toString('hex');
}

export interface ConflictNote {
  readonly wallMs: number;
  /** Of the device, as a person knows it. */
  readonly label: string;
  /** 4 hex digits or more. */
  readonly tag: string;
}

export function conflictName(name: string, note: ConflictNote): string {
  const label = cutBytes(cleanLabel(note.label), labelBytesMax);
  const suffix = `${conflictMark}${dateOf(note.wallMs)} ${label} ${note.tag})`;
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0 && name.length - dot <= extensionBytesMax;
  const extension = hasExtension ? name.slice(dot) : '';
  const stem = hasExtension ? name.slice(0, dot) : name;
  return cutBytes(stem, names.nameBytesMax - suffix.length - extension.length) + suffix + extension;
}

/** Year, month and day in UTC; stamps beyond what a date can be are shown as its end. */
function dateOf(wallMs: number): string {
  const lastMs = Date.UTC(9999, 11, 31);
  return new Date(Math.min(wallMs, lastMs)).toISOString().slice(0, 10);
}

/** The label as bytes that may stand in a name. */
function cleanLabel(label: string): string {
  const shown = label.replace(/[\p{C}/\\()]/gu, '').trim();
  return Buffer.from(shown.length === 0 ? 'device' : shown, 'utf8').toString('latin1');
}

/** At most `bytesMax` bytes, without half a UTF-8 character at the end. */
function cutBytes(bytes: string, bytesMax: number): string {
  if (bytes.length <= bytesMax) return bytes;
  let end = bytesMax;
  while (end > bytesMax - 4 && end > 1 && isContinuation(bytes.charCodeAt(end))) end -= 1;
  // Not UTF-8 at all: nothing to keep whole.
  if (isContinuation(bytes.charCodeAt(end))) end = bytesMax;
  return bytes.slice(0, end);
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
