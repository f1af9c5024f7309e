import test from 'ava';
import { playHostileBatches } from '../../helpers/hostile-batches.ts';

// `npm run torture -- --only batches` sends 100,000.
test('batches that were changed, forged or dated back change nothing that anybody sees', async (t) => {
  const { mutated, forged, hidden } = await playHostileBatches(1, { count: 1_500 });
  t.true(mutated > 500 && forged > 500, `${String(mutated)} and ${String(forged)}`);
  t.true(hidden > 20, `${String(hidden)} were filed beyond a cut-off`);
});

test('a batch of somebody who may write is noticed', async (t) => {
  await t.throwsAsync(playHostileBatches(1, { count: 100, isControl: true }), {
    message: /changed by one of the last/,
  });
});
