/** Conflicts as they are shown: a paragraph each for people, an object each for scripts. Pure. */
import type { Conflict, ConflictVersion } from '../../protocol/messages/control-conflict.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { LineClash } from '../resolve/merge.ts';
import { bytesJson } from './entry-row.ts';
import { formatBytes, formatCount, formatLocalTime, formatTime } from './format.ts';
import { timeJson } from './log-text.ts';
import { alignedLines } from './table.ts';

const kindWords: Readonly<Record<Conflict['kind'], string>> = {
  edit: 'changed on several devices at once',
  name: 'several files want this name',
  deleted: 'deleted on one device and changed on another',
};

export function conflictJson(conflict: Conflict): Record<string, unknown> {
  return {
    ...bytesJson('path', conflict.path),
    kind: conflict.kind,
    versions: conflict.versions.map(versionJson),
    versionsOmitted: conflict.versionsOmitted,
    ancestor: conflict.ancestor === undefined ? null : versionJson(conflict.ancestor),
  };
}

function versionJson(version: ConflictVersion): Record<string, unknown> {
  return {
    ...bytesJson('name', version.name),
    kind: version.kind,
    size: version.size,
    mtime: formatTime(version.mtime),
    version: version.version ?? null,
    author: version.author ?? null,
    deviceId: version.deviceId ?? null,
    own: version.own,
    time: version.timeMs === undefined ? null : timeJson(version.timeMs),
  };
}

export function conflictLines(conflict: Conflict): string[] {
  const { path, kind, versions, versionsOmitted, ancestor } = conflict;
  const rows = versions.map((version) => cells('', version));
  if (ancestor !== undefined) rows.push(cells('before', ancestor));
  return [
    `${escapeBytes(path)}: ${kindWords[kind]}`,
    ...alignedLines(rows, [false, false, false, false, true, false]).map((line) => `  ${line}`),
    ...(versionsOmitted > 0 ? [`  and ${formatCount(versionsOmitted, 'more version')}`] : []),
    `  settle: ${settleWith(conflict)}`,
  ];
}

function cells(title: string, version: ConflictVersion): string[] {
  const time = version.timeMs;
  return [
    title,
    version.version ?? '',
    escapeText(version.author ?? '') + (version.own ? ' (this device)' : ''),
    time === undefined ? '' : formatLocalTime({ seconds: time / 1000, nanoseconds: 0 }),
    version.kind === 'directory' ? 'directory' : formatBytes(version.size),
    // What all of them come from has no row of its own.
    title === '' ? escapeBytes(version.name) : '',
  ];
}

function settleWith({ path, kind, versions }: Conflict): string {
  const shown = shellWord(escapeBytes(path));
  const escaped = shown.includes('\\') ? ' --escaped-paths' : '';
  const resolve = `vault resolve ${shown}${escaped}`;
  if (kind === 'deleted') {
    const keep = versions[0]?.version ?? 'VERSION';
    return `${resolve} --keep ${keep}, or vault rm -r ${shown}${escaped}`;
  }
  if (versions.some((version) => version.kind === 'directory')) return `${resolve} --keep both`;
  const merge = kind === 'edit' ? ', or --merge' : '';
  return `${resolve} --keep mine|theirs|both|VERSION${merge}`;
}

export interface ClashTitles {
  readonly first: string;
  readonly base: string;
  readonly second: string;
}

/** Lines that clash, between the marks that diff3 and git write. */
export function clashLines(clash: LineClash, titles: ClashTitles): string[] {
  const plain = (lines: readonly string[]): string[] =>
    lines.map((line) => escapeText(line.replace(/\n$/, '')));
  return [
    `line ${String(clash.line)}:`,
    `<<<<<<< ${escapeText(titles.first)}`,
    ...plain(clash.first),
    `||||||| ${escapeText(titles.base)}`,
    ...plain(clash.base),
    '=======',
    ...plain(clash.second),
    `>>>>>>> ${escapeText(titles.second)}`,
  ];
}
