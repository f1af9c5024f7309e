/** A device that was away comes back with many operations: how fast the others show them. */
import { fillTree } from '../measure/corpus.ts';
import { cpuSecondsOf } from '../measure/memory.ts';
import { ours, type Contestant, type Row } from '../measure/row.ts';
import { freshEachRound, secondsOf, waitUntil } from '../measure/session.ts';
import { openPair, peervaultAbsence, type Device } from '../peers/peervault.ts';

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
  const { pid } = await here.status();
  const before = await cpuSecondsOf(pid);
  await away.start();
  // Not `status`: its hash of all that changed would be much of what is measured.
  const filesShown = async (): Promise<number> =>
    (await here.ask((client) => client.diskFree())).files;
  const seconds = await secondsOf(() =>
    waitUntil('everything is shown', async () => (await filesShown()) === ops, { everyMs: 10 }),
  );
  return { work: (await cpuSecondsOf(pid)) - before, seconds };
}
