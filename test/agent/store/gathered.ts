import test from 'ava';
import fc from 'fast-check';
import { createGathered } from '../../../agent/store/gathered.ts';
import { createSerialQueue } from '../../../agent/store/serial-queue.ts';
import { MiB } from '../../../protocol/limits.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

interface Asked {
  readonly at: number;
  readonly bytes: number;
  readonly fails: boolean;
}

test('everything is done once, in order, in groups that end when they have enough', async (t) => {
  const request = fc.record({
    bytes: fc.nat(8 * MiB),
    pause: fc.nat(6),
    fails: fc.nat(9).map((number) => number === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
      const groups: Asked[][] = [];
      const ask = createGathered({
        inOrder: createSerialQueue(),
        bytesOf: ({ bytes }: Asked) => bytes,
        run: async (group: readonly Asked[]) => {
          groups.push([...group]);
          await turns(10);
          if (group.some(({ fails }) => fails)) throw new Error('it fails');
          return group.map(({ at }) => at);
        },
      });
      const asked: Promise<unknown>[] = [];
      for (const [at, { pause, ...rest }] of requests.entries()) {
        asked.push(ask({ at, ...rest }).catch(() => 'failed'));
        await turns(pause);
      }
      const results = await Promise.all(asked);
      t.deepEqual(
        groups.flat().map(({ at }) => at),
        requests.map((_, at) => at),
      );
      for (const group of groups) {
        const expected = (at: number) => (group.some(({ fails }) => fails) ? 'failed' : at);
        for (const { at } of group) t.is(results[at], expected(at));
        const before = group.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
        t.true(before < 12 * MiB, 'it had enough before');
      }
    }),
  );
});

test('what comes while a group is at work waits together', async (t) => {
  const sizes: number[] = [];
  const ask = createGathered({
    inOrder: createSerialQueue(),
    bytesOf: () => 1,
    run: async (group: readonly number[]) => {
      sizes.push(group.length);
      await turns(50);
      return group;
    },
  });
  const first = ask(0);
  await turns(5);
  await Promise.all([first, ...[1, 2, 3, 4].map((number) => ask(number))]);
  t.deepEqual(sizes, [1, 4]);
});
