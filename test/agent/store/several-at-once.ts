import test from 'ava';
import fc from 'fast-check';
import { severalAtOnce } from '../../../agent/store/several-at-once.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

test('results come in order, never too many at a time, and what waits for `before` runs in order', async (t) => {
  const durations = fc.array(fc.nat(30), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(durations, fc.integer({ min: 1, max: 9 }), async (items, width) => {
      let running = 0;
      let most = 0;
      const inOrder: number[] = [];
      const indices = items.map((_, at) => at);
      const results = await severalAtOnce(indices, width, async (at, before) => {
        most = Math.max(most, (running += 1));
        await turns(items[at]!);
        await before;
        inOrder.push(at);
        await turns(items[at]!);
        running -= 1;
        return at * 2;
      });
      t.deepEqual(
        results,
        indices.map((at) => at * 2),
      );
      t.deepEqual(inOrder, indices);
      t.is(most, Math.min(width, items.length));
    }),
    { numRuns: 100 },
  );
});

test('after a failure nothing begins, what had begun ends, and later ones are not held up', async (t) => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number, before: Promise<void>): Promise<void> => {
    begun.push(item);
    await turns(item === 1 ? 1 : 20);
    if (item === 1) throw new Error('the second one');
    await before;
    ended.push(item);
  };
  await t.throwsAsync(severalAtOnce([0, 1, 2, 3, 4, 5], 3, work), { message: 'the second one' });
  t.deepEqual(begun, [0, 1, 2]);
  t.deepEqual(ended, [0, 2]);
});
