import test from 'ava';
import {
  makeForkProof,
  readForkProof,
  verifyForkProof,
} from '../../../agent/journal/fork-proof.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { ChunkId, VaultId } from '../../../protocol/ids.ts';
import { journal as limits } from '../../../protocol/limits.ts';
import { decodeForkProof, encodeForkProof } from '../../../protocol/messages/fork-proof.ts';
import { JournalAuthor, testVault, verifierOf } from '../../helpers/journal-author.ts';
import { exampleOps } from '../../helpers/op-examples.ts';

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
  return 'nothing';
}

/** The second batches of two lives of one author that share the first one. */
function forkOf(byte = 1) {
  const [one, other] = [new JournalAuthor(byte), new JournalAuthor(byte)];
  const first = one.write(exampleOps.slice(0, 1));
  other.write(exampleOps.slice(0, 1));
  const a = one.write(exampleOps.slice(0, 2));
  const b = other.write(exampleOps.slice(0, 3));
  return { author: one, other, first, a, b };
}

test('two batches with one number prove a fork, in whatever order they are given', (t) => {
  const { author, first, a, b } = forkOf();
  const proof = makeForkProof(a.bytes, b.bytes)!;
  t.deepEqual(makeForkProof(b.bytes, a.bytes), proof);
  const said = {
    journal: a.header.journal,
    sequence: 2,
    previous: first.hash,
    hashes: [a.hash, b.hash].sort(),
  };
  t.deepEqual(verifyForkProof(proof, verifierOf(author)) as unknown, said);
  t.deepEqual(readForkProof(proof) as unknown, said);
  t.true(proof.length < 2_000, 'the bodies are not in it');
});

test('what is no fork proves none', (t) => {
  const { author, other, first, a, b } = forkOf();
  const next = author.write([]);
  const nextOfOther = other.write([]);
  for (const [one, two] of [
    [a, a],
    [first, a],
    [a, next],
    // One number, but behind different batches: the fork is further back.
    [next, nextOfOther],
    [a, forkOf(2).b],
  ]) {
    t.is(
      code(() => makeForkProof(one!.bytes, two!.bytes)),
      'malformed',
    );
  }
  t.is(
    code(() => makeForkProof(a.bytes, b.bytes)),
    'nothing',
  );
});

test('every flipped bit makes a proof refused', (t) => {
  const { author, a, b } = forkOf();
  const proof = makeForkProof(a.bytes, b.bytes)!;
  for (let at = 0; at < proof.length; at += 1) {
    for (const mask of [1, 32]) {
      const bent = Buffer.from(proof);
      bent[at]! ^= mask;
      t.not(
        code(() => verifyForkProof(bent, verifierOf(author))),
        'nothing',
        String(at),
      );
    }
  }
});

test('a proof about a stranger, of another vault, or forged by another member is none', (t) => {
  const { author, a, b } = forkOf();
  const proof = makeForkProof(a.bytes, b.bytes)!;
  t.is(
    code(() => verifyForkProof(proof, verifierOf())),
    'not-member',
  );
  const elsewhere = { ...verifierOf(author), vault: '00'.repeat(32) as VaultId };
  t.not(elsewhere.vault, testVault);
  t.is(
    code(() => verifyForkProof(proof, elsewhere)),
    'wrong-vault',
  );
  const forger = new JournalAuthor(7);
  const forged = { vault: testVault, memberOf: () => forger.signKey };
  t.is(
    code(() => verifyForkProof(proof, forged)),
    'malformed',
  );
  const [lower, higher] = decodeForkProof(proof);
  const swapped = encodeForkProof([
    { ...lower, signature: higher.signature },
    { ...higher, signature: lower.signature },
  ]);
  t.is(
    code(() => verifyForkProof(swapped, verifierOf(author))),
    'malformed',
  );
  t.is(
    code(() => verifyForkProof(encodeForkProof([higher, lower]), verifierOf(author))),
    'malformed',
  );
  t.is(
    code(() => verifyForkProof(Buffer.concat([proof, proof]), verifierOf(author))),
    'malformed',
  );
  t.is(
    code(() => verifyForkProof(Buffer.alloc(limits.forkProofBytesMax + 1), verifierOf())),
    'too-large',
  );
});

test('headers that are too large for a message make no proof', (t) => {
  const chunksAdded = Array.from({ length: 2_000 }, (_, index) => ({
    id: index.toString(16).padStart(64, '0') as ChunkId,
    length: 1,
  }));
  const [one, other] = [new JournalAuthor(1), new JournalAuthor(1)];
  const a = one.write([], { chunksAdded });
  const b = other.write(exampleOps.slice(0, 1));
  t.is(makeForkProof(a.bytes, b.bytes), undefined);
});
