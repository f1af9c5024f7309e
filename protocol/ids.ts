/**
 * The nouns of the system as types. A bare string or byte array never travels inwards: the edge
 * parses it here, and from then on a signature reads as a sentence.
 *
 * Ids live in memory as lowercase hex strings, because they are keys of maps and are compared far
 * more often than they are sent; `…FromBytes` and `…ToBytes` are the only crossing.
 */
import { VaultError } from './errors.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Hash of the genesis statement, 32 bytes. */
export type VaultId = Branded<'VaultId'>;
/** First 16 bytes of the domain-separated BLAKE3 of the device's signing key. */
export type DeviceId = Branded<'DeviceId'>;
/** BLAKE3 of a sealed chunk or of a small sealed record, 32 bytes. Public. */
export type ChunkId = Branded<'ChunkId'>;
/** Keyed BLAKE3 of what a chunk seals, 32 bytes. Private: never leaves a reader in the clear. */
export type PlainId = Branded<'PlainId'>;
/** Hash of the statement that opened an epoch, 32 bytes. */
export type EpochId = Branded<'EpochId'>;
/** Hash of a membership statement, 32 bytes. */
export type StatementId = Branded<'StatementId'>;
/** Hash of an op batch, 32 bytes. */
export type BatchHash = Branded<'BatchHash'>;
/** Random, 8 bytes: one life of a device's journal. */
export type IncarnationId = Branded<'IncarnationId'>;
/** Random, 16 bytes. */
export type NodeId = Branded<'NodeId'>;
/** Random, 16 bytes. */
export type EntryId = Branded<'EntryId'>;
/** Derived from a ticket's secret, 16 bytes. */
export type TicketId = Branded<'TicketId'>;
/** `device` and `incarnation` joined: 48 hex digits. */
export type JournalId = Branded<'JournalId'>;

/** Byte lengths of the ids. */
export const idBytes = {
  vault: 32,
  device: 16,
  chunk: 32,
  plain: 32,
  epoch: 32,
  statement: 32,
  batch: 32,
  incarnation: 8,
  node: 16,
  entry: 16,
  ticket: 16,
} as const;

export type IdKind = keyof typeof idBytes;

interface IdTypes {
  vault: VaultId;
  device: DeviceId;
  chunk: ChunkId;
  plain: PlainId;
  epoch: EpochId;
  statement: StatementId;
  batch: BatchHash;
  incarnation: IncarnationId;
  node: NodeId;
  entry: EntryId;
  ticket: TicketId;
}

/** The root directory: it is made by no operation and never moves. */
export const rootNodeId = '0'.repeat(32) as NodeId;

/**
 * Reads an id of `kind` from exactly its number of bytes.
 * @throws VaultError `malformed` when the length is wrong
 */
export function idFromBytes<K extends IdKind>(kind: K, bytes: Uint8Array): IdTypes[K] {
  if (bytes.length !== idBytes[kind]) {
    throw new VaultError('malformed', {
      op: 'ids.fromBytes',
      subject: `${kind} id`,
      detail: `${String(bytes.length)} bytes instead of ${String(idBytes[kind])}`,
    });
  }
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('hex') as IdTypes[K];
}

/**
 * Reads an id of `kind` from text: lowercase or uppercase hex of full length.
 * @throws VaultError `usage` when it is not
 */
export function parseId<K extends IdKind>(kind: K, text: string): IdTypes[K] {
  const lower = text.toLowerCase();
  if (lower.length !== idBytes[kind] * 2 || !/^[0-9a-f]*$/.test(lower)) {
    throw new VaultError('usage', {
      op: 'ids.parse',
      subject: text.slice(0, 80),
      detail: `not a ${kind} id`,
      next: `give ${String(idBytes[kind] * 2)} hex digits`,
    });
  }
  return lower as IdTypes[K];
}

/** The bytes of any id. */
export function idToBytes(id: IdTypes[IdKind] | JournalId): Buffer {
  return Buffer.from(id, 'hex');
}

/** Joins the two halves of a journal's name. */
export function journalId(device: DeviceId, incarnation: IncarnationId): JournalId {
  return (device + incarnation) as JournalId;
}

/** Takes a journal's name apart. */
export function splitJournalId(id: JournalId): { device: DeviceId; incarnation: IncarnationId } {
  const cut = idBytes.device * 2;
  return { device: id.slice(0, cut) as DeviceId, incarnation: id.slice(cut) as IncarnationId };
}
