import test from 'ava';
import { createAlignedMemory, lend } from '../../../agent/host/aligned-memory.ts';
import { KiB, store } from '../../../protocol/limits.ts';

const sizeBytes = 512 * KiB;

test('pieces begin at blocks, do not overlap, and end with the pool', (t) => {
  const pool = createAlignedMemory(sizeBytes);
  const pieces = [];
  for (;;) {
    const piece = pool.take(100 * KiB);
    if (piece === undefined) break;
    piece.fill(pieces.length + 1);
    pieces.push(piece);
  }
  t.is(pieces.length, 4);
  for (const [index, piece] of pieces.entries()) {
    t.is(piece.byteOffset % store.diskBlockBytes, 0);
    t.true(piece.length >= 100 * KiB);
    t.true(piece.every((byte) => byte === index + 1));
  }
  t.true(pool.aligned);
});

test('a piece that was given back is taken again, also as part of a larger one', (t) => {
  const lending = createAlignedMemory(sizeBytes);
  const [one, other] = [lending.take(256 * KiB), lending.take(256 * KiB)];
  t.is(lending.take(1), undefined);
  if (one !== undefined) lending.give(one);
  if (other !== undefined) lending.give(other);
  t.is(lending.take(512 * KiB)?.length, 512 * KiB);
});

test('a loan is given back once, whoever says so twice', (t) => {
  const lending = createAlignedMemory(sizeBytes);
  const loan = lend(lending, 512 * KiB);
  t.true(loan.aligned);
  loan.release();
  const next = lend(lending, 512 * KiB);
  loan.release();
  const last = lend(lending, 64 * KiB);
  t.true(next.aligned);
  t.false(last.aligned);
  t.is(last.bytes.length, 64 * KiB);
});

test('what was not taken here is not given back here', (t) => {
  const [one, other] = [createAlignedMemory(sizeBytes), createAlignedMemory(sizeBytes)];
  const piece = one.take(1);
  t.truthy(piece);
  if (piece !== undefined)
    t.throws(() => {
      other.give(piece);
    });
});
