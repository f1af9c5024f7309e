/** `vault trash`: what was deleted and can come back. */
import type { TrashRow } from '../../protocol/messages/control-history.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { bytesJson } from '../output/entry-row.ts';
import { formatBytes, formatLocalTime } from '../output/format.ts';
import { openJsonList } from '../output/json-list.ts';
import { timeJson } from '../output/log-text.ts';
import { tableLines } from '../output/table.ts';
import { flag, usageError } from '../parse/command-line.ts';

export const trash: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [directory = '/', beyond] =
    line.operands[0] === 'ls' ? line.operands.slice(1) : line.operands;
  if (beyond !== undefined) throw usageError(line.command, beyond, 'one operand too many');
  const path = vaultPath(line, directory).bytes;
  const client = await invocation.client();
  const list = output.json ? openJsonList(output) : undefined;
  const rows: TrashRow[] = [];
  for await (const row of client.trash({ path })) {
    if (list === undefined) rows.push(row);
    else list.row(trashJson(row));
  }
  list?.end();
  if (list !== undefined) return 0;
  if (rows.length === 0) output.note('nothing was deleted there');
  else {
    output.lines(trashLines(rows, flag(line, 'bytes')));
    output.note('nothing of it is dropped yet; vault undelete PATH brings it back');
  }
  return 0;
};

function trashLines(rows: readonly TrashRow[], inBytes: boolean): string[] {
  const columns = [
    { title: 'deleted' },
    { title: 'by' },
    { title: 'size', right: true },
    { title: 'entries', right: true },
    { title: 'path' },
  ];
  const cells = rows.map((row) => [
    formatLocalTime({ seconds: Math.floor(row.timeMs / 1000), nanoseconds: 0 }),
    escapeText(row.author),
    inBytes ? String(row.size) : formatBytes(row.size),
    String(row.entries),
    escapeBytes(row.path) + (row.kind === 'directory' ? '/' : ''),
  ]);
  return tableLines(columns, cells);
}

function trashJson(row: TrashRow): Record<string, unknown> {
  return {
    ...bytesJson('path', row.path),
    kind: row.kind,
    size: row.size,
    entries: row.entries,
    deletedAt: timeJson(row.timeMs),
    author: row.author,
    deviceId: row.deviceId,
    version: row.version ?? null,
    daysLeft: row.daysLeft ?? null,
  };
}
