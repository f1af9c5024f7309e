/**
 * `npm run bench`: ours beside the tools that people would use instead, on this machine, in this run.
 * Contestants take turns, round after round; medians are compared. It installs nothing and leaves
 * nothing behind. Ends with 1 when something that must be reached is not, or could not be measured.
 */
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseCommand, type Command } from './command-line.ts';
import { createCorpus } from './measure/corpus.ts';
import { endAllPrograms } from './measure/programs.ts';
import { formatResult, type RowResult } from './measure/report.ts';
import type { Row, RowContext, Sizes } from './measure/row.ts';
import { runRow } from './measure/run-row.ts';
import { rows } from './rows/all.ts';

const usage = `usage: npm run bench [-- ROW… --scale FACTOR --rounds N --without NAME --minutes N --json FILE --dir DIR]

  ROW       one or more of the rows below, or the first word of some (mount); all when none is named
  --scale   makes files smaller or larger than 1 GiB and 5,000 files (10 GiB for memory)
  --rounds  instead of the number of each row
  --without leaves a contestant out; may be repeated
  --minutes how long the memory of the console is watched (console-memory); 2 if not said
  --json    also writes every single value to a file
  --dir     where temporary files go: on the disk that is to be measured

What others need, once: npm ci --prefix bench
                        apt-get install restic borgbackup syncthing gocryptfs fio
`;
const temporaryFileSystem = 0x01021994;

async function main(words: readonly string[]): Promise<number> {
  const command = parseCommand(words);
  if (command.help) {
    process.stdout.write(`${usage}\nRows:\n${describeRows()}\n`);
    return 0;
  }
  const chosen = chooseRows(command.rows);
  const directory = await mkdtemp(join(command.directory, 'peervault-bench-'));
  const cleanUp = async (): Promise<void> => {
    await endAllPrograms();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  endWith(cleanUp);
  try {
    await sayWhere(directory, command);
    return await runAll(chosen, directory, command);
  } finally {
    await cleanUp();
  }
}

async function runAll(
  chosen: readonly Row[],
  directory: string,
  command: Command,
): Promise<number> {
  const sizes = sizesOf(command);
  const context: RowContext = { sizes, corpus: createCorpus(directory, sizes) };
  const results: RowResult[] = [];
  for (const row of chosen) {
    const { rounds, without } = command;
    const own = join(directory, row.name);
    const result = await runRow(row, context, {
      directory: own,
      rounds,
      without,
      onProgress: showProgress,
    });
    showProgress('');
    process.stdout.write(`\n${formatResult(result)}\n`);
    results.push(result);
  }
  if (command.json !== undefined) await writeResults(command.json, command, results);
  const missed = results
    .flatMap(({ verdicts }) => verdicts)
    .filter(({ level, result }) => level === 'must' && result !== 'PASS');
  return missed.length === 0 ? 0 : 1;
}

function sizesOf({ scale, minutes }: Command): Sizes {
  const gibibyte = 1024 ** 3;
  return {
    scale,
    largeBytes: Math.round(gibibyte * scale),
    mountBytes: Math.max(2 ** 20, Math.round((gibibyte / 2) * scale)),
    smallFiles: Math.max(1, Math.round(5000 * scale)),
    hugeBytes: Math.round(10 * gibibyte * scale),
    indexRecords: Math.max(1024, Math.round(1_000_000 * scale)),
    treeFiles: Math.max(20_000, Math.round(1_000_000 * scale)),
    awayOps: Math.max(1024, Math.round(100_000 * scale)),
    wideFiles: Math.max(1000, Math.round(100_000 * scale)),
    soakMinutes: minutes,
  };
}

function chooseRows(names: readonly string[]): readonly Row[] {
  const isMeant = (row: Row, name: string): boolean =>
    row.name === name || row.name.startsWith(`${name}-`);
  const unknown = names.find((name) => !rows.some((row) => isMeant(row, name)));
  if (unknown !== undefined)
    throw new Error(`there is no row ${unknown}; rows:\n${describeRows()}`);
  return names.length === 0 ? rows : rows.filter((row) => names.some((name) => isMeant(row, name)));
}

function describeRows(): string {
  return rows.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n');
}

async function sayWhere(directory: string, { scale }: Command): Promise<void> {
  const { type } = await statfs(directory);
  const processors = availableParallelism();
  process.stdout.write(
    `${String(processors)} processors, Node ${process.versions.node}, scale ${String(scale)}\n`,
  );
  if (type !== temporaryFileSystem) return;
  process.stdout.write(
    'the directory is in memory: no disk is measured; --dir names another one\n',
  );
}

async function writeResults(
  path: string,
  { scale }: Command,
  results: readonly RowResult[],
): Promise<void> {
  const plain = results.map(({ row: { name, title, unit }, measured, verdicts }) => ({
    ...{ name, title, unit },
    ...{ measured, verdicts },
  }));
  const report = { node: process.versions.node, processors: availableParallelism(), scale };
  await writeFile(path, `${JSON.stringify({ ...report, rows: plain }, null, 2)}\n`);
}

/** On a terminal only: one line that the next one replaces. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Interrupted, it cleans up as well. */
function endWith(cleanUp: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void cleanUp().finally(() => {
        process.exit(130);
      });
    });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
