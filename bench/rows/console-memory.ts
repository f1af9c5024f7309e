/** Whether the memory of the console stays where it is while all of it is used. */
import { readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withScope } from '../../test/helpers/scope.ts';
import { limit, ours, type Row } from '../measure/row.ts';
import { riseOf } from '../measure/series.ts';
import { freshEachRound, waitUntil } from '../measure/session.ts';
import {
  large,
  passed,
  startBusyAgent,
  withConsole,
  type RunningConsole,
} from '../peers/console.ts';
import { peervaultAbsence } from '../peers/peervault.ts';

const probe = join(import.meta.dirname, '..', '..', 'test', 'helpers', 'console-heap.mjs');
/** Until its lists are as long as they get: the events of four seconds, and some samples. */
const warmUpMs = 20_000;
const sampleMs = 5000;
const lookMs = 250;

export const consoleMemory: Row = {
  name: 'console-memory',
  title:
    'how much the heap of the console grows, garbage aside, under 500 events a second, views in turn',
  unit: 'MB',
  rounds: 1,
  goals: [limit(1)],
  contestants: ({ sizes }) => [
    {
      name: ours,
      absence: peervaultAbsence,
      prepare: (directory) =>
        Promise.resolve(
          freshEachRound(directory, (own) => growth(own, sizes.soakMinutes * 60_000)),
        ),
    },
  ],
};

function growth(directory: string, soakMs: number): Promise<number> {
  return withScope(async (scope) => {
    const { socketPath } = await startBusyAgent(scope, directory);
    const file = join(directory, 'heap');
    const environment = { NODE_OPTIONS: `--import=${probe}`, HEAP_FILE: file };
    return withConsole({ socketPath, size: large, environment }, async (shown) => {
      await use(shown, warmUpMs);
      const values: number[] = [];
      for (let passedMs = 0; passedMs < soakMs; passedMs += sampleMs) {
        await use(shown, sampleMs);
        values.push(await heapBytes(shown, file));
      }
      return riseOf(values) / 1e6;
    });
  });
}

/** Somebody looks at one view after the other, and into the help. */
async function use({ terminal }: RunningConsole, durationMs: number): Promise<void> {
  const keys = ['1', '2', '3', '4', '5', '6', '7', '?', '\u001b'];
  for (let at = 0; at * lookMs < durationMs; at++) {
    terminal.send(keys[at % keys.length] ?? '1');
    await passed(lookMs);
  }
}

async function heapBytes(shown: RunningConsole, file: string): Promise<number> {
  await rm(file, { force: true });
  const [, child] = await shown.pids();
  if (child === undefined) throw new Error('the console has no process of its own');
  process.kill(child, 'SIGUSR2');
  await waitUntil('it tells its heap', () => Promise.resolve(existsSync(file)), {
    timeoutMs: 20_000,
  });
  return Number(await readFile(file, 'utf8'));
}
