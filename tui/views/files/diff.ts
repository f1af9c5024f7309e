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

/** A line of the left and of the right text beside it; undefined: that one has none there. */
export interface Pair {
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly same: boolean;
}

/** @returns rows instead where there is nothing to see beside each other */
export function pairsOf(
  left: string,
  right: string,
): { readonly pairs: readonly Pair[]; readonly rows: readonly Row[] } {
  const parts = partsOf(left, right);
  if (parts === undefined) return { pairs: [], rows: tooMuch };
  if (parts.every(({ type }) => type === 'same')) return { pairs: [], rows: nothing };
  const pairs: Pair[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    const next = parts[at + 1];
    if (part === undefined) break;
    if (part.type === 'same') {
      const lines = shortened(part.lines, at === 0, at === parts.length - 1);
      pairs.push(...lines.map((line = '...') => ({ left: line, right: line, same: true })));
    } else if (part.type === 'removed' && next?.type === 'added') {
      pairs.push(...beside(part.lines, next.lines));
      at += 1;
    } else {
      pairs.push(...(part.type === 'removed' ? beside(part.lines, []) : beside([], part.lines)));
    }
  }
  return { pairs, rows: [] };
}

function beside(left: readonly string[], right: readonly string[]): readonly Pair[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({
    left: left[at],
    right: right[at],
    same: false,
  }));
}

/** Left and right columns of `width` cells together. */
export function pairRows(pairs: readonly Pair[], width: number): readonly Row[] {
  const half = Math.max(4, Math.floor((width - 3) / 2));
  return pairs.map(({ left, right, same }) => {
    const one = fit(left ?? '', half);
    const other = fit(right ?? '', half);
    if (same) return row(span('dim', `${one}   ${other}`));
    const sign = left === undefined ? '>' : right === undefined ? '<' : '|';
    return row(span('in', one), ` ${sign} `, span('out', other));
  });
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
