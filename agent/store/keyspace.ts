/**
 * Who owns which keys of the index, and the form of the store's own. Every value of the store ends
 * with a CRC over key and value: LevelDB returns what it finds, also after a bit flip, and a location
 * that fails its CRC counts as absent.
 */
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import { crc32c } from './crc32c.ts';

/** First byte of the keys of each owner. */
export const prefixes = {
  chunk: 0x63, // 'c'
  small: 0x73, // 's'
  journal: 0x6a, // 'j'
  meta: 0x6d, // 'm'
  vault: 0x76, // 'v'
  replication: 0x72, // 'r'
  namespace: 0x6e, // 'n'
  history: 0x68, // 'h'
} as const;

/** Changes when a value below changes its form: an index of another version is made again. */
export const indexVersion = 1;
/** A batch's place is kept for every so many sequence numbers. */
export const journalPlaceEvery = 64;

export interface ChunkPlace {
  readonly segment: number;
  /** Of the record's header. */
  readonly offset: number;
  /** Of the body. */
  readonly length: number;
}

export interface JournalPlace {
  readonly journal: JournalId;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export function chunkKey(id: ChunkId): Buffer {
  return key(prefixes.chunk, id);
}

export function smallKey(id: ChunkId): Buffer {
  return key(prefixes.small, id);
}

/** Place of the batch `sequence`, or of the small records right before it. */
export function journalPlaceKey(journal: JournalId, sequence: number): Buffer {
  const sequenceBytes = Buffer.alloc(8);
  sequenceBytes.writeBigUInt64BE(BigInt(sequence));
  return Buffer.concat([key(prefixes.journal, journal), sequenceBytes]);
}

/** What says whose index it is. */
export const ownerName = 'store';

export function metaKey(name: string): Buffer {
  return Buffer.concat([Buffer.of(prefixes.meta), Buffer.from(name, 'latin1')]);
}

export const chunkPlaceBytes = 16;

export function encodeChunkPlace(key: Uint8Array, place: ChunkPlace): Buffer {
  const value = Buffer.allocUnsafe(chunkPlaceBytes);
  encodeChunkPlaceInto(value, key, place);
  return value;
}

/** The same into 16 bytes that are there already. */
export function encodeChunkPlaceInto(value: Buffer, key: Uint8Array, place: ChunkPlace): void {
  value.writeUInt32LE(place.segment, 0);
  value.writeUInt32LE(place.offset, 4);
  value.writeUInt32LE(place.length, 8);
  seal(key, value);
}

export function decodeChunkPlace(
  key: Uint8Array,
  value: Buffer | undefined,
): ChunkPlace | undefined {
  const open = value?.length === chunkPlaceBytes ? check(key, value) : undefined;
  return (
    open && {
      segment: open.readUInt32LE(0),
      offset: open.readUInt32LE(4),
      length: open.readUInt32LE(8),
    }
  );
}

export function encodeJournalPlace(key: Uint8Array, place: JournalPlace): Buffer {
  const value = Buffer.allocUnsafe(40);
  value.write(place.journal, 0, 'hex');
  value.writeUInt32LE(place.file, 24);
  value.writeUInt32LE(place.offset, 28);
  value.writeUInt32LE(place.length, 32);
  return seal(key, value);
}

export function decodeJournalPlace(
  key: Uint8Array,
  value: Buffer | undefined,
): JournalPlace | undefined {
  const open = value?.length === 40 ? check(key, value) : undefined;
  return (
    open && {
      journal: open.toString('hex', 0, 24) as JournalId,
      file: open.readUInt32LE(24),
      offset: open.readUInt32LE(28),
      length: open.readUInt32LE(32),
    }
  );
}

/** A small structure of the store's own, as JSON and CRC. */
export function encodeMeta(key: Uint8Array, meta: unknown): Buffer {
  return seal(key, Buffer.from(`${JSON.stringify(meta)}\0\0\0\0`, 'utf8'));
}

/** What `encodeMeta` was given; undefined when it is absent or damaged. */
export function decodeMeta(key: Uint8Array, value: Buffer | undefined): unknown {
  const open = value !== undefined && value.length > 4 ? check(key, value) : undefined;
  return open && (JSON.parse(open.toString('utf8', 0, open.length - 4)) as unknown);
}

function key(prefix: number, id: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + id.length / 2);
  bytes[0] = prefix;
  bytes.write(id, 1, 'hex');
  return bytes;
}

function seal(key: Uint8Array, value: Buffer): Buffer {
  value.writeUInt32LE(sum(key, value), value.length - 4);
  return value;
}

function check(key: Uint8Array, value: Buffer): Buffer | undefined {
  return sum(key, value) === value.readUInt32LE(value.length - 4) ? value : undefined;
}

function sum(key: Uint8Array, value: Buffer): number {
  return (crc32c(key) ^ crc32c(value, 0, value.length - 4)) >>> 0;
}
