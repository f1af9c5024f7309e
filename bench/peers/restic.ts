/** restic: an encrypted local repository, one backup. It syncs the files it writes. */
import { join } from 'node:path';
import { isInstalled, runProgram, settleDisk } from '../measure/programs.ts';
import type { Contestant } from '../measure/row.ts';
import { freshEachRound, secondsOf } from '../measure/session.ts';
import type { Load } from './load.ts';

export const restic = 'restic';

/** The rate of `restic backup` of a load into a new repository. */
export function resticBackup(load: Load): Contestant {
  return {
    name: restic,
    async absence() {
      if (await isInstalled('restic')) return undefined;
      return 'it is not installed: apt-get install restic';
    },
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const environment = {
            RESTIC_REPOSITORY: join(round, 'repository'),
            RESTIC_PASSWORD: 'benchmark',
            RESTIC_CACHE_DIR: join(round, 'cache'),
          };
          await runProgram(['restic', 'init', '--quiet'], { environment });
          await settleDisk();
          const words = ['restic', 'backup', '--quiet', path] as const;
          return amount / (await secondsOf(() => runProgram(words, { environment })));
        }),
      ),
  };
}
