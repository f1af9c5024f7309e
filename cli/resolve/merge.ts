/**
 * Three-way merge of text by lines (diff3): what one side changed is taken, what both changed in the
 * same way too, and where both changed the same lines differently they clash. Pure.
 */
import { isUtf8 } from 'node:buffer';
import { diff3Merge } from 'node-diff3';
import { costOf, partsOf } from './anchors.ts';
import type { Part } from './anchors.ts';

/** Lines that both sides changed differently. */
export interface LineClash {
  /** Where they stand in the first side, from 1. */
  readonly line: number;
  readonly first: readonly string[];
  readonly base: readonly string[];
  readonly second: readonly string[];
}

export type Merge =
  | { readonly type: 'merged'; readonly text: string }
  | { readonly type: 'clashes'; readonly clashes: readonly LineClash[] }
  /** So many equal lines that it would take minutes to compare them. */
  | { readonly type: 'too-long' };

/** Pairs of equal lines that are compared: some seconds. */
const pairsMax = 20_000_000;

/** Whether lines of it can be merged: UTF-8 without NUL. */
export function isText(bytes: Buffer): boolean {
  return !bytes.includes(0) && isUtf8(bytes);
}

/** Line ends belong to their lines, so that a missing last one is a change like any other. */
export function mergeTexts(base: string, first: string, second: string): Merge {
  const parts = partsOf({ base: linesOf(base), first: linesOf(first), second: linesOf(second) });
  const pairs = parts.reduce((sum, part) => sum + costOf(part), 0);
  if (pairs > pairsMax) return { type: 'too-long' };
  const merged: string[] = [];
  const clashes: LineClash[] = [];
  for (const part of parts) {
    mergePart(part, merged, clashes);
    if (part.anchor !== undefined) merged.push(part.anchor);
  }
  return clashes.length > 0
    ? { type: 'clashes', clashes }
    : { type: 'merged', text: merged.join('') };
}

function mergePart(part: Part, merged: string[], clashes: LineClash[]): void {
  if (part.base.length + part.first.length + part.second.length === 0) return;
  const regions = diff3Merge([...part.first], [...part.base], [...part.second], {
    excludeFalseConflicts: true,
  });
  for (const { ok, conflict } of regions) {
    // One by one: a spread of a long region would not fit on the stack.
    for (const line of ok ?? []) merged.push(line);
    if (conflict === undefined) continue;
    const { a, aIndex, o, b } = conflict;
    clashes.push({ line: part.firstStart + aIndex + 1, first: a, base: o, second: b });
  }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}
