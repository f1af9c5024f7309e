/** Two texts line by line: below each other or side by side. The only file that knows the library. Pure. */
import { diffLines } from 'diff';
import { fit, row, span } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import { textLines } from './preview.ts';

/** Texts that differ in more lines are not worth a look; and finding it out takes long. */
const editsMax = 4000;
/** Equal lines around a change that are shown. */
const contextLines = 3;

interface Part {
  readonly type: 'same' | 'removed' | 'added';
  readonly lines: readonly string[];
}

/** undefined: they differ in too much. */
function partsOf(before: string, after: string): readonly Part[] | undefined {
  // Without options it never gives up, and says so in its type.
  const parts = diffLines(before, after, { maxEditLength: editsMax }) as
    ReturnType<typeof diffLines> | undefined;
  return parts?.map(({ added, removed, value }) => ({
    type: added ? 'added' : removed ? 'removed' : 'same',
    lines: textLines(value),
  }));
}

const tooMuch: readonly Row[] = [row(span('warn', ' They differ in too much to show it here'))];
const nothing: readonly Row[] = [row(span('ok', ' The contents are the same'))];

export function unifiedRows(before: string, after: string): readonly Row[] {
  const parts = partsOf(before, after);
  if (parts === undefined) return tooMuch;
  if (parts.every(({ type }) => type === 'same')) return nothing;
  return parts.flatMap((part, at) => {
    if (part.type === 'removed') return part.lines.map((line) => row(span('bad', `- ${line}`)));
    if (part.type === 'added') return part.lines.map((line) => row(span('ok', `+ ${line}`)));
    return shortened(part.lines, at === 0, at === parts.length - 1).map((line) =>
      line === undefined ? row(span('dim', '  ...')) : row(span('dim', `  ${line}`)),
    );
  });
}

/** Left and right columns of `width` cells together. */
export function sideBySideRows(left: string, right: string, width: number): readonly Row[] {
  const parts = partsOf(left, right);
  if (parts === undefined) return tooMuch;
  const half = Math.max(4, Math.floor((width - 3) / 2));
  const rows: Row[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    if (part === undefined) break;
    if (part.type === 'same') {
      for (const line of shortened(part.lines, at === 0, at === parts.length - 1)) {
        const text = fit(line ?? '...', half);
        rows.push(row(span('dim', `${text}   ${text}`)));
      }
      continue;
    }
    const next = parts[at + 1];
    const pair = part.type === 'removed' && next?.type === 'added';
    if (pair) at += 1;
    const removed = part.type === 'removed' ? part.lines : [];
    const added = pair ? next.lines : part.type === 'added' ? part.lines : [];
    for (let line = 0; line < Math.max(removed.length, added.length); line += 1) {
      const one = removed[line];
      const other = added[line];
      const sign = one === undefined ? '>' : other === undefined ? '<' : '|';
      rows.push(
        row(span('in', fit(one ?? '', half)), ` ${sign} `, span('out', fit(other ?? '', half))),
      );
    }
  }
  return rows.length === 0 ? nothing : rows;
}

/** Equal lines far from a change are left out; undefined stands for them. */
function shortened(
  lines: readonly string[],
  first: boolean,
  last: boolean,
): readonly (string | undefined)[] {
  const head = first ? 0 : contextLines;
  const tail = last ? 0 : contextLines;
  if (lines.length <= head + tail + 1) return lines;
  return [...lines.slice(0, head), undefined, ...(tail === 0 ? [] : lines.slice(-tail))];
}
