/**
 * The keys of a saved tree, and how much of a whole each value is. Keys hold ids and numbers only; in
 * their order everything comes after what it needs.
 */
import type { JournalId, NodeId } from '../../protocol/ids.ts';

/** First byte of a key. */
export const parts = { head: 1, image: 2, lamports: 3, move: 4, page: 5 } as const;

export interface SavedValue {
  readonly key: Buffer;
  /** In the clear, one piece behind the other; undefined: it is to be removed. */
  readonly value: readonly Buffer[] | undefined;
}

export const headKey = Buffer.of(parts.head);

export function imageKey(id: NodeId): Buffer {
  return Buffer.concat([Buffer.of(parts.image), Buffer.from(id, 'hex')]);
}

export function lamportsKey(journal: JournalId, block: number): Buffer {
  return Buffer.concat([
    Buffer.of(parts.lamports),
    Buffer.from(journal, 'hex'),
    numberBytes(block),
  ]);
}

export function moveKey(number: number): Buffer {
  return Buffer.concat([Buffer.of(parts.move), numberBytes(number)]);
}

export function pageKey(number: number): Buffer {
  return Buffer.concat([Buffer.of(parts.page), numberBytes(number)]);
}

/** The number at the end of a key. */
export function numberOfKey(key: Buffer): number {
  if (key.length < 5) throw new RangeError('a key without a number');
  return key.readUInt32BE(key.length - 4);
}

/** 32 bits of what a value is and of the save that wrote it. */
export function shareOf(key: Buffer, generation: number): number {
  let share = generation >>> 0;
  for (const byte of key) share = Math.imul(share ^ byte, 0x01000193);
  share ^= share >>> 15;
  return Math.imul(share, 0x9e3779b1) >>> 0;
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
