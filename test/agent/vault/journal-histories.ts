import test from 'ava';
import { runJournalHistories } from '../../helpers/journal-histories.ts';

// `npm run torture -- --only journals` runs many more.
test('homes come back from old backups, journals fork, branches are named: one tree, nothing lost', async (t) => {
  const counts = await runJournalHistories(1, 24);
  t.is(counts.histories, 24);
  for (const what of ['restored', 'restarts', 'forked', 'chosen', 'hidden'] as const) {
    t.true(counts[what] > 0, what);
  }
});
