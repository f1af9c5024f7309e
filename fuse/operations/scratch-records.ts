/**
 * What stands in the records of scratch files: a first byte that says what it is, then numbers or JSON.
 * Data follows the prefix as it is.
 */
import type { Content, NodeId, OpId } from './port.ts';

/** Kind and offset. */
export const prefixBytes = 9;

const kinds = { head: 1, data: 2, truncate: 3, zero: 4, names: 5 } as const;

/** The first record of the data of a file. */
export interface ScratchHead {
  readonly node: NodeId;
  readonly base: OpId | undefined;
  readonly content: Content;
  readonly size: number;
  /** The scratch file that this one goes on from. */
  readonly after: string | undefined;
  /** The content is that of another file, and not a version of this one yet. */
  readonly shared?: boolean;
}

export type ScratchRecord =
  | ({ readonly type: 'head' } & ScratchHead)
  | { readonly type: 'data'; readonly offset: number }
  | { readonly type: 'truncate'; readonly size: number }
  | { readonly type: 'zero'; readonly start: number; readonly end: number }
  | { readonly type: 'names'; readonly value: unknown };

export function dataRecord(offset: number): Buffer {
  return prefix(kinds.data, offset);
}

export function truncateRecord(size: number): Buffer {
  return prefix(kinds.truncate, size);
}

export function zeroRecord(start: number, end: number): Buffer {
  return Buffer.concat([prefix(kinds.zero, start), prefix(0, end)]);
}

export function headRecord(head: ScratchHead): Buffer {
  return Buffer.concat([Buffer.of(kinds.head), encode(head)]);
}

/** A record of the log of names; `value` may hold buffers and maps. */
export function namesRecord(value: unknown): Buffer {
  return Buffer.concat([Buffer.of(kinds.names), encode(value)]);
}

/** undefined for what no version of this program has written. */
export function parseRecord(plain: Buffer): ScratchRecord | undefined {
  switch (plain[0]) {
    case kinds.head:
      return { type: 'head', ...(decode(plain) as ScratchHead) };
    case kinds.data:
      return { type: 'data', offset: plain.readDoubleLE(1) };
    case kinds.truncate:
      return { type: 'truncate', size: plain.readDoubleLE(1) };
    case kinds.zero:
      return { type: 'zero', start: plain.readDoubleLE(1), end: plain.readDoubleLE(10) };
    case kinds.names:
      return { type: 'names', value: decode(plain) };
    default:
      return undefined;
  }
}

function prefix(kind: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes);
  bytes[0] = kind;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, replace));
}

function decode(plain: Buffer): unknown {
  return JSON.parse(plain.toString('utf8', 1), revive) as unknown;
}

function replace(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has its own toJSON, which has run by now.
  const original = (this as Record<string, unknown>)[key];
  if (Buffer.isBuffer(original)) return { $bytes: original.toString('base64') };
  if (value instanceof Map) return { $map: [...(value as Map<unknown, unknown>)].map(pairOf) };
  return value;
}

/** JSON has no undefined inside of lists. */
function pairOf([key, value]: [unknown, unknown]): unknown[] {
  return value === undefined ? [key] : [key, value];
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'base64');
  if ('$map' in value) {
    return new Map((value.$map as unknown[][]).map(([key, item]) => [key, item]));
  }
  return value;
}
