import test from 'ava';
import type { ControlClient } from '../../../protocol/control/client.ts';
import { createWatcher } from '../../../tui/agent/watcher.ts';
import type { Watch } from '../../../tui/views/view.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

function started(...shapes: readonly Omit<Watch, 'run'>[]) {
  const clock = createManualClock();
  const runs: string[] = [];
  const firsts: boolean[] = [];
  const watcher = createWatcher({ ...clock, emit: () => undefined });
  watcher.start(() => ({}) as ControlClient);
  const watches = shapes.map((watch): Watch => ({
    ...watch,
    run(_client, { first }) {
      runs.push(watch.key);
      firsts.push(first);
      return Promise.resolve();
    },
  }));
  watcher.follow(watches);
  return {
    watches,
    watcher,
    clock,
    firsts,
    /** Lets time pass in steps, and says what ran. */
    async pass(timeMs: number): Promise<readonly string[]> {
      const before = runs.length;
      await turn();
      for (let passedMs = 0; passedMs < timeMs; passedMs += 250) {
        clock.advance(250);
        await turn();
      }
      return runs.slice(before);
    },
    runs,
  };
}

/** What has begun ends. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const peers = { key: 'peers', watched: ['peers'], everyMs: 1000, after: () => true } as const;
const event = { time: '2026-11-21T07:00:00Z', type: 'peer-online', message: 'it is here' };

test('an agent that does not say what has changed is asked from time to time', async (t) => {
  const { pass, runs, watcher, firsts } = started(peers);
  t.deepEqual(runs, ['peers']);
  t.is((await pass(3000)).length, 3);
  t.deepEqual(firsts, [true, false, false, false]);
  watcher.hear(event);
  t.is((await pass(500)).length, 1);
});

test('an agent that has ceased to say what has changed is asked from time to time again', async (t) => {
  const once = { key: 'once' } as const;
  const { pass, watcher } = started(peers, once);
  watcher.changed([]);
  await pass(1000);
  t.deepEqual(await pass(3000), []);
  watcher.untold();
  t.deepEqual(await pass(3000), ['peers', 'peers', 'peers']);
});

test('of one that says it, only what has changed is asked for, and an idle console does nothing', async (t) => {
  const disk = { key: 'disk', watched: ['diskFree'], everyMs: 500 } as const;
  const { pass, watcher, clock } = started(peers, disk);
  watcher.changed([]);
  // Once: it may have changed before the agent began to say so.
  t.deepEqual([...(await pass(1000))].sort(), ['disk', 'peers']);
  t.is(clock.waiting, 0);
  t.deepEqual(await pass(10_000), []);
  watcher.hear(event);
  t.deepEqual(await pass(10_000), []);
  watcher.changed(['peers', 'transfers']);
  t.deepEqual(await pass(10_000), ['peers']);
  watcher.changed(['diskFree']);
  t.deepEqual(await pass(60_000), ['disk']);
});

test('after a new connection it is asked from time to time again, until it says so again', async (t) => {
  const { pass, watcher, watches } = started(peers);
  watcher.changed([]);
  await pass(1000);
  watcher.stop();
  watcher.start(() => ({}) as ControlClient);
  watcher.follow(watches);
  t.is((await pass(3000)).length, 3);
});
