/** The same folder once more: the second time is compared with the first. */
import { settleDisk } from '../measure/programs.ts';
import { must, ours, type Contestant, type Row, type RowContext } from '../measure/row.ts';
import { freshEachRound, secondsOf } from '../measure/session.ts';
import { smallLoad } from '../peers/load.ts';
import { openDevice, peervaultAbsence, type Device } from '../peers/peervault.ts';

const firstTime = 'the first time';

export const againSmall: Row = {
  name: 'again-small',
  title:
    'vault put -r of small files that are stored already; also with --checksum, no chunk twice',
  unit: 's',
  rounds: 3,
  goals: [must(0.1, firstTime)],
  contestants(context) {
    const first: number[] = [];
    return [storeTwice(context, first), firstOf(first)];
  },
};

function storeTwice(context: RowContext, first: number[]): Contestant {
  return {
    name: ours,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path } = await smallLoad(context)();
          const device = await openDevice(round);
          try {
            await settleDisk();
            first.push(await secondsOf(() => device.vault('put', '-r', path, '/')));
            const again = await secondsOf(() => device.vault('put', '-r', path, '/'));
            await mustStoreNothing(device, path);
            return again;
          } finally {
            await device.stop();
          }
        }),
      ),
  };
}

/**
 * Reads every byte again, and finds every chunk. Content of up to 4 KiB is no chunk: it travels with
 * the change that it belongs to, under a fresh salt.
 */
async function mustStoreNothing(device: Device, path: string): Promise<void> {
  const said = await device.vault('put', '-r', '--checksum', '--json', path, '/');
  const { chunksNew } = JSON.parse(said) as { chunksNew: number };
  if (chunksNew !== 0) throw new Error(`${String(chunksNew)} chunks were stored twice`);
}

/** What `storeTwice` took before; it has measured already when it is this one's turn. */
function firstOf(values: readonly number[]): Contestant {
  return {
    name: firstTime,
    absence: () => Promise.resolve(undefined),
    prepare: () =>
      Promise.resolve({
        measure(round) {
          const value = values[round];
          if (value === undefined) return Promise.reject(new Error('there was no first time'));
          return Promise.resolve(value);
        },
        close: () => Promise.resolve(),
      }),
  };
}
