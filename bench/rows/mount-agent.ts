/** What a mount costs the machine, and how fast what another device has comes through it. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { randomPieces } from '../measure/corpus.ts';
import { cpuSecondsOf, peakBytesOf } from '../measure/memory.ts';
import { dropCaches } from '../measure/programs.ts';
import { limit, ours, type Contestant, type Row, type RowContext } from '../measure/row.ts';
import { freshEachRound, secondsOf, waitUntil } from '../measure/session.ts';
import { mountDevice, untilIdle, whyNoMount, type MountedDevice } from '../peers/folders.ts';
import { Device, peervaultAbsence } from '../peers/peervault.ts';

const idleSeconds = 10;

const mountRemote: Row = {
  name: 'mount-remote',
  title:
    'a large file that only another device on loopback has is read in a mount for the first time',
  unit: 'MB/s',
  rounds: 3,
  goals: [limit(200)],
  contestants: (context) => [alone((directory) => readElsewhere(directory, context))],
};

const mountMemory: Row = {
  name: 'mount-memory',
  title: 'most memory of the agent while a very large file is written through its mount',
  unit: 'MB',
  rounds: 1,
  goals: [limit(500)],
  contestants: ({ sizes }) => [
    alone(async (directory) => {
      const mounted = await newMount(directory);
      try {
        const file = await open(join(mounted.path, 'huge'), 'wx');
        for await (const piece of randomPieces(sizes.hugeBytes)) await file.writeFile(piece);
        await file.close();
        const { pid } = await mounted.device.status();
        await untilIdle(pid);
        return (await peakBytesOf(pid)) / 1e6;
      } finally {
        await mounted.close();
      }
    }),
  ],
};

const mountIdle: Row = {
  name: 'mount-idle',
  title: `work of an agent whose mount nobody uses, in ${String(idleSeconds)} seconds`,
  unit: 'ms',
  rounds: 1,
  // A clock tick or two of ten milliseconds.
  goals: [limit(20)],
  contestants: () => [
    alone(async (directory) => {
      const mounted = await newMount(directory);
      try {
        const { pid } = await mounted.device.status();
        await untilIdle(pid);
        const before = await cpuSecondsOf(pid);
        await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
        return ((await cpuSecondsOf(pid)) - before) * 1000;
      } finally {
        await mounted.close();
      }
    }),
  ],
};

export const mountAgent: readonly Row[] = [mountRemote, mountMemory, mountIdle];

function alone(measure: (directory: string) => Promise<number>): Contestant {
  return {
    name: ours,
    absence: async () => (await peervaultAbsence()) ?? whyNoMount(),
    prepare: (directory) => Promise.resolve(freshEachRound(directory, measure)),
  };
}

async function newMount(directory: string): Promise<MountedDevice> {
  const device = new Device(directory, 'a');
  await device.init();
  return mountDevice(device, directory);
}

async function readElsewhere(directory: string, { corpus, sizes }: RowContext): Promise<number> {
  const source = new Device(directory, 'source');
  await source.init();
  await source.start();
  const reader = new Device(directory, 'reader');
  await reader.join(await source.invite());
  const large = await corpus.large();
  const wanted = await hashOf(large);
  await source.vault('put', large, 'large');
  await dropCaches();
  // From here on it also fetches by itself; who reads does not wait for that.
  const mounted = await mountDevice(reader, directory);
  try {
    const path = join(mounted.path, 'large');
    await waitUntil('the name is there', () => Promise.resolve(existsSync(path)), { everyMs: 5 });
    let found = '';
    const seconds = await secondsOf(async () => {
      found = await hashOf(path);
    });
    if (found !== wanted) throw new Error('it read other bytes');
    return sizes.largeBytes / 1e6 / seconds;
  } finally {
    await mounted.close();
    await source.stop();
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
