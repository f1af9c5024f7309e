/**
 * What two agents say to each other in their calls: subscriptions, chunks, joining (peer.proto;
 * SPEC.md, "Peer protocol"). Each message has one function that writes it and one that reads
 * it; what is read has been checked against its shape, and every id has its length.
 */
import { VaultError } from '../errors.ts';
import {
  idBytes,
  idToBytes,
  journalId,
  splitJournalId,
  type BatchHash,
  type ChunkId,
  type JournalId,
  type StatementId,
  type TicketId,
} from '../ids.ts';
import { journal, members, replication, rpc } from '../limits.ts';
import { peervault } from '../proto/peer.js';
import { bufferFromWire } from './codec.ts';
import { exactBytes, optionalWireId, wireId } from './exact-bytes.ts';
import { checkShape, type MessageShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const wire = peervault.peer;

/** How far a journal goes, and the hash of that batch where it is known. */
export interface Position {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash | undefined;
}

export interface SubscribeRequest {
  readonly statementHeads: readonly StatementId[];
  readonly vector: readonly Position[];
  /** Another page of positions follows on the stream. */
  readonly more: boolean;
  /** Of the first page: bare batches may be sent. */
  readonly takesBare?: boolean;
}

export type Update =
  | { readonly type: 'statements'; readonly signed: readonly Buffer[] }
  /** The small records and then the batch follow as data. */
  | {
      readonly type: 'batch';
      readonly smallLengths: readonly number[];
      readonly batchLength: number;
    }
  | {
      readonly type: 'holdings';
      readonly applied: readonly Position[];
      readonly complete: readonly Position[];
      readonly freeBytes: number;
    }
  | { readonly type: 'addresses'; readonly records: readonly Buffer[] }
  | { readonly type: 'current' }
  /** Encoded fork proofs. */
  | { readonly type: 'forks'; readonly proofs: readonly Buffer[] }
  /** The receiver's branch of this journal is not known to the sender. */
  | { readonly type: 'diverged'; readonly journal: JournalId };

/** An update as it may be written: byte fields of any kind. */
export type OutgoingUpdate =
  | Exclude<Update, { type: 'statements' | 'addresses' | 'forks' }>
  | { readonly type: 'forks'; readonly proofs: readonly Uint8Array[] }
  | { readonly type: 'statements'; readonly signed: readonly Uint8Array[] }
  | { readonly type: 'addresses'; readonly records: readonly Uint8Array[] };

export interface ChunkHead {
  readonly id: ChunkId;
  /** 0: not here any more. */
  readonly length: number;
}

export interface JoinRequest {
  readonly ticket: TicketId;
  /** 32 bytes: HMAC-SHA256(secret, handshake hash, "joiner"). */
  readonly proof: Buffer;
  /** 32 bytes. */
  readonly signKey: Buffer;
  /** 64 bytes. */
  readonly signature: Buffer;
  readonly name: string;
}

export interface JoinReply {
  /** 32 bytes; undefined in a reply that only continues. */
  readonly proof: Buffer | undefined;
  readonly waiting: boolean;
  readonly statements: readonly Buffer[];
  /** Encoded address records of members; nobody has checked them. */
  readonly addresses: readonly Buffer[];
  readonly more: boolean;
}

const position: MessageShape = {
  1: { bytesMax: idBytes.device },
  2: { bytesMax: idBytes.incarnation },
  3: {},
  4: { bytesMax: idBytes.batch },
};
const positions = { nested: position, countMax: journal.seenMax } as const;
/** As many as a message can hold at all; each has at least a tag and a length. */
const signedStatements = {
  bytesMax: rpc.messageBytesMax,
  countMax: journal.opsPerBatchMax,
} as const;
const addressRecordBytesMax =
  members.addressesPerDeviceMax * (members.addressBytesMax + 4) + 16 + 64 + 32;

const subscribeShape: MessageShape = {
  1: { bytesMax: idBytes.statement, countMax: journal.membershipHeadsMax },
  2: positions,
  3: {},
  10: {},
};
const updateShape: MessageShape = {
  1: { nested: { 1: signedStatements } },
  2: { nested: { 1: { packed: true, countMax: journal.opsPerBatchMax }, 2: {} } },
  3: { nested: { 1: positions, 2: positions, 3: {} } },
  4: { nested: { 1: { bytesMax: addressRecordBytesMax, countMax: members.devicesMax } } },
  5: { nested: {} },
  6: {
    nested: {
      1: { bytesMax: journal.forkProofBytesMax, countMax: journal.forkProofsPerMessageMax },
    },
  },
  7: { nested: { 1: { bytesMax: idBytes.device }, 2: { bytesMax: idBytes.incarnation } } },
};
const haveRequestShape: MessageShape = {
  1: { bytesMax: replication.haveIdsMax * idBytes.chunk },
};
const haveReplyShape: MessageShape = { 1: { bytesMax: replication.haveIdsMax / 8 } };
const fetchShape: MessageShape = {
  1: { bytesMax: replication.fetchIdsMax * idBytes.chunk },
};
const chunkHeadShape: MessageShape = { 1: { bytesMax: idBytes.chunk }, 2: {} };
const joinRequestShape: MessageShape = {
  1: { bytesMax: idBytes.ticket },
  2: { bytesMax: 32 },
  3: { bytesMax: 32 },
  4: { bytesMax: 64 },
  5: { bytesMax: members.labelBytesMax, text: true },
};
const addressRecords = { bytesMax: addressRecordBytesMax, countMax: members.devicesMax } as const;
const joinReplyShape: MessageShape = {
  1: { bytesMax: 32 },
  2: {},
  3: signedStatements,
  4: {},
  5: addressRecords,
};

// --- subscriptions -------------------------------------------------------------------------------

export function encodeSubscribeRequest(request: SubscribeRequest): Buffer {
  return finish(
    wire.SubscribeRequest.encode({
      statementHeads: request.statementHeads.map(idToBytes),
      vector: request.vector.map(positionToWire),
      more: request.more,
      takesBare: request.takesBare === true,
    }),
  );
}

/** @throws VaultError `malformed` */
export function decodeSubscribeRequest(bytes: Uint8Array): SubscribeRequest {
  checkShape(bytes, subscribeShape, 'peer.readSubscribe');
  const { statementHeads, vector, more, takesBare } = wire.SubscribeRequest.decode(bytes);
  return {
    statementHeads: statementHeads.map((head) => wireId('statement', head)),
    vector: vector.map(positionFromWire),
    more,
    ...(takesBare && { takesBare }),
  };
}

export function encodeUpdate(update: OutgoingUpdate): Buffer {
  switch (update.type) {
    case 'statements':
      return finish(wire.Update.encode({ statements: { signed: [...update.signed] } }));
    case 'batch': {
      const { smallLengths, batchLength } = update;
      return finish(
        wire.Update.encode({ batch: { smallLengths: [...smallLengths], batchLength } }),
      );
    }
    case 'holdings': {
      const applied = update.applied.map(positionToWire);
      const complete = update.complete.map(positionToWire);
      const { freeBytes } = update;
      return finish(wire.Update.encode({ holdings: { applied, complete, freeBytes } }));
    }
    case 'addresses':
      return finish(wire.Update.encode({ addresses: { records: [...update.records] } }));
    case 'current':
      return finish(wire.Update.encode({ current: {} }));
    case 'forks':
      return finish(wire.Update.encode({ forks: { proofs: [...update.proofs] } }));
    case 'diverged': {
      const { device, incarnation } = splitJournalId(update.journal);
      const diverged = { device: idToBytes(device), incarnation: idToBytes(incarnation) };
      return finish(wire.Update.encode({ diverged }));
    }
  }
}

/** @throws VaultError `malformed` */
export function decodeUpdate(bytes: Uint8Array): Update {
  const op = 'peer.readUpdate';
  checkShape(bytes, updateShape, op);
  const { statements, batch, holdings, addresses, current, forks, diverged } =
    wire.Update.decode(bytes);
  if (statements)
    return { type: 'statements', signed: (statements.signed ?? []).map(bufferFromWire) };
  if (batch) {
    return {
      type: 'batch',
      smallLengths: batch.smallLengths ?? [],
      batchLength: batch.batchLength ?? 0,
    };
  }
  if (holdings) {
    return {
      type: 'holdings',
      applied: (holdings.applied ?? []).map(positionFromWire),
      complete: (holdings.complete ?? []).map(positionFromWire),
      freeBytes: countFromWire(holdings.freeBytes, op),
    };
  }
  if (addresses)
    return { type: 'addresses', records: (addresses.records ?? []).map(bufferFromWire) };
  if (current) return { type: 'current' };
  if (forks) return { type: 'forks', proofs: (forks.proofs ?? []).map(bufferFromWire) };
  if (diverged) {
    const { device, incarnation } = diverged;
    const journal = journalId(wireId('device', device), wireId('incarnation', incarnation));
    return { type: 'diverged', journal };
  }
  throw new VaultError('malformed', { op, detail: 'an update of no kind' });
}

// --- chunks --------------------------------------------------------------------------------------

export function encodeHaveRequest(request: { readonly ids: readonly ChunkId[] }): Buffer {
  return finish(wire.HaveRequest.encode({ ids: packIds(request.ids) }));
}

/** @throws VaultError `malformed` */
export function decodeHaveRequest(bytes: Uint8Array): { readonly ids: ChunkId[] } {
  checkShape(bytes, haveRequestShape, 'peer.readHave');
  return { ids: unpackIds(wire.HaveRequest.decode(bytes).ids, 'peer.readHave') };
}

export function encodeHaveReply(reply: { readonly bitmap: Uint8Array }): Buffer {
  return finish(wire.HaveReply.encode(reply));
}

/** @throws VaultError `malformed` */
export function decodeHaveReply(bytes: Uint8Array): { readonly bitmap: Buffer } {
  checkShape(bytes, haveReplyShape, 'peer.readHaveReply');
  return { bitmap: bufferFromWire(wire.HaveReply.decode(bytes).bitmap) };
}

export function encodeFetchRequest(request: { readonly ids: readonly ChunkId[] }): Buffer {
  return finish(wire.FetchRequest.encode({ ids: packIds(request.ids) }));
}

/** @throws VaultError `malformed` */
export function decodeFetchRequest(bytes: Uint8Array): { readonly ids: ChunkId[] } {
  checkShape(bytes, fetchShape, 'peer.readFetch');
  return { ids: unpackIds(wire.FetchRequest.decode(bytes).ids, 'peer.readFetch') };
}

export function encodeChunkHead(head: ChunkHead): Buffer {
  return finish(wire.ChunkHead.encode({ id: idToBytes(head.id), length: head.length }));
}

/** @throws VaultError `malformed` */
export function decodeChunkHead(bytes: Uint8Array): ChunkHead {
  checkShape(bytes, chunkHeadShape, 'peer.readChunkHead');
  const { id, length } = wire.ChunkHead.decode(bytes);
  return { id: wireId('chunk', id), length };
}

// --- joining -------------------------------------------------------------------------------------

export function encodeJoinRequest(request: JoinRequest): Buffer {
  return finish(wire.JoinRequest.encode({ ...request, ticket: idToBytes(request.ticket) }));
}

/** @throws VaultError `malformed` */
export function decodeJoinRequest(bytes: Uint8Array): JoinRequest {
  checkShape(bytes, joinRequestShape, 'peer.readJoin');
  const { ticket, proof, signKey, signature, name } = wire.JoinRequest.decode(bytes);
  return {
    ticket: wireId('ticket', ticket),
    proof: exactBytes(proof, 32, 'JoinRequest.proof'),
    signKey: exactBytes(signKey, 32, 'JoinRequest.sign_key'),
    signature: exactBytes(signature, 64, 'JoinRequest.signature'),
    name,
  };
}

export function encodeJoinReply(reply: {
  readonly proof: Uint8Array | undefined;
  readonly waiting: boolean;
  readonly statements: readonly Uint8Array[];
  readonly addresses: readonly Uint8Array[];
  readonly more: boolean;
}): Buffer {
  const { waiting, more } = reply;
  const [statements, addresses] = [[...reply.statements], [...reply.addresses]];
  const proof = reply.proof ?? null;
  return finish(wire.JoinReply.encode({ proof, waiting, statements, addresses, more }));
}

/** @throws VaultError `malformed` */
export function decodeJoinReply(bytes: Uint8Array): JoinReply {
  checkShape(bytes, joinReplyShape, 'peer.readJoinReply');
  const { proof, waiting, statements, addresses, more } = wire.JoinReply.decode(bytes);
  return {
    proof: proof.length === 0 ? undefined : exactBytes(proof, 32, 'JoinReply.proof'),
    waiting,
    statements: statements.map(bufferFromWire),
    addresses: addresses.map(bufferFromWire),
    more,
  };
}

// --- parts ---------------------------------------------------------------------------------------

function positionToWire(value: Position): peervault.peer.Position.$Properties {
  const { device, incarnation } = splitJournalId(value.journal);
  return {
    device: idToBytes(device),
    incarnation: idToBytes(incarnation),
    sequence: value.sequence,
    hash: value.hash === undefined ? null : idToBytes(value.hash),
  };
}

function positionFromWire(value: peervault.peer.Position.$Properties): Position {
  return {
    journal: journalId(wireId('device', value.device), wireId('incarnation', value.incarnation)),
    sequence: countFromWire(value.sequence, 'peer.readPosition'),
    hash: optionalWireId('batch', value.hash),
  };
}

function packIds(ids: readonly ChunkId[]): Buffer {
  return Buffer.from(ids.join(''), 'hex');
}

function unpackIds(packed: Uint8Array, op: string): ChunkId[] {
  if (packed.length % idBytes.chunk !== 0) {
    throw new VaultError('malformed', { op, detail: 'ids that are not whole' });
  }
  const ids: ChunkId[] = [];
  for (let at = 0; at < packed.length; at += idBytes.chunk) {
    ids.push(wireId('chunk', packed.subarray(at, at + idBytes.chunk)));
  }
  return ids;
}

function finish(writer: { finish(): Uint8Array }): Buffer {
  return bufferFromWire(writer.finish());
}
