/** Ours as a contestant of each row that has others. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mustBeSame, settleDisk } from '../measure/programs.ts';
import { ours, type Contestant } from '../measure/row.ts';
import { freshEachRound, secondsOf, waitUntil } from '../measure/session.ts';
import type { Load } from './load.ts';
import { openDevice, openPair, peervaultAbsence, waitForCopy, type Device } from './peervault.ts';

/** The rate of `vault put -r` of a load into a new vault, from the shell until it is durable. */
export function peervaultPut(load: Load): Contestant {
  return {
    name: ours,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const device = await openDevice(round);
          try {
            await settleDisk();
            const seconds = await secondsOf(() => device.vault('put', '-r', path, 'load'));
            await mustComeBack(device, { path, directory: round });
            return amount / seconds;
          } finally {
            await device.stop();
          }
        }),
      ),
  };
}

/** The rate of `vault get` of a large file into a file, from the shell. */
export function peervaultGet(load: Load): Contestant {
  return {
    name: ours,
    absence: peervaultAbsence,
    async prepare(directory) {
      const { path, amount } = await load();
      const device = await openDevice(directory);
      const target = join(directory, 'target');
      await device.vault('put', path, 'load');
      return {
        async measure() {
          await settleDisk();
          const seconds = await secondsOf(() => device.vault('get', 'load', target));
          await mustBeSame(path, target);
          await rm(target);
          return amount / seconds;
        },
        close: () => device.stop(),
      };
    },
  };
}

/** The rate of copying what one device holds to another, from the moment it learns the address. */
export function peervaultReplicate(load: Load): Contestant {
  return {
    name: ours,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const devices = await openStrangers(round);
          const [source, copy] = devices;
          try {
            await source.vault('put', '-r', path, 'load');
            await settleDisk();
            const seconds = await secondsOf(async () => {
              await copy.vault('peers', 'add', source.listening);
              await waitForCopy(source, copy);
            });
            await mustComeBack(copy, { path, directory: round });
            return amount / seconds;
          } finally {
            await stopAll(devices);
          }
        }),
      ),
  };
}

/** The rate from the start of `vault put -r` until the other, connected device has everything. */
export function peervaultSync(load: Load): Contestant {
  return {
    name: ours,
    absence: peervaultAbsence,
    prepare: (directory) =>
      Promise.resolve(
        freshEachRound(directory, async (round) => {
          const { path, amount } = await load();
          const devices = await openPair(round);
          const [source, copy] = devices;
          try {
            await settleDisk();
            const seconds = await secondsOf(async () => {
              await source.vault('put', '-r', path, 'load');
              await waitForCopy(source, copy);
            });
            await mustComeBack(copy, { path, directory: round });
            return amount / seconds;
          } finally {
            await stopAll(devices);
          }
        }),
      ),
  };
}

/** Two running devices of one vault that do not know where the other one listens now. */
async function openStrangers(directory: string): Promise<readonly [Device, Device]> {
  const [source, copy] = await openPair(directory);
  await copy.stop();
  await source.stop();
  // Where each was before, the other one would look for it.
  for (const device of [source, copy]) device.address = '127.0.0.2:0';
  await source.start();
  await copy.start();
  await waitUntil('the devices are up', async () => (await copy.status()).peersOnline === 0);
  return [source, copy];
}

/** A fast way to the wrong bytes is no result. */
async function mustComeBack(
  device: Device,
  { path, directory }: { readonly path: string; readonly directory: string },
): Promise<void> {
  const target = join(directory, 'back');
  await device.vault('get', '-r', 'load', target);
  await mustBeSame(path, target);
}

async function stopAll(devices: readonly Device[]): Promise<void> {
  await Promise.all(devices.map((device) => device.stop()));
}
