/**
 * What a sealed segment ends with: a record that lists its chunks, then 16 bytes by which the record
 * is found from the end of the file. From footers alone the index can be made again.
 */
import type { ChunkId } from '../../protocol/ids.ts';
import { crc32c } from './crc32c.ts';
import { hashedRecord } from './record.ts';

export const trailerBytes = 16;
/** Bounds a footer to 2.5 MiB, whatever the size of the chunks. */
export const recordsPerSegmentMax = 65_536;
export const footerEntryBytes = 40;
const trailerMagic = Buffer.from('PVFT', 'latin1');

export const footerBytesMax = recordsPerSegmentMax * footerEntryBytes;

export interface SegmentEntry {
  readonly id: ChunkId;
  /** Where the record's header begins. */
  readonly offset: number;
  /** Length of the sealed body. */
  readonly length: number;
}

/** Footer record and trailer, to be written at `offset`. */
export function encodeFooter(offset: number, entries: readonly SegmentEntry[]): Uint8Array[] {
  const body = Buffer.alloc(entries.length * footerEntryBytes);
  entries.forEach((entry, index) => {
    const at = index * footerEntryBytes;
    body.write(entry.id, at, 'hex');
    body.writeUInt32LE(entry.offset, at + 32);
    body.writeUInt32LE(entry.length, at + 36);
  });
  return [...hashedRecord('footer', body), encodeTrailer(offset)];
}

function encodeTrailer(footerOffset: number): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  trailerMagic.copy(bytes, 0);
  bytes.writeUInt32LE(footerOffset, 4);
  bytes.writeUInt32LE(crc32c(bytes, 0, 12), 12);
  return bytes;
}

/** Where the footer record begins, from the last 16 bytes of a file; undefined when it has none. */
export function decodeTrailer(bytes: Buffer): number | undefined {
  if (bytes.length !== trailerBytes || bytes.compare(trailerMagic, 0, 4, 0, 4) !== 0) {
    return undefined;
  }
  if (crc32c(bytes, 0, 12) !== bytes.readUInt32LE(12)) return undefined;
  return bytes.readUInt32LE(4);
}

/** The entries of a footer's body, which was checked against its id; undefined when it has no form. */
export function decodeFooterBody(body: Buffer): SegmentEntry[] | undefined {
  if (body.length % footerEntryBytes !== 0 || body.length > footerBytesMax) return undefined;
  // Entry by entry, since a segment may have tens of thousands.
  return Array.from({ length: body.length / footerEntryBytes }, (_, index) => {
    const at = index * footerEntryBytes;
    return {
      id: body.toString('hex', at, at + 32) as ChunkId,
      offset: body.readUInt32LE(at + 32),
      length: body.readUInt32LE(at + 36),
    };
  });
}

/** The places in a footer's body, each with where in the body its id stands. */
export function* footerPlaces(
  body: Buffer,
): Generator<{ readonly idAt: number; readonly offset: number; readonly length: number }> {
  for (let idAt = 0; idAt + footerEntryBytes <= body.length; idAt += footerEntryBytes) {
    yield { idAt, offset: body.readUInt32LE(idAt + 32), length: body.readUInt32LE(idAt + 36) };
  }
}
