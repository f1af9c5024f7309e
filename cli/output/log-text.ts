/** What happened, in words for people and as JSON. Pure. */
import type { HistoryWhat, LogRow } from '../../protocol/messages/control-history.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import { bytesJson } from './entry-row.ts';
import { formatBytes, formatLocalTime } from './format.ts';
import { alignedLines } from './table.ts';

/** Lines of rows that stand below each other. @param asked the path that was asked for */
export function logLines(rows: readonly LogRow[], asked: Buffer): string[] {
  const cells = rows.map((row) => [
    formatLocalTime({ seconds: Math.floor(row.timeMs / 1000), nanoseconds: 0 }),
    escapeText(row.author),
    row.version ?? '',
    row.version === undefined ? '' : formatBytes(row.size),
    whatText(row, asked),
  ]);
  return alignedLines(cells, [false, false, false, true, false]);
}

const words: Readonly<Record<HistoryWhat, string>> = {
  created: 'created',
  changed: 'changed',
  renamed: 'renamed',
  moved: 'moved',
  linked: 'got one more name',
  unlinked: 'lost one of its names',
  removed: 'removed',
  undeleted: 'undeleted',
  restored: 'restored',
  conflict: 'changed, in conflict',
  resolved: 'conflict settled',
  mode: 'mode',
  touched: 'times or attributes changed',
  folded: 'was here; what came before is folded',
};

function whatText(row: LogRow, asked: Buffer): string {
  const parts = [words[row.what]];
  if (row.mode !== undefined) parts.push(row.mode.toString(8).padStart(4, '0'));
  if (row.restored !== undefined) parts.push(`from ${row.restored}`);
  if (row.from !== undefined) parts.push(`from ${escapeBytes(row.from)} to ${shown(row)}`);
  else if (!row.path.equals(asked)) parts.push(shown(row));
  if (row.isCurrent) parts.push('(current)');
  if (row.isReleased === true) parts.push('(let go by retention)');
  return parts.join(' ');
}

function shown({ path, kind }: LogRow): string {
  return escapeBytes(path) + (kind === 'directory' ? '/' : '');
}

export function logJson(row: LogRow): Record<string, unknown> {
  return {
    time: timeJson(row.timeMs),
    what: row.what,
    kind: row.kind,
    ...bytesJson('path', row.path.length === 0 ? Buffer.from('/') : row.path),
    ...(row.from === undefined ? {} : bytesJson('from', row.from)),
    author: row.author,
    deviceId: row.deviceId,
    version: row.version ?? null,
    size: row.version === undefined ? null : row.size,
    current: row.isCurrent,
    ...(row.mode === undefined ? {} : { mode: row.mode }),
    ...(row.restored === undefined ? {} : { restored: row.restored }),
    ...(row.isReleased === true ? { released: true } : {}),
  };
}

/** RFC 3339 in UTC; null for a time that no calendar has. */
export function timeJson(timeMs: number): string | null {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
