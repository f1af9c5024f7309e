import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import { limit, ours, type Row } from '../measure/row.ts';
import { runProgram } from '../measure/programs.ts';
import { secondsOf } from '../measure/session.ts';
import { openDevice, peervaultAbsence } from '../peers/peervault.ts';

const files = 10;

export const ls: Row = {
  name: 'ls',
  title:
    'vault ls of a directory of ten files, from the shell; for comparison an empty Node program',
  unit: 'ms',
  rounds: 11,
  goals: [limit(200)],
  contestants: () => [
    {
      name: ours,
      absence: peervaultAbsence,
      async prepare(directory) {
        const device = await openDevice(directory);
        const folder = join(directory, 'ten');
        await mkdir(folder);
        for (let number = 0; number < files; number++) {
          await writeFile(join(folder, `file-${String(number)}`), String(number));
        }
        await device.vault('put', '-r', folder, 'ten');
        return {
          async measure() {
            let said = '';
            const seconds = await secondsOf(async () => {
              said = await device.vault('ls', 'ten');
            });
            if (said.trim().split(/\s+/).length < files) throw new Error(`it said: ${said}`);
            return seconds * 1000;
          },
          close: () => device.stop(),
        };
      },
    },
    {
      name: 'empty program',
      absence: () => Promise.resolve(undefined),
      prepare: () =>
        Promise.resolve({
          measure: async () =>
            1000 * (await secondsOf(() => runProgram([process.execPath, '-e', '0']))),
          close: () => Promise.resolve(),
        }),
    },
  ],
};
