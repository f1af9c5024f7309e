/** Hyperdrive, in processes of its own that take their own time: their start costs it nothing. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, settleDisk, startProgram } from '../measure/programs.ts';
import type { Contestant } from '../measure/row.ts';
import { freshEachRound } from '../measure/session.ts';
import type { Load } from './load.ts';

export const hyperdrive = 'hyperdrive';

const folder = import.meta.dirname;

/** The rate of storing a load in a new drive. It syncs nothing to the medium. */
export function hyperdrivePut(load: Load): Contestant {
  return {
    name: hyperdrive,
    absence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          await settleDisk();
          return amount / (await run('put', join(round, 'store'), path));
        }),
      ),
  };
}

/** The rate of reading a large file into a file. */
export function hyperdriveGet(load: Load): Contestant {
  return {
    name: hyperdrive,
    absence,
    async prepare(directory) {
      const { path, amount } = await load();
      const store = join(directory, 'store');
      const target = join(directory, 'target');
      await run('put', store, path);
      return {
        async measure() {
          await settleDisk();
          const seconds = await run('get', store, target);
          await rm(target);
          return amount / seconds;
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

/** The rate of copying a drive to a new store over loopback, from the connection on. */
export function hyperdriveReplicate(load: Load): Contestant {
  return {
    name: hyperdrive,
    absence,
    async prepare(directory) {
      const { path, amount } = await load();
      const store = join(directory, 'store');
      await run('put', store, path);
      const server = startProgram([process.execPath, script('serve'), store]);
      const [, port = '', key = ''] = await server.line(/port=(\d+) key=(\w+)/);
      const rounds = freshEachRound(directory, async (round) => {
        await settleDisk();
        return amount / (await run('fetch', join(round, 'store'), port, key));
      });
      return { measure: (round) => rounds.measure(round), close: () => server.stop() };
    },
  };
}

function absence(): Promise<string | undefined> {
  const installed = existsSync(join(folder, '..', 'node_modules', 'hyperdrive'));
  return Promise.resolve(installed ? undefined : 'it is not installed: npm ci --prefix bench');
}

async function run(job: 'put' | 'get' | 'fetch', ...words: string[]): Promise<number> {
  const said = await runProgram([process.execPath, script(job), ...words]);
  return (JSON.parse(said) as { seconds: number }).seconds;
}

function script(job: string): string {
  return join(folder, `hyperdrive-${job}.mjs`);
}
