/** `vault stat`: everything about one path. */
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import type { Handler } from '../invocation.ts';
import { entryDetailsJson, nameOf } from '../output/entry-row.ts';
import { formatBytes, formatMode, formatTime } from '../output/format.ts';
import { alignedLines } from '../output/table.ts';
import { clientAt } from '../paths/moment.ts';
import { findVersion } from '../paths/version.ts';

export const stat: Handler = async (invocation) => {
  const { line, output } = invocation;
  const agent = await clientAt(invocation);
  const { path, version } = await findVersion(agent, line, line.operands[0] ?? '/');
  const entry = await agent.stat({ path: path.bytes, version });
  if (output.json) output.value(entryDetailsJson(path.bytes, entry));
  else output.lines(alignedLines(details(path.bytes, entry), [false, false]));
  return 0;
};

function details(path: Buffer, entry: Entry): string[][] {
  const octal = entry.mode.toString(8).padStart(4, '0');
  const rows: [string, string | undefined][] = [
    ['path', escapeBytes(path.length === 0 ? nameOf(path) : path)],
    ['kind', entry.kind],
    ['target', entry.target === undefined ? undefined : escapeBytes(entry.target)],
    ['size', entry.kind === 'directory' ? undefined : sizeText(entry.size)],
    ['mode', `${octal} ${formatMode(entry.kind, entry.mode)}`],
    ['modified', formatTime(entry.mtime)],
    ['version', entry.version],
    ['author', entry.author],
    ['links', String(entry.links)],
    ['inode', String(entry.inode)],
    ['state', stateText(entry)],
  ];
  return rows.flatMap(([title, value]) =>
    value === undefined
      ? []
      : [[title, title === 'path' || title === 'target' ? value : escapeText(value)]],
  );
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${String(bytes)} B` : `${String(bytes)} B (${formatBytes(bytes)})`;
}

function stateText({ kind, state, chunks, chunksHere }: Entry): string | undefined {
  if (kind !== 'file') return undefined;
  return chunks === 0 ? state : `${state} (${String(chunksHere)} of ${String(chunks)} chunks)`;
}
