/** A device that writes batches in tests: real keys from a digit, real seals and signatures. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { authorBatch } from '../../agent/journal/author.ts';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import type { BatchVerifier } from '../../agent/journal/verify.ts';
import {
  journalId,
  type BatchHash,
  type DeviceId,
  type EpochId,
  type IncarnationId,
  type VaultId,
} from '../../protocol/ids.ts';
import type { BatchBody, BatchHeader, Op } from '../../protocol/messages/op.ts';

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
export const testVault = '5a'.repeat(32) as VaultId;
export const testOpKey = Buffer.alloc(32, 7);
export const testJournalEpoch = 'e1'.repeat(32) as EpochId;

export class JournalAuthor {
  readonly device: DeviceId;
  readonly signKey: Buffer;
  readonly #key: KeyObject;
  #tip: { sequence: number; hash: BatchHash } | undefined;

  constructor(byte: number) {
    this.device = byte.toString(16).padStart(2, '0').repeat(16) as DeviceId;
    const seed = Buffer.alloc(32, byte);
    const der = Buffer.concat([pkcs8Prefix, seed]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.signKey = spki.subarray(spki.length - 32);
  }

  readonly sign = (bytes: Uint8Array): Buffer => sign(undefined, bytes, this.#key);

  /** The next batch of the journal. */
  write(ops: readonly Op[], header: Partial<BatchHeader> = {}): OpenedBatch {
    const batch = authorBatch({
      author: { vault: testVault, device: this.device, sign: this.sign },
      header: { ...this.nextHeader(), ...header },
      body: bodyOf(ops),
      opKey: testOpKey,
    });
    this.#tip = { sequence: batch.header.sequence, hash: batch.hash };
    return batch;
  }

  nextHeader(): BatchHeader {
    const sequence = (this.#tip?.sequence ?? 0) + 1;
    return {
      journal: journalId(this.device, '0102030405060708' as IncarnationId),
      sequence,
      previous: this.#tip?.hash,
      membershipHeads: ['3c'.repeat(32)],
      epoch: testJournalEpoch,
      salt: Buffer.alloc(32, sequence),
      chunksAdded: [],
      chunksReused: [],
      smallRecords: [],
    };
  }
}

export function bodyOf(ops: readonly Op[]): BatchBody {
  const stamp = { wallMs: Date.UTC(2026, 10, 21), counter: 3 };
  return { stamp, lamport: 9, seen: [], ops };
}

/** Knows the authors that it is given. */
export function verifierOf(...authors: readonly JournalAuthor[]): BatchVerifier {
  return {
    vault: testVault,
    memberOf: (device) => authors.find((author) => author.device === device)?.signKey,
  };
}
