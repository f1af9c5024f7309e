/** A device that was away comes back with many operations: how fast the others show them. */
import { fillTree } from '../measure/corpus.ts';
import { cpuSecondsOf } from '../measure/memory.ts';
import { ours, type Contestant, type Row } from '../measure/row.ts';
import { freshEachRound, secondsOf, waitUntil } from '../measure/session.ts';
import { openPair, peervaultAbsence, type Device } from '../peers/peervault.ts';

/** An agent that took less of a processor in so long is idle. */
const idleEveryMs = 1_000;
const idleSeconds = 0.05;

export const mergeAway: Row = {
  name: 'merge-away',
  title:
    '100,000 operations of a device that was away, from its ready line until another shows them',
  unit: 'ops/s',
  rounds: 3,
  goals: [{ level: 'must', anyOf: [{ kind: 'limit', value: 20_000 }] }],
  contestants: ({ sizes: { awayOps } }) => [
    merges(ours, awayOps, (_, seconds) => seconds),
    merges('per second of work', awayOps, (work) => work),
  ],
};

function merges(
  name: string,
  ops: number,
  secondsFor: (workSeconds: number, seconds: number) => number,
): Contestant {
  return {
    name,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const pair = await openPair(round);
          try {
            const { work, seconds } = await mergeOnce(pair, ops);
            return ops / secondsFor(work, seconds);
          } finally {
            await Promise.all(pair.map((device) => device.stop()));
          }
        }),
      ),
  };
}

async function mergeOnce(
  [here, away]: readonly [Device, Device],
  ops: number,
): Promise<{ readonly work: number; readonly seconds: number }> {
  await away.stop();
  await fillTree(away.home, ops);
  await here.stop();
  await digest(away);
  await here.start();
  const { pid } = await here.status();
  const before = await cpuSecondsOf(pid);
  await away.start();
  // Not `status`: its hash of all that changed would be much of what is measured.
  const filesShown = async (): Promise<number> =>
    (await here.ask((client) => client.diskFree())).files;
  const seconds = await secondsOf(() =>
    waitUntil('everything is shown', async () => (await filesShown()) === ops, { everyMs: 25 }),
  );
  return { work: (await cpuSecondsOf(pid)) - before, seconds };
}

/** The agent of a device that is away has seen what was done there: it runs until it has nothing left to do. */
async function digest(device: Device): Promise<void> {
  await device.start();
  const { pid } = await device.status();
  let last = 0;
  await waitUntil(
    'the agent of the device that is away is idle',
    async () => {
      const now = await cpuSecondsOf(pid);
      const isIdle = now - last < idleSeconds;
      last = now;
      return isIdle;
    },
    { everyMs: idleEveryMs },
  );
  await device.stop();
}
