import test from 'ava';
import type { Op } from '../../../protocol/messages/op.ts';
import { runHistories } from '../../helpers/namespace-histories.ts';

const kinds: readonly Op['type'][] = [
  ...(['make', 'write', 'set-attributes', 'link', 'move', 'unlink', 'remove-directory'] as const),
  ...(['take-snapshot', 'drop-snapshot', 'note'] as const),
];

// `npm run torture -- --histories 20000` runs many more; a failure names the seed, which replays alone.
test('whatever the history and the order of delivery, every tree is the one of naive replay', async (t) => {
  const counts = await runHistories({ seed: 1, count: 200 });
  t.is(counts.histories, 200);
  t.true(counts.conflicts > 100, 'the histories hold conflicts worth the name');
  for (const what of ['partitions', 'restarts', 'restored'] as const) {
    t.true(counts[what] > 20, `${what}: ${String(counts[what])}`);
  }
  for (const kind of kinds) t.true((counts.kinds.get(kind) ?? 0) > 20, kind);
});
