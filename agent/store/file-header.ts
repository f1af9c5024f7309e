/**
 * The first 64 bytes of every file of the store: what it is, which one, and where it goes on from. A
 * file whose header is unreadable is still read record by record; it is only never written to again.
 */
import { crc32c } from './crc32c.ts';

export const fileKinds = { segment: 1, journal: 2, log: 3, store: 4 } as const;
export type FileKind = keyof typeof fileKinds;

export const fileHeaderBytes = 64;
const magic = Buffer.from('PVSTORE\n', 'latin1');
const formatVersion = 1;
const revisionOffset = 52;
const crcOffset = 60;
const tagBytes = 24;

export interface FileHeader {
  readonly kind: FileKind;
  readonly number: number;
  /** Of a journal's file: sequence of the last batch before it. 0 for the others. */
  readonly base: number;
  /** 48 hex digits: the journal, or the store's own id; zeros for the others. */
  readonly tag: string;
  /** Of a journal's file: how often it was written anew without small records. */
  readonly revision?: number;
}

export const noTag = '0'.repeat(tagBytes * 2);

/** The 64 bytes. */
export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(fileHeaderBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(formatVersion, 8);
  bytes.writeUInt32LE(fileKinds[header.kind], 12);
  bytes.writeUInt32LE(header.number, 16);
  bytes.writeBigUInt64LE(BigInt(header.base), 20);
  bytes.write(header.tag, 28, tagBytes, 'hex');
  bytes.writeUInt32LE(header.revision ?? 0, revisionOffset);
  bytes.writeUInt32LE(crc32c(bytes, 0, crcOffset), crcOffset);
  return bytes;
}

/** The header, or undefined when these are not the first bytes of a file of `kind`. */
export function decodeFileHeader(kind: FileKind, bytes: Buffer): Required<FileHeader> | undefined {
  if (bytes.length < fileHeaderBytes) return undefined;
  if (bytes.compare(magic, 0, 8, 0, 8) !== 0) return undefined;
  if (crc32c(bytes, 0, crcOffset) !== bytes.readUInt32LE(crcOffset)) return undefined;
  if (bytes.readUInt32LE(8) !== formatVersion) return undefined;
  if (bytes.readUInt32LE(12) !== fileKinds[kind]) return undefined;
  return {
    kind,
    number: bytes.readUInt32LE(16),
    base: Number(bytes.readBigUInt64LE(20)),
    tag: bytes.toString('hex', 28, 28 + tagBytes),
    revision: bytes.readUInt32LE(revisionOffset),
  };
}
