/** The short form of `npm run torture -- --only console`: the heap of a console in use stays where it is. */
import test from 'ava';
import { runConsoleSoak } from '../../torture/console-soak.ts';

test('a console that is used while another device is busy keeps its heap', async (t) => {
  t.timeout(300_000);
  const { summary, problems } = await runConsoleSoak({ minutes: 0.2, warmUpSeconds: 8 });
  t.deepEqual(problems, [], summary);
});
