import { mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Contestant, Row, RowContext } from '../../../bench/measure/row.ts';
import { runRow } from '../../../bench/measure/run-row.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const context: RowContext = {
  sizes: {
    scale: 1,
    largeBytes: 1,
    mountBytes: 1,
    smallFiles: 1,
    hugeBytes: 1,
    indexRecords: 1,
    treeFiles: 1,
    awayOps: 1,
    wideFiles: 1,
    soakMinutes: 1,
  },
  corpus: {
    large: () => Promise.reject(new Error()),
    small: () => Promise.reject(new Error()),
    tree: () => Promise.reject(new Error()),
    wide: () => Promise.reject(new Error()),
  },
};

function contestant(name: string, log: string[], measure: (round: number) => number): Contestant {
  return {
    name,
    absence: () => Promise.resolve(name === 'absent' ? 'it is not installed' : undefined),
    async prepare(directory) {
      log.push(`${name} prepares ${String((await readdir(directory)).length)}`);
      return {
        measure(round) {
          log.push(`${name} ${String(round)}`);
          return Promise.resolve().then(() => measure(round));
        },
        close() {
          log.push(`${name} closes`);
          return Promise.resolve();
        },
      };
    },
  };
}

function rowOf(contestants: readonly Contestant[]): Row {
  return {
    name: 'row',
    title: 'a row',
    unit: 'MB/s',
    rounds: 2,
    goals: [],
    contestants: () => contestants,
  };
}

test('contestants take turns, all are closed, and the directory goes', async (t) => {
  const parent = await temporaryDirectory(t);
  const directory = join(parent, 'row');
  await mkdir(directory);
  const log: string[] = [];
  const row = rowOf([contestant('a', log, () => 1), contestant('b', log, (round) => round)]);
  const options = { directory, rounds: undefined, without: [], onProgress: () => undefined };
  const { measured } = await runRow(row, context, options);
  t.deepEqual(log, [
    ...['a prepares 0', 'b prepares 0', 'a 0', 'b 0', 'a 1', 'b 1'],
    ...['a closes', 'b closes'],
  ]);
  t.deepEqual(
    measured.map(({ values }) => values),
    [
      [1, 1],
      [0, 1],
    ],
  );
  t.false(existsSync(directory));
});

test('one who fails in a round has no values at all, and the others go on', async (t) => {
  const directory = await temporaryDirectory(t);
  const log: string[] = [];
  const fails = contestant('a', log, (round) => {
    if (round === 1) throw new Error('it broke');
    return 1;
  });
  const row = rowOf([fails, contestant('b', log, () => 2)]);
  const options = { directory, rounds: 3, without: [], onProgress: () => undefined };
  const { measured } = await runRow(row, context, options);
  t.deepEqual(measured[0], { name: 'a', values: [], absence: 'it failed: it broke' });
  t.deepEqual(measured[1]?.values, [2, 2, 2]);
  t.false(log.includes('a 2'));
  t.true(log.includes('a closes'));
});

test('one who is absent or left out is never prepared', async (t) => {
  const directory = await temporaryDirectory(t);
  const log: string[] = [];
  const row = rowOf([contestant('absent', log, () => 1), contestant('c', log, () => 1)]);
  const options = { directory, rounds: 1, without: ['c'], onProgress: () => undefined };
  const { measured } = await runRow(row, context, options);
  t.deepEqual(log, []);
  t.deepEqual(
    measured.map(({ absence }) => absence),
    ['it is not installed', 'left out with --without'],
  );
});
