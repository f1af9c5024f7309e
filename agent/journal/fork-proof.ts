/**
 * Proofs of forks: made of two batches, checked by everybody. A proof is tight: both batches stand
 * behind the same one, so it says exactly where the journal forked, and devices that hold it agree on
 * the common part whatever else they have seen.
 */
import { VaultError } from '../../protocol/errors.ts';
import { blake3 } from '../../protocol/hash.ts';
import { idFromBytes, splitJournalId, type BatchHash, type JournalId } from '../../protocol/ids.ts';
import { journal as limits } from '../../protocol/limits.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import {
  decodeForkProof,
  encodeForkProof,
  type SignedHeader,
} from '../../protocol/messages/fork-proof.ts';
import { hashOfSealed, signatureIsRight } from './signature.ts';
import type { BatchVerifier } from './verify.ts';

/** What a proof says. */
export interface ProvenFork {
  readonly journal: JournalId;
  /** Of both batches. */
  readonly sequence: number;
  /** The batch that both stand behind; undefined at the beginning. */
  readonly previous: BatchHash | undefined;
  /** The lower one first. */
  readonly hashes: readonly [BatchHash, BatchHash];
}

/**
 * The proof that two encoded batches make; undefined when their headers are too large for one.
 * @throws VaultError `malformed` when they do not prove a fork
 */
export function makeForkProof(one: Uint8Array, other: Uint8Array): Buffer | undefined {
  const pair = [signedHeaderOf(one), signedHeaderOf(other)].sort((a, b) =>
    hashOf(a) < hashOf(b) ? -1 : 1,
  );
  const [lower, higher] = pair as [SignedHeader, SignedHeader];
  readFork(lower, higher);
  const bytes = encodeForkProof([lower, higher]);
  return bytes.length <= limits.forkProofBytesMax ? bytes : undefined;
}

/**
 * What a proof says that somebody sent.
 * @throws VaultError `malformed` for one that is forged or proves nothing, `too-large`, `wrong-vault`,
 * `not-member`, `protocol-version`
 */
export function verifyForkProof(bytes: Uint8Array, verifier: BatchVerifier): ProvenFork {
  const [lower, higher] = decodeForkProof(bytes);
  const fork = readFork(lower, higher);
  const { device } = splitJournalId(fork.journal);
  const signKey = verifier.memberOf(device);
  if (signKey === undefined) throw refused('not-member', 'its author is no member');
  for (const signed of [lower, higher]) {
    const { vault } = decodeBatchHeader(signed.header);
    if (vault !== verifier.vault) throw refused('wrong-vault', 'it is of another vault');
    const hash = hashOfSealed(signed.header, signed.sealedHash);
    if (!signatureIsRight(signKey, hash, signed.signature)) {
      throw refused('malformed', 'a signature is wrong');
    }
  }
  return fork;
}

/** What a proof says that was verified before it was stored. */
export function readForkProof(bytes: Uint8Array): ProvenFork {
  const [lower, higher] = decodeForkProof(bytes);
  return readFork(lower, higher);
}

function readFork(lower: SignedHeader, higher: SignedHeader): ProvenFork {
  const one = decodeBatchHeader(lower.header).header;
  const other = decodeBatchHeader(higher.header).header;
  const hashes = [hashOf(lower), hashOf(higher)] as const;
  const isFork =
    one.journal === other.journal &&
    one.sequence === other.sequence &&
    one.previous === other.previous &&
    hashes[0] < hashes[1];
  if (!isFork) throw refused('malformed', 'the two batches are no fork');
  return { journal: one.journal, sequence: one.sequence, previous: one.previous, hashes };
}

function signedHeaderOf(batch: Uint8Array): SignedHeader {
  const { header, sealed, signature, sealedHash } = decodeBatch(batch);
  return { header, sealedHash: sealedHash ?? blake3(sealed), signature };
}

function hashOf({ header, sealedHash }: SignedHeader): BatchHash {
  return idFromBytes('batch', hashOfSealed(header, sealedHash));
}

function refused(code: 'malformed' | 'not-member' | 'wrong-vault', detail: string): VaultError {
  return new VaultError(code, { op: 'journal.forkProof', subject: 'proof of a fork', detail });
}
