/**
 * Batches between journal.proto and the domain: the outer message, the header that every device
 * reads, and the body that holders of the epoch read. Each reader looks through the bytes before the
 * generated decoder does (protocol/SPEC.md, "Journals").
 */
import { VaultError } from '../errors.ts';
import { idToBytes, journalId, splitJournalId, type VaultId } from '../ids.ts';
import { chunk, journal } from '../limits.ts';
import { peervault } from '../proto/journal.js';
import type { RefBase } from './content-wire.ts';
import { exactBytes, optionalWireId, wireId } from './exact-bytes.ts';
import { encodeFileOp } from './file-op-wire.ts';
import { batchBodyShape, batchHeaderShape, batchShape } from './op-shape.ts';
import { opFromWire, opToWire } from './op-wire.ts';
import { packChunks, unpackChunks } from './named-chunks-wire.ts';
import type { BatchBody, BatchHeader, Op } from './op.ts';
import { reissuedFromWire, reissuedToWire } from './reissued-wire.ts';
import { seenFromWire, seenToWire } from './seen-wire.ts';
import { checkShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const { Batch, BatchHeader: Header, BatchBody: Body } = peervault.journal;

export const batchVersion = 1;
const signatureBytes = 64;

/** The three parts of an encoded batch. */
export interface BatchParts {
  /** Encoded BatchHeader. */
  readonly header: Buffer;
  /** Sealed BatchBody; empty when there are no operations. */
  readonly sealed: Buffer;
  /** 64 bytes. */
  readonly signature: Buffer;
  /** Of a bare batch, whose body was folded away: the BLAKE3 of what was sealed, 32 bytes. */
  readonly sealedHash?: Buffer;
}

export function encodeBatch(parts: BatchParts): Buffer {
  return asBuffer(Batch.encode(parts).finish());
}

/**
 * Takes an encoded batch apart. The parts are views of `bytes`.
 * @throws VaultError `too-large`, `malformed`
 */
export function decodeBatch(bytes: Uint8Array): BatchParts {
  const op = 'messages.decodeBatch';
  if (bytes.length > journal.batchBytesMax) {
    throw new VaultError('too-large', { op, detail: `${String(bytes.length)} bytes in one batch` });
  }
  checkShape(bytes, batchShape, op);
  const wire = decoding(op, () => Batch.decode(bytes));
  if (wire.header.length === 0) throw new VaultError('malformed', { op, detail: 'no header' });
  const parts = {
    header: asBuffer(wire.header),
    sealed: asBuffer(wire.sealed),
    signature: exactBytes(wire.signature, signatureBytes, 'Batch.signature'),
    ...(wire.sealedHash.length > 0 && {
      sealedHash: exactBytes(wire.sealedHash, 32, 'Batch.sealed_hash'),
    }),
  };
  if (parts.sealedHash !== undefined && parts.sealed.length > 0) {
    throw new VaultError('malformed', { op, detail: 'a body and the hash of one' });
  }
  // The hash does not cover the outer message: nobody may add to it on the way.
  if (!encodeBatch(parts).equals(bytes)) {
    throw new VaultError('malformed', { op, detail: 'not the one encoding of its parts' });
  }
  return parts;
}

export function encodeBatchHeader(vault: VaultId, header: BatchHeader): Buffer {
  const { device, incarnation } = splitJournalId(header.journal);
  return asBuffer(
    Header.encode({
      version: batchVersion,
      vault: idToBytes(vault),
      device: idToBytes(device),
      incarnation: idToBytes(incarnation),
      sequence: header.sequence,
      previous: header.previous === undefined ? null : idToBytes(header.previous),
      membershipHeads: header.membershipHeads.map((head) => Buffer.from(head, 'hex')),
      epoch: idToBytes(header.epoch),
      salt: header.salt,
      chunksAdded: packChunks(header.chunksAdded),
      chunksReused: packChunks(header.chunksReused),
      smallRecords: packChunks(header.smallRecords),
      acknowledges: header.acknowledges?.map(idToBytes) ?? [],
    }).finish(),
  );
}

/**
 * Reads a header and the vault that it belongs to.
 * @throws VaultError `malformed`; `protocol-version` for a version that is not known
 */
export function decodeBatchHeader(bytes: Uint8Array): { vault: VaultId; header: BatchHeader } {
  const op = 'messages.decodeBatchHeader';
  checkShape(bytes, batchHeaderShape, op);
  const wire = decoding(op, () => Header.decode(bytes));
  if (wire.version !== batchVersion) {
    throw new VaultError('protocol-version', {
      op,
      detail: `batch of version ${String(wire.version)}`,
    });
  }
  const sequence = countFromWire(wire.sequence, op);
  const previous = optionalWireId('batch', wire.previous);
  if (sequence === 0) throw new VaultError('malformed', { op, detail: 'sequence 0' });
  if ((sequence === 1) !== (previous === undefined)) {
    throw new VaultError('malformed', { op, detail: 'previous does not fit the sequence' });
  }
  const header: BatchHeader = {
    journal: journalId(wireId('device', wire.device), wireId('incarnation', wire.incarnation)),
    sequence,
    previous,
    membershipHeads: wire.membershipHeads.map((head) => wireId('statement', head)),
    epoch: wireId('epoch', wire.epoch),
    salt: exactBytes(wire.salt, 32, 'BatchHeader.salt'),
    chunksAdded: unpackChunks(wire.chunksAdded, chunk.sealedBytesMax),
    chunksReused: unpackChunks(wire.chunksReused, chunk.sealedBytesMax),
    smallRecords: unpackChunks(wire.smallRecords, chunk.smallRecordBytesMax),
    ...(wire.acknowledges.length > 0 && {
      acknowledges: wire.acknowledges.map((id) => wireId('statement', id)),
    }),
  };
  checkIdCount(header, op);
  return { vault: wireId('vault', wire.vault), header };
}

export function encodeBatchBody(body: BatchBody, base: RefBase): Buffer {
  const head = {
    wallMs: body.stamp.wallMs,
    counter: body.stamp.counter,
    lamport: body.lamport,
    seen: body.seen.map(seenToWire),
  };
  return Buffer.concat([
    Body.encode(head).finish(),
    ...body.ops.map((op) => encodeFileOp(op, base) ?? encodeOp(op, base)),
    Body.encode({ reissued: body.reissued?.map(reissuedToWire) ?? [] }).finish(),
  ]);
}

/** One `ops` field of a body. */
function encodeOp(op: Op, base: RefBase): Uint8Array {
  return Body.encode({ ops: [opToWire(op, base)] }).finish();
}

/** @throws VaultError `malformed`; operations that cannot be read become `unknown` instead */
export function decodeBatchBody(bytes: Uint8Array, base: RefBase): BatchBody {
  const op = 'messages.decodeBatchBody';
  checkShape(bytes, batchBodyShape, op);
  const wire = decoding(op, () => Body.decode(bytes));
  return {
    stamp: { wallMs: countFromWire(wire.wallMs, op), counter: wire.counter },
    lamport: countFromWire(wire.lamport, op),
    seen: wire.seen.map(seenFromWire),
    ops: wire.ops.map((item) => opFromWire(item, base)),
    ...(wire.reissued.length > 0 && {
      reissued: wire.reissued.map((row) => reissuedFromWire(row, base.journal)),
    }),
  };
}

function checkIdCount(header: BatchHeader, op: string): void {
  const { chunksAdded, chunksReused, smallRecords } = header;
  const count = chunksAdded.length + chunksReused.length + smallRecords.length;
  if (count > journal.idsPerBatchMax) {
    throw new VaultError('malformed', { op, detail: `${String(count)} ids in one batch` });
  }
}

/** Whatever the generated decoder throws is a malformed message. */
function decoding<T>(op: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new VaultError('malformed', { op, cause });
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
