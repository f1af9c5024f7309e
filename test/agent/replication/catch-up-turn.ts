import test from 'ava';
import { CatchUpTurns, type Turn } from '../../../agent/replication/catch-up-turn.ts';
import { SimClock } from '../../simulation/world/sim-clock.ts';

async function two(): Promise<{ clock: SimClock; first: Turn; second: () => Turn | undefined }> {
  const clock = new SimClock();
  const turns = new CatchUpTurns(clock);
  const first = await turns.enter();
  let second: Turn | undefined;
  void turns.enter().then((turn) => (second = turn));
  await clock.advance(1);
  return { clock, first, second: () => second };
}

test('One has the turn until it leaves', async (t) => {
  const { clock, first, second } = await two();
  t.is(second(), undefined);
  first.leave();
  first.leave();
  await clock.advance(0);
  t.truthy(second());
});

test('A turn without progress is passed on, one with progress is not', async (t) => {
  const { clock, first, second } = await two();
  await clock.advance(2_900);
  first.progress();
  await clock.advance(2_900);
  t.is(second(), undefined);
  await clock.advance(200);
  t.truthy(second());
  first.leave();
  first.progress();
});
