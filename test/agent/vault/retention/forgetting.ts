/** How much of what folding left is released beside what rules let go. */
import test from 'ava';
import { createTree } from '../../../../agent/namespace/tree.ts';
import { Forgetting, type ForgettingParts } from '../../../../agent/vault/retention/forgetting.ts';
import { members as limits } from '../../../../protocol/limits.ts';
import type { ChunkId } from '../../../../protocol/ids.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';

/**
 * A vault without versions.
 * @param free how many releases the log of members still takes
 * @param pages so many of what is found are pages of an earlier state
 */
function forgettingOf(free: number, found: number, pages = 0) {
  const done: string[] = [];
  const left = Array.from({ length: found }, (_, at): [ChunkId, number] => [
    at.toString(16).padStart(64, '0') as ChunkId,
    700,
  ]);
  const issue = (_: unknown, { chunks }: { readonly chunks: readonly ChunkId[] }) => {
    done.push(`released ${String(chunks.length)}`);
    return { statement: { id: String(done.length) } };
  };
  const parts = {
    ...{ tree: createTree({ deviceName: () => 'laptop' }), clock: createManualClock() },
    ...{ source: { tips: () => [] }, issuing: { key: () => undefined }, isReleased: () => false },
    leftOver: { find: () => Promise.resolve(new Map(left)), released: () => done.push('all') },
    members: {
      current: () => ({
        releases: Array.from({ length: limits.releasesMax - free }),
        folds: [{ pages: left.slice(0, pages).map(([id]) => ({ id })) }],
      }),
      issue: (sign: (log: unknown) => unknown) => Promise.resolve(sign({ issue })),
    },
    onForgotten: () => undefined,
  } as unknown as ForgettingParts;
  return { forgetting: new Forgetting(parts), done };
}

test('all that folding left is released while there is room', async (t) => {
  const { forgetting, done } = forgettingOf(limits.releasesMax, 1_500);
  const { leftChunks, releases } = await forgetting.forget([]);
  t.is(leftChunks, 1_500);
  t.is(releases.length, 2);
  t.deepEqual(done, ['released 1024', 'released 476', 'all']);
});

test('releases are kept for what rules let go: the rest of what folding left stays due', async (t) => {
  const kept = limits.releasesMax / 8;
  const { forgetting, done } = forgettingOf(kept + 1, 1_500);
  t.is((await forgetting.forget([])).leftChunks, 1_024);
  t.deepEqual(done, ['released 1024']);
});

test('a log of members without room for it keeps nobody from letting go', async (t) => {
  for (const free of [0, 1, limits.releasesMax / 8]) {
    const { forgetting, done } = forgettingOf(free, 1_500);
    const { leftChunks, bytes } = await forgetting.forget([]);
    t.is(leftChunks, 0);
    t.is(bytes, 0);
    t.deepEqual(done, []);
  }
});

test('pages of earlier states go in releases of their own: some devices agree to them late', async (t) => {
  const { forgetting, done } = forgettingOf(limits.releasesMax, 1_500, 300);
  t.is((await forgetting.forget([])).leftChunks, 1_500);
  t.deepEqual(done, ['released 1024', 'released 176', 'released 300', 'all']);
  const short = forgettingOf(limits.releasesMax / 8 + 1, 1_500, 1_300);
  t.is((await short.forgetting.forget([])).leftChunks, 200);
  t.deepEqual(short.done, ['released 200'], 'pages wait for the next time');
});
