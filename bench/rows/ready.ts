import { runProgram } from '../measure/programs.ts';
import { limit, ours, type Contestant, type Row, type RowContext } from '../measure/row.ts';
import { secondsOf } from '../measure/session.ts';
import { smallLoad } from '../peers/load.ts';
import { Device, peervaultAbsence } from '../peers/peervault.ts';

export const ready: Row = {
  name: 'ready',
  title:
    'vaultd start until its ready line, on a new vault; for comparison on one with small files, and the ' +
    'runtime alone, of which a start takes two one after the other',
  unit: 'ms',
  rounds: 7,
  goals: [limit(800)],
  contestants: (context) => [
    starts(context, ours, false),
    starts(context, 'with files', true),
    emptyRuntime,
  ],
};

function starts(context: RowContext, name: string, withFiles: boolean): Contestant {
  return {
    name,
    absence: peervaultAbsence,
    async prepare(directory) {
      const device = new Device(directory, 'a');
      await device.init();
      if (withFiles) {
        await device.start();
        await device.vault('put', '-r', (await smallLoad(context)()).path, 'load');
        await device.stop();
      }
      return {
        async measure() {
          const seconds = await secondsOf(() => device.start());
          await device.stop();
          return seconds * 1000;
        },
        close: () => device.stop(),
      };
    },
  };
}

/** Says how fast the machine is at what nobody can do without. */
const emptyRuntime: Contestant = {
  name: 'empty Node process',
  absence: () => Promise.resolve(undefined),
  prepare: () =>
    Promise.resolve({
      async measure() {
        return 1000 * (await secondsOf(() => runProgram([process.execPath, '--eval', '0'])));
      },
      close: () => Promise.resolve(),
    }),
};
