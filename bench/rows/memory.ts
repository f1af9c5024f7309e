/** The most memory that any of two agents ever had while a very large file passed through both. */
import { statfs } from 'node:fs/promises';
import { randomPieces } from '../measure/corpus.ts';
import { peakBytesOf } from '../measure/memory.ts';
import { limit, ours, type Row } from '../measure/row.ts';
import { freshEachRound } from '../measure/session.ts';
import { openPair, peervaultAbsence, waitForCopy } from '../peers/peervault.ts';

/** Two devices, and room to breathe. */
const spaceFactor = 2.5;

export const memory: Row = {
  name: 'memory',
  title: 'most memory of an agent while a very large file is put, replicated and read back',
  unit: 'MB',
  rounds: 1,
  goals: [limit(350)],
  contestants: ({ sizes: { hugeBytes } }) => [
    {
      name: ours,
      absence: peervaultAbsence,
      async prepare(directory) {
        await mustHaveSpace(directory, hugeBytes * spaceFactor);
        return freshEachRound(directory, (round) => peakWhilePassing(round, hugeBytes));
      },
    },
  ],
};

async function mustHaveSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= bytes) return;
  throw new Error(`it needs ${(bytes / 1e9).toFixed(1)} GB of free space; use --scale or --dir`);
}

async function peakWhilePassing(directory: string, bytes: number): Promise<number> {
  const devices = await openPair(directory);
  const [source, copy] = devices;
  try {
    await source.run('vault', ['put', '-', 'huge'], { input: randomPieces(bytes) });
    await waitForCopy(source, copy);
    await copy.run('vault', ['cat', 'huge'], { discardOutput: true });
    const peaks = await Promise.all(
      devices.map(async (device) => peakBytesOf((await device.status()).pid)),
    );
    return Math.max(...peaks) / 1e6;
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
  }
}
