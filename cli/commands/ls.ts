/** `vault ls`: what is in directories. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { escapeBytes, escapeNames } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { entryJson, joinPath, nameOf } from '../output/entry-row.ts';
import { formatBytes, formatLocalTime, formatMode } from '../output/format.ts';
import { sameVersion } from '../output/failure.ts';
import { openJsonList } from '../output/json-list.ts';
import { alignedLines, gridLines } from '../output/table.ts';
import { flag } from '../parse/command-line.ts';
import { clientAt } from '../paths/moment.ts';

interface Row {
  /** From the root of the vault. */
  readonly path: Buffer;
  /** As it is shown. */
  readonly shown: Buffer;
  readonly entry: Entry;
}

export const ls: Handler = async (invocation) => {
  const { line, output } = invocation;
  const typed = line.operands.length === 0 ? ['/'] : line.operands;
  const paths = typed.map((each) => vaultPath(line, each));
  const client = await clientAt(invocation);
  const list = output.json ? openJsonList(output) : undefined;
  let first = true;
  for (const { bytes: path } of paths) {
    if (list !== undefined) {
      for await (const rows of rowsOf(client, invocation, path)) {
        for (const row of rows) list.row(entryJson(row.path, row.entry));
      }
      continue;
    }
    if (paths.length > 1 && !flag(line, 'directory')) {
      output.lines([...(first ? [] : ['']), `${escapeBytes(nameForHead(path))}:`]);
    }
    if (flag(line, 'long')) await printRows(invocation, rowsOf(client, invocation, path));
    else await printNames(invocation, namesOf(client, invocation, path));
    first = false;
  }
  list?.end();
  return 0;
};

async function* rowsOf(
  client: ControlClient,
  { line }: Invocation,
  path: Buffer,
): AsyncGenerator<readonly Row[]> {
  if (flag(line, 'directory')) {
    const entry = await client.stat({ path });
    yield [{ path, shown: nameForHead(path), entry }];
    return;
  }
  for await (const entries of client.list({ path, recursive: flag(line, 'recursive') })) {
    yield entries.map((entry) => ({
      path: joinPath(path, entry.path),
      // A file that was named is listed as itself.
      shown: entry.path.length === 0 ? nameForHead(path) : entry.path,
      entry,
    }));
  }
}

/** What is shown without `--long`: of a large directory that is far less to send and to read. */
async function* namesOf(
  client: ControlClient,
  invocation: Invocation,
  path: Buffer,
): AsyncGenerator<readonly string[]> {
  const { line } = invocation;
  if (flag(line, 'directory')) {
    for await (const rows of rowsOf(client, invocation, path)) yield rows.map(shownName);
    return;
  }
  for await (const page of client.listNames({ path, recursive: flag(line, 'recursive') })) {
    yield escapeNames(page.paths).map((name, index) =>
      // A file that was named is listed as itself.
      withSlash(name === '' ? escapeBytes(nameForHead(path)) : name, page.kinds[index]),
    );
  }
}

/** The name that stands for a whole path; the root is `/`. */
function nameForHead(path: Buffer): Buffer {
  return path.length === 0 ? nameOf(path) : path;
}

async function printRows(
  { line, output }: Invocation,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  for await (const rows of pages) output.lines(longLines(rows, flag(line, 'bytes')));
}

async function printNames(
  { line, output }: Invocation,
  pages: AsyncIterable<readonly string[]>,
): Promise<void> {
  const columns = flag(line, 'recursive') ? undefined : output.columns;
  const short: string[] = [];
  for await (const names of pages) {
    if (columns === undefined) output.lines(names);
    else short.push(...names);
  }
  if (short.length > 0 && columns !== undefined) output.lines(gridLines(short, columns));
}

function shownName({ shown, entry }: Row): string {
  return withSlash(escapeBytes(shown), entry.kind);
}

function withSlash(name: string, kind: Entry['kind'] | undefined): string {
  return kind === 'directory' && !name.endsWith('/') ? `${name}/` : name;
}

const stateWords: Readonly<Record<Entry['state'], string>> = {
  here: 'here',
  partly: 'partly',
  elsewhere: 'elsewhere',
  conflict: 'conflict',
};

function longLines(rows: readonly Row[], inBytes: boolean): string[] {
  const cells = rows.map((row) => [
    formatMode(row.entry.kind, row.entry.mode),
    inBytes ? String(row.entry.size) : formatBytes(row.entry.size),
    formatLocalTime(row.entry.mtime),
    row.entry.kind === 'file' ? stateWords[row.entry.state] : '',
    shownName(row) + arrow(row.entry),
  ]);
  return alignedLines(cells, [false, true, false, false, false]);
}

function arrow({ kind, target }: Entry): string {
  if (kind !== 'symlink') return '';
  if (target === undefined) {
    throw new VaultError('malformed', {
      op: 'cli.ls',
      subject: 'answer of the agent',
      detail: 'a symbolic link without target',
      next: sameVersion,
    });
  }
  return ` -> ${escapeBytes(target)}`;
}
