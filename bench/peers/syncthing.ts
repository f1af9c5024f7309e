/** Syncthing between two instances on this machine. It syncs each file before it names it. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstalled, settleDisk } from '../measure/programs.ts';
import type { Contestant } from '../measure/row.ts';
import { freshEachRound, secondsOf, waitUntil } from '../measure/session.ts';
import type { Load } from './load.ts';
import { SyncthingInstance } from './syncthing-instance.ts';

export const syncthing = 'syncthing';

/**
 * The rate of copying a load to the other instance.
 * @param from `scan`: both are connected, and the clock starts with the scan that finds the load;
 * `connection`: the load is scanned already, and the clock starts when the two may connect
 */
export function syncthingCopy(load: Load, from: 'scan' | 'connection'): Contestant {
  return {
    name: syncthing,
    async absence() {
      if (await isInstalled('syncthing')) return undefined;
      return 'it is not installed: apt-get install syncthing';
    },
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const pair = await startPair(round);
          const [source, copy] = pair;
          try {
            if (from === 'scan') await connect(pair);
            await cp(path, join(source.folder, 'load'), { recursive: true });
            if (from === 'connection') await source.scan();
            await settleDisk();
            const seconds = await secondsOf(async () => {
              if (from === 'scan') await source.scan();
              else await connect(pair);
              await waitForCopy(source, copy);
            });
            return amount / seconds;
          } finally {
            await Promise.all(pair.map((each) => each.stop()));
          }
        }),
      ),
  };
}

type Pair = readonly [SyncthingInstance, SyncthingInstance];

async function startPair(directory: string): Promise<Pair> {
  const source = new SyncthingInstance(directory, 'a');
  const copy = new SyncthingInstance(directory, 'b');
  await source.generate();
  await copy.generate();
  await source.start(copy);
  await copy.start(source);
  return [source, copy];
}

async function connect([source, copy]: Pair): Promise<void> {
  await source.resume(copy);
  await copy.resume(source);
  await waitUntil('the two connect', () => copy.isConnectedTo(source), { everyMs: 20 });
}

async function waitForCopy(source: SyncthingInstance, copy: SyncthingInstance): Promise<void> {
  const { localFiles } = await source.status();
  await waitUntil(
    'the copy is complete',
    async () => {
      const status = await copy.status();
      return (
        status.state === 'idle' && status.localFiles === localFiles && status.needTotalItems === 0
      );
    },
    { everyMs: 50 },
  );
}
