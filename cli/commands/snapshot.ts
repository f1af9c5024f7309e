/** `vault snapshot`: names for the tree as it was, what changed since, and bringing things back. */
import type { SnapshotRow } from '../../protocol/control/reports.ts';
import type { Difference } from '../../protocol/messages/control-past.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { bytesJson } from '../output/entry-row.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { openJsonList } from '../output/json-list.ts';
import { tableLines } from '../output/table.ts';
import { text, usageError } from '../parse/command-line.ts';
import { findMoment } from '../paths/moment.ts';

export const snapshotList: Handler = async ({ output, client }) => {
  const rows = await (await client()).snapshots();
  if (output.json) output.value(rows);
  else if (rows.length === 0) output.note('no snapshots; vault snapshot create makes one');
  else output.lines(snapshotLines(rows));
  return 0;
};

export const snapshotCreate: Handler = async ({ line, output, client }) => {
  const [name] = line.operands;
  // A variable that nobody has set must not pass for a choice.
  if (name?.trim() === '') throw usageError(line.command, name, 'a name has letters');
  const row = await (await client()).snapshotTake({ name: name ?? '' });
  if (output.json) output.value(row);
  else output.lines([escapeText(row.name)]);
  return 0;
};

export const snapshotRemove: Handler = async ({ line, output, client }) => {
  const agent = await client();
  const rows: SnapshotRow[] = [];
  for (const name of line.operands) rows.push(await agent.snapshotDrop({ name }));
  if (output.json) output.value(rows);
  else for (const { name } of rows) output.note(`${escapeText(name)} is no snapshot any more`);
  return 0;
};

export const snapshotDiff: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [first = '', second] = line.operands;
  const path = vaultPath(line, text(line, 'path') ?? '/').bytes;
  const client = await invocation.client();
  const before = await findMoment(invocation, client, first);
  const after = second === undefined ? undefined : await findMoment(invocation, client, second);
  const list = output.json ? openJsonList(output) : undefined;
  let rows = 0;
  for await (const page of client.compare({ before, after, path })) {
    rows += page.length;
    if (list === undefined) output.lines(page.map(differenceLine));
    else for (const row of page) list.row(differenceJson(row));
  }
  list?.end();
  if (list === undefined) output.note(formatCount(rows, 'difference'));
  return 0;
};

export const snapshotRestore: Handler = async (invocation: Invocation) => {
  const { line, output } = invocation;
  const [moment = '', source = '', destination = source] = line.operands;
  const paths = [source, destination].map((typed) => vaultPath(line, typed).bytes);
  const client = await invocation.client();
  const at = await findMoment(invocation, client, moment);
  const [from, to] = paths;
  const result = await client.restoreAt({
    at,
    source: from ?? Buffer.alloc(0),
    destination: to ?? Buffer.alloc(0),
  });
  if (output.json) output.value({ entries: result.entries, version: result.version ?? null });
  else if (result.entries === 0) output.note('everything is there as it was');
  else output.note(`brought back ${formatCount(result.entries, 'entry', 'entries')}`);
  return 0;
};

/** The rows for people. */
export function snapshotLines(rows: readonly SnapshotRow[]): string[] {
  const columns = [{ title: 'name' }, { title: 'id' }, { title: 'time' }, { title: 'by' }];
  const cells = rows.map((row) =>
    [row.name, row.id.slice(0, 8), row.time, row.author, gapText(row)].map(escapeText),
  );
  return tableLines([...columns, { title: 'state' }], cells);
}

function gapText({ state, gaps }: SnapshotRow): string {
  if (state === 'ready') return 'ready';
  const missing = gaps.map(({ name, batches, state: why }) => {
    const count = `${formatCount(batches, 'batch', 'batches')} by ${name}`;
    return why === 'missing' ? `${count} not here yet` : `${count} without a key here`;
  });
  return `working: ${missing.join(', ')}`;
}

const marks: Readonly<Record<Difference['type'], string>> = {
  added: '+',
  removed: '-',
  changed: 'M',
  renamed: 'R',
};

/** One difference for people: `M docs/a.txt (1.0 KiB -> 2.0 KiB)`. */
export function differenceLine(row: Difference): string {
  const slash = row.kind === 'directory' ? '/' : '';
  const shown = escapeBytes(row.path) + slash;
  const from = row.pathBefore === undefined ? '' : `${escapeBytes(row.pathBefore)}${slash} -> `;
  const isResized = row.type === 'changed' && row.kind === 'file';
  const sizes = `${formatBytes(row.sizeBefore)} -> ${formatBytes(row.sizeAfter)}`;
  return `${marks[row.type]} ${from}${shown}${isResized ? ` (${sizes})` : ''}`;
}

function differenceJson(row: Difference): Record<string, unknown> {
  return {
    type: row.type,
    ...bytesJson('path', row.path),
    ...(row.pathBefore === undefined ? {} : bytesJson('pathBefore', row.pathBefore)),
    kind: row.kind,
    sizeBefore: row.type === 'added' ? null : row.sizeBefore,
    sizeAfter: row.type === 'removed' ? null : row.sizeAfter,
  };
}
