import test from 'ava';
import fc from 'fast-check';
import { BatchTimes, cutAt, type JournalTimes } from '../../../agent/vault/batch-times.ts';
import { Slices } from '../../../agent/vault/slices.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { sourceOf, vectorOf } from '../../helpers/batch-source.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { exchange, TreeDevice } from '../../helpers/tree-device.ts';

const journal = (digit: string): JournalId => digit.repeat(48) as JournalId;
const [a, b] = [journal('a'), journal('b')];

function times(wallMs: readonly number[], seen: JournalTimes['seen'] = new Map()): JournalTimes {
  return { wallMs, seen };
}

test('each journal is cut before its first batch that is later', (t) => {
  const journals = new Map([
    [a, times([10, 20, 30])],
    [b, times([0, 25, 15])],
  ]);
  const bound = new Map([
    [a, 3],
    [b, 3],
  ]);
  const cut = (timeMs: number) => [...cutAt(journals, timeMs, bound).values()];
  t.deepEqual(cut(9), [0, 1]);
  t.deepEqual(cut(10), [1, 1]);
  t.deepEqual(cut(24), [2, 1]);
  t.deepEqual(cut(25), [2, 3]);
  t.deepEqual(cut(99), [3, 3]);
});

test('what counts now is the bound, whatever the journals hold', (t) => {
  const journals = new Map([[a, times([10, 20, 30])]]);
  t.deepEqual([...cutAt(journals, 99, new Map([[a, 2]]))], [[a, 2]]);
  t.deepEqual([...cutAt(journals, 99, new Map([[b, 2]]))], [[b, 0]]);
});

test('a batch goes with what its author had seen, unless that is not here', (t) => {
  const bound = new Map([
    [a, 2],
    [b, 2],
  ]);
  const sees = (sequence: number) =>
    new Map([
      [a, times([10, 50])],
      [b, times([20, 30], new Map([[2, [{ journal: a, sequence }]]]))],
    ]);
  t.deepEqual([...cutAt(sees(2), 40, bound).values()], [1, 1]);
  t.deepEqual([...cutAt(sees(1), 40, bound).values()], [1, 2]);
  // Batch 3 of that journal has not come yet: nobody knows its time.
  t.deepEqual([...cutAt(sees(3), 50, bound).values()], [2, 2]);
});

test('every cut is a set of beginnings that is closed under what was seen, and the largest', (t) => {
  const shape = fc.record({
    clocks: fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }), {
      minLength: 3,
      maxLength: 3,
    }),
    seen: fc.array(
      fc.tuple(
        fc.nat({ max: 2 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat({ max: 2 }),
        fc.integer({ min: 1, max: 6 }),
      ),
      { maxLength: 8 },
    ),
    timeMs: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(shape, ({ clocks, seen, timeMs }) => {
      const names = ['a', 'b', 'c'].map(journal);
      const journals = new Map(
        clocks.map((wallMs, at) => {
          const own = seen.filter(([from, sequence]) => from === at && sequence <= wallMs.length);
          const bySequence = Map.groupBy(own, ([, sequence]) => sequence);
          const entries = [...bySequence]
            .sort(([x], [y]) => x - y)
            .map(
              ([sequence, rows]) =>
                [
                  sequence,
                  rows
                    .filter(([, , to]) => to !== at)
                    .map(([, , to, upTo]) => ({ journal: names[to]!, sequence: upTo })),
                ] as const,
            );
          return [names[at]!, times(wallMs, new Map(entries))] as const;
        }),
      );
      const bound = new Map([...journals].map(([name, { wallMs }]) => [name, wallMs.length]));
      const isGood = (cut: ReadonlyMap<JournalId, number>): boolean =>
        [...cut].every(([name, sequence]) => {
          const own = journals.get(name)!;
          if (own.wallMs.slice(0, sequence).some((each) => each > timeMs)) return false;
          return [...own.seen].every(
            ([at, rows]) =>
              at > sequence ||
              rows.every(
                (row) =>
                  Math.min(row.sequence, bound.get(row.journal)!) <= cut.get(row.journal)! ||
                  cut.get(row.journal) === bound.get(row.journal),
              ),
          );
        });
      const cut = cutAt(journals, timeMs, bound);
      t.true(isGood(cut));
      for (const all of vectors([...bound])) {
        if (!isGood(all)) continue;
        for (const [name, sequence] of all) t.true(sequence <= cut.get(name)!);
      }
    }),
    { numRuns: 300 },
  );
});

function vectors(bound: readonly (readonly [JournalId, number])[]): Map<JournalId, number>[] {
  const [first, ...rest] = bound;
  if (first === undefined) return [new Map()];
  const below = vectors(rest);
  return Array.from({ length: first[1] + 1 }, (_, sequence) =>
    below.map((each) => new Map([[first[0], sequence], ...each])),
  ).flat();
}

test('times are read once, and what came since is read at the next question', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  nas.put('g', 'two');
  exchange(laptop, nas);
  const source = sourceOf(laptop, nas);
  const known = new BatchTimes(source);
  const slices = new Slices(createManualClock());
  let heard = 0;
  t.is(known.missing(vectorOf(laptop, nas)), 2);
  await known.read(vectorOf(laptop, nas), slices, () => heard++);
  t.deepEqual([heard, source.reads, known.missing(vectorOf(laptop, nas))], [2, 2, 0]);
  laptop.put('f', 'three');
  t.is(known.missing(vectorOf(laptop, nas)), 1);
  await known.read(vectorOf(laptop, nas), slices, () => heard++);
  t.deepEqual([heard, source.reads], [3, 3]);
  const cut = known.cutAt(laptop.nowMs - 1, vectorOf(laptop, nas));
  t.deepEqual([...cut.values()], [1, 1]);
  known.forget();
  t.is(known.missing(vectorOf(laptop, nas)), 3);
});
