/** `vault ls`: what is in directories. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
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
  for (const path of paths) {
    const pages = pagesOf(client, invocation, path.bytes);
    if (list !== undefined) {
      for await (const rows of pages) {
        for (const row of rows) list.row(entryJson(row.path, row.entry));
      }
      continue;
    }
    if (paths.length > 1 && !flag(line, 'directory')) {
      output.lines([...(first ? [] : ['']), `${escapeBytes(nameForHead(path.bytes))}:`]);
    }
    await printRows(invocation, pages);
    first = false;
  }
  list?.end();
  return 0;
};

async function* pagesOf(
  client: ControlClient,
  { line }: Invocation,
  path: Buffer,
): AsyncGenerator<readonly Row[]> {
  if (flag(line, 'directory')) {
    const entry = await client.stat({ path });
    yield [{ path, shown: nameForHead(path), entry }];
    return;
  }
  const recursive = flag(line, 'recursive');
  for await (const entries of client.list({ path, recursive })) {
    yield entries.map((entry) => ({
      path: joinPath(path, entry.path),
      // A file that was named is listed as itself.
      shown: entry.path.length === 0 ? nameForHead(path) : entry.path,
      entry,
    }));
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
  const columns = flag(line, 'recursive') ? undefined : output.columns;
  const short: string[] = [];
  for await (const rows of pages) {
    if (flag(line, 'long')) output.lines(longLines(rows, flag(line, 'bytes')));
    else if (columns === undefined) output.lines(rows.map(shownName));
    else short.push(...rows.map(shownName));
  }
  if (short.length > 0 && columns !== undefined) output.lines(gridLines(short, columns));
}

function shownName({ shown, entry }: Row): string {
  return escapeBytes(shown) + (entry.kind === 'directory' && !endsInSlash(shown) ? '/' : '');
}

function endsInSlash(path: Buffer): boolean {
  return path.at(-1) === 0x2f;
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
