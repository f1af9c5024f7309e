import test from 'ava';
import { runHistories } from '../../helpers/namespace-histories.ts';

// `npm run torture` runs many more; a failure names the seed, which replays alone.
test('whatever the history and the order of delivery, every tree is the one of naive replay', (t) => {
  const counts = runHistories({ seed: 1, count: 300 });
  t.is(counts.histories, 300);
  t.true(counts.conflicts > 100, 'the histories hold conflicts worth the name');
});
