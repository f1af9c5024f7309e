/** borg: an encrypted local repository, one archive. It syncs its segments at the end. */
import { join } from 'node:path';
import { isInstalled, runProgram, settleDisk } from '../measure/programs.ts';
import type { Contestant } from '../measure/row.ts';
import { freshEachRound, secondsOf } from '../measure/session.ts';
import type { Load } from './load.ts';

export const borg = 'borg';

/** The rate of `borg create` of a load into a new repository. */
export function borgCreate(load: Load): Contestant {
  return {
    name: borg,
    async absence() {
      if (await isInstalled('borg')) return undefined;
      return 'it is not installed: apt-get install borgbackup';
    },
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const environment = {
            BORG_REPO: join(round, 'repository'),
            BORG_PASSPHRASE: 'benchmark',
            BORG_BASE_DIR: round,
          };
          await runProgram(['borg', 'init', '--encryption', 'repokey-blake2'], { environment });
          await settleDisk();
          const words = ['borg', 'create', '::archive', path] as const;
          return amount / (await secondsOf(() => runProgram(words, { environment })));
        }),
      ),
  };
}
