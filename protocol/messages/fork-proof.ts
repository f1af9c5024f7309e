/**
 * The proof that a journal forked: two signed headers of one journal with one number behind the same
 * batch (peer.proto; SPEC.md, "Forks"). Here is its form; whether it proves anything is checked by
 * `agent/journal/fork-proof.ts`.
 */
import { VaultError } from '../errors.ts';
import { journal } from '../limits.ts';
import { peervault } from '../proto/peer.js';
import { bufferFromWire } from './codec.ts';
import { exactBytes } from './exact-bytes.ts';
import { checkShape, type MessageShape } from './shape.ts';

const wire = peervault.peer.ForkProof;
const op = 'messages.forkProof';

/** A batch without its body. */
export interface SignedHeader {
  /** Encoded BatchHeader. */
  readonly header: Buffer;
  /** 32 bytes: BLAKE3 of the sealed body. */
  readonly sealedHash: Buffer;
  /** 64 bytes. */
  readonly signature: Buffer;
}

/** In order of their hashes, so that one fork has one proof. */
export type ForkProofParts = readonly [lower: SignedHeader, higher: SignedHeader];

const signedHeader: MessageShape = {
  1: { bytesMax: journal.forkProofBytesMax },
  2: { bytesMax: 32 },
  3: { bytesMax: 64 },
};
const shape: MessageShape = { 1: { nested: signedHeader }, 2: { nested: signedHeader } };

export function encodeForkProof([lower, higher]: ForkProofParts): Buffer {
  const bytes = wire.encode({ lower, higher }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws VaultError `malformed`, `too-large` */
export function decodeForkProof(bytes: Uint8Array): ForkProofParts {
  if (bytes.length > journal.forkProofBytesMax) {
    throw new VaultError('too-large', { op, detail: `${String(bytes.length)} bytes` });
  }
  checkShape(bytes, shape, op);
  const { lower, higher } = wire.decode(bytes);
  const parts = [signedFromWire(lower), signedFromWire(higher)] as const;
  // One fork has one proof, byte for byte: nobody fills the others' disks with variants of it.
  if (!encodeForkProof(parts).equals(bytes)) {
    throw new VaultError('malformed', { op, detail: 'not the one encoding of its parts' });
  }
  return parts;
}

type WireHeader = Parameters<typeof wire.encode>[0]['lower'];

function signedFromWire(signed: WireHeader): SignedHeader {
  return {
    header: bufferFromWire(signed?.header ?? new Uint8Array()),
    sealedHash: exactBytes(signed?.sealedHash, 32, 'SignedHeader.sealed_hash'),
    signature: exactBytes(signed?.signature, 64, 'SignedHeader.signature'),
  };
}
