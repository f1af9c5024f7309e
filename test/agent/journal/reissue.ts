import test from 'ava';
import { isOfSameContribution, withRefs } from '../../../agent/journal/op-refs.ts';
import { opsAgain, rangesOf } from '../../../agent/journal/reissue.ts';
import { journalId, type DeviceId, type IncarnationId } from '../../../protocol/ids.ts';
import type { Op, OpId } from '../../../protocol/messages/op.ts';
import { exampleOps } from '../../helpers/op-examples.ts';

const journal = journalId('d1'.repeat(16) as DeviceId, '0102030405060708' as IncarnationId);

function refsOf(op: Op): OpId[] {
  const refs: OpId[] = [];
  withRefs(op, (id) => {
    refs.push(id);
    return [id];
  });
  return refs;
}

test('references are found wherever an operation has them, and nothing else changes', (t) => {
  const kinds = new Set<string>();
  for (const op of exampleOps) {
    t.deepEqual(
      withRefs(op, (id) => [id]),
      op,
    );
    if (refsOf(op).length > 0) kinds.add(op.type);
    const text = JSON.stringify(op, (_key, value: unknown) => value);
    const named = [...text.matchAll(/"sequence":(\d+),"index":/g)].length;
    t.is(refsOf(op).length, named, op.type);
    t.is(refsOf(withRefs(op, () => [])).length, 0);
    t.is(refsOf(withRefs(op, (id) => [id, id])).length, named * 2);
  }
  t.true(kinds.size >= 6, [...kinds].join());
});

test('operations are said again one for one, with new names for what was said again', (t) => {
  const batch = { journal, sequence: 5, ops: exampleOps };
  const instead: OpId = { journal, sequence: 99, index: 1 };
  const range = { first: 0, count: exampleOps.length };
  const again = opsAgain(batch, range, (id) => {
    if (id.journal !== journal) return id;
    return id.sequence === 3 ? instead : undefined;
  });
  t.is(again.length, exampleOps.length);
  for (const [index, op] of again.entries()) {
    t.is(op.type, exampleOps[index]!.type);
    for (const [at, ref] of refsOf(op).entries()) {
      const old = refsOf(exampleOps[index]!)[at]!;
      if (old.journal !== journal) t.deepEqual(ref, old);
      else if (old.sequence === 3) t.deepEqual(ref, instead);
      else {
        t.true(isOfSameContribution(ref));
        t.is(ref.index, old.index);
      }
    }
  }
});

test('what a range names outside of it is not named as its own', (t) => {
  const index = exampleOps.findIndex((op) => refsOf(op).some(({ sequence }) => sequence === 5));
  const batch = { journal, sequence: 5, ops: exampleOps };
  t.true(index > 0, 'the examples name their own batch');
  const asked: OpId[] = [];
  opsAgain(batch, { first: index, count: 1 }, (id) => {
    asked.push(id);
    return undefined;
  });
  t.true(asked.some(({ sequence }) => sequence === 5));
});

test('ranges cover every operation once', (t) => {
  const ops = Array.from({ length: 10 }, () => ({ type: 'unknown' }) as const);
  t.deepEqual(rangesOf(ops, 4), [
    { first: 0, count: 4 },
    { first: 4, count: 4 },
    { first: 8, count: 2 },
  ]);
  t.deepEqual(rangesOf([]), []);
});
