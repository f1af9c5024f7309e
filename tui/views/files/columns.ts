/** The columns of the lists of files. Pure. */
import type { SnapshotRow } from '../../../protocol/control/reports.ts';
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import type { LogRow, TrashRow } from '../../../protocol/messages/control-history.ts';
import { formatBytes, formatCount, formatLocalTime } from '../../../protocol/text/format.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { span } from '../../screen/span.ts';
import type { Theme } from '../../theme/theme.ts';
import type { Column } from '../../widgets/table.ts';
import { factsFrom, factsKey, versionsMax } from './facts.ts';
import type { FileRow } from './listing.ts';
import { logKey } from './lists.ts';
import { pathText } from './paths.ts';
import type { FileFacts, FilesSlice } from './slice.ts';
import { localMinute, sizeText, stateSpan } from './text.ts';

export interface FileColumns {
  browse(slice: FilesSlice): readonly Column<FileRow>[];
  history(base: string | undefined): readonly Column<LogRow>[];
  readonly trash: readonly Column<TrashRow>[];
  readonly conflicts: readonly Column<Conflict>[];
  readonly snapshots: readonly Column<SnapshotRow>[];
}

export function columnsOfMode(theme: Theme): FileColumns {
  const { glyphs } = theme;
  return {
    browse: ({ directory, facts }) => [
      {
        title: 'name',
        cell: ({ entry, text }) =>
          entry.kind === 'directory' ? span('accent', `${text}/`) : linkText(entry.target, text),
      },
      { title: 'size', width: 9, right: true, cell: ({ entry }) => sizeText(entry) },
      {
        title: 'changed',
        width: 16,
        from: 52,
        cell: ({ entry }) => formatLocalTime(entry.mtime),
      },
      { title: 'author', width: 12, from: 80, cell: ({ entry }) => escapeText(entry.author ?? '') },
      {
        title: 'versions',
        width: 8,
        right: true,
        from: factsFrom,
        cell: ({ entry }) => versionsText(facts.get(factsKey(directory, entry))),
      },
      {
        title: 'copies',
        width: 6,
        right: true,
        from: factsFrom,
        cell: ({ entry }) => copiesSpan(facts.get(factsKey(directory, entry))),
      },
      { title: 'state', width: 11, from: 66, cell: ({ entry }) => stateSpan(entry, glyphs) },
      { title: '', width: 1, below: 66, cell: ({ entry }) => stateSpan(entry, glyphs, 'sign') },
    ],
    history: (base) => [
      { title: 'time', width: 16, from: 50, cell: ({ timeMs }) => localMinute(timeMs) },
      { title: 'time', width: 14, below: 50, cell: ({ timeMs }) => localMinute(timeMs).slice(2) },
      {
        title: 'what',
        width: 8,
        cell: (item) => span(item.what === 'conflict' ? 'warn' : 'text', item.what),
      },
      { title: 'size', width: 9, right: true, from: 50, cell: sizeText },
      { title: 'by', cell: ({ author }) => escapeText(author) },
      {
        title: 'version',
        width: 10,
        from: 40,
        cell: (item) => versionCell(item, base === logKey(item)),
      },
    ],
    trash: [
      {
        title: 'name',
        cell: ({ path, kind }) => pathText(path) + (kind === 'directory' ? '/' : ''),
      },
      { title: 'size', width: 9, right: true, cell: ({ size }) => formatBytes(size) },
      { title: 'deleted', width: 16, cell: ({ timeMs }) => localMinute(timeMs) },
      { title: 'by', width: 12, from: 60, cell: ({ author }) => escapeText(author) },
      {
        title: 'entries',
        width: 9,
        from: 76,
        right: true,
        cell: ({ entries }) => formatCount(entries, 'entry', 'entries'),
      },
    ],
    conflicts: [
      { title: 'path', cell: ({ path }) => pathText(path) },
      { title: 'why', width: 8, cell: ({ kind }) => span('warn', kind) },
      {
        title: 'versions',
        width: 8,
        right: true,
        from: 30,
        cell: ({ versions, versionsOmitted }) => String(versions.length + versionsOmitted),
      },
    ],
    snapshots: [
      { title: 'name', cell: ({ name }) => escapeText(name) },
      { title: 'taken', width: 16, cell: ({ time }) => localMinute(Date.parse(time)) },
      { title: 'by', width: 12, from: 50, cell: ({ author }) => escapeText(author) },
      {
        title: 'state',
        width: 8,
        from: 40,
        cell: ({ state }) => span(state === 'ready' ? 'ok' : 'warn', state),
      },
    ],
  };
}

function linkText(target: Buffer | undefined, text: string): string {
  return target === undefined ? text : `${text} -> ${escapeBytes(target)}`;
}

function versionCell({ version, isCurrent }: LogRow, isBase: boolean) {
  const short = version?.slice(0, 8) ?? '';
  if (isBase) return span('accent', `=${short}`);
  return isCurrent ? span('ok', `${short} *`) : short;
}

/** Empty while it is not known. */
function versionsText(facts: FileFacts | undefined): string {
  if (facts === undefined) return '';
  return facts.versions >= versionsMax ? `${String(versionsMax)}+` : String(facts.versions);
}

/** A question mark: some devices have not said whether they hold it. */
function copiesSpan(facts: FileFacts | undefined) {
  if (facts === undefined) return '';
  const text = `${String(facts.copies)}${facts.silent === 0 ? '' : '?'}`;
  return span(facts.copies > 1 ? 'ok' : 'warn', text);
}
