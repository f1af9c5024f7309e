import test from 'ava';
import type { VerifiedBatch } from '../../../agent/journal/batch.ts';
import { Arrivals } from '../../../agent/vault/arrivals.ts';
import { JournalAuthor } from '../../helpers/journal-author.ts';
import { createManualClock, type ManualClock } from '../../helpers/manual-clock.ts';

function batches(count: number): VerifiedBatch[] {
  const author = new JournalAuthor(1);
  return Array.from({ length: count }, () => author.write([]));
}

/** Applying one takes so long. */
function slowly(clock: ManualClock, eachMs: number): { arrivals: Arrivals; taken: number[] } {
  const taken: number[] = [];
  const arrivals = new Arrivals(clock, (group) => {
    for (const { header } of group) taken.push(header.sequence);
    clock.advance(eachMs);
  });
  return { arrivals, taken };
}

test('a few batches are applied at once', (t) => {
  const { arrivals, taken } = slowly(createManualClock(), 0.1);
  arrivals.push(batches(5));
  t.deepEqual(taken, [1, 2, 3, 4, 5]);
});

test('many are applied in their order, and the event loop is free in between', async (t) => {
  const clock = createManualClock();
  const { arrivals, taken } = slowly(clock, 10);
  const all = batches(9);
  arrivals.push(all.slice(0, 5));
  t.deepEqual(taken, [1]);
  arrivals.push(all.slice(5));
  t.deepEqual(taken, [1], 'what comes later does not overtake');
  const idle = arrivals.idle();
  let turns = 0;
  for (; taken.length < 9; turns += 1) {
    await new Promise(setImmediate);
    clock.advance(0);
  }
  await idle;
  t.deepEqual(taken, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.true(turns >= 8);
});
