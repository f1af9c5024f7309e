import test from 'ava';
import { Lamports, lamportLeapMax } from '../../../agent/namespace/lamport.ts';
import type { BatchOrder } from '../../../agent/namespace/records.ts';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { Dice } from '../../helpers/dice.ts';
import { countingLamports } from '../../helpers/namespace-oracle.ts';

const [a, b] = ['a', 'b'] as JournalId[] as [JournalId, JournalId];

test('what an honest device declares counts', (t) => {
  const lamports = new Lamports();
  t.is(lamports.add(a, { declared: 1, seen: [] }).order.lamport, 1);
  t.is(lamports.add(b, { declared: 2, seen: [{ journal: a, sequence: 1 }] }).order.lamport, 2);
  t.is(lamports.add(a, { declared: 3, seen: [{ journal: b, sequence: 1 }] }).order.lamport, 3);
  t.is(lamports.greatest(), 3);
});

test('a counter counts at most one more than what its batch depends on', (t) => {
  const lamports = new Lamports();
  t.is(lamports.add(a, { declared: 1000, seen: [] }).order.lamport, 1);
  t.is(
    lamports.add(a, { declared: 1, seen: [] }).order.lamport,
    2,
    'and at least one more than its predecessor',
  );
  t.is(lamports.greatest(), 2);
});

test('a counter is believed while a batch that was seen is unknown, but leaps only so far', (t) => {
  const lamports = new Lamports();
  const seen = [{ journal: b, sequence: 1 }];
  const { order } = lamports.add(a, { declared: Number.MAX_SAFE_INTEGER, seen });
  t.is(order.lamport, lamportLeapMax);
  const { changed } = lamports.add(b, { declared: 6, seen: [] });
  t.true(changed);
  t.is(order.lamport, 7, 'one more than what the other claims');
});

test('what counts depends on the set of batches alone', (t) => {
  for (let seed = 1; seed <= 1000; seed += 1) {
    const dice = new Dice(seed);
    const journals = ['a', 'b', 'c'].slice(0, dice.between(1, 3)) as JournalId[];
    const batches = journals.flatMap((journal) => randomJournal(dice, journal, journals));
    const lamports = new Lamports();
    const done: OpenedBatch[] = [];
    const orders = new Map<string, BatchOrder>();
    while (done.length < batches.length) {
      const left = batches.filter((batch) => !done.includes(batch));
      const { journal } = dice.pick(left).header;
      const next = left.find(({ header }) => header.journal === journal)!;
      done.push(next);
      const { order } = lamports.add(journal, {
        declared: next.body.lamport,
        seen: next.body.seen,
      });
      orders.set(`${journal}/${String(next.header.sequence)}`, order);
      const counts = new Map([...orders].map(([name, { lamport }]) => [name, lamport]));
      const expected = countingLamports(done);
      if ([...expected].some(([name, value]) => counts.get(name) !== value)) {
        t.fail(`seed ${String(seed)}`);
      }
    }
  }
  t.pass();
});

function randomJournal(dice: Dice, journal: JournalId, all: readonly JournalId[]): OpenedBatch[] {
  return Array.from({ length: dice.between(1, 7) }, (_, index) => {
    const seen = all
      .filter(() => dice.chance(0.5))
      .map((other) => ({ journal: other, sequence: dice.between(0, 9) }));
    const body = { lamport: dice.between(0, 20), seen };
    return { header: { journal, sequence: index + 1 }, body } as unknown as OpenedBatch;
  });
}
