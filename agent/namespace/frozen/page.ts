/** One page of packed nodes, and the list of them that a directory has. */
import type { NodeRecord } from '../records.ts';
import { compareNameAt } from './page-format.ts';

export interface Page {
  readonly number: number;
  /** The directory whose files these are; undefined for nodes that no directory lists. */
  readonly owner: NodeRecord | undefined;
  /** Never written to: a change makes another one (`page-format.ts`). */
  blob: Buffer;
  /** Places of records that were taken out and are not removed yet. */
  readonly gone: Set<number>;
  /** The save that wrote it last; 0 for none. */
  savedIn: number;
}

/** By the names of their first records. */
export type PageList = Page[];

/** The page that a name belongs to: the last one that begins at or before it, else the first. */
export function pageFor(pages: readonly Page[], name: string): Page | undefined {
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const page = pages[middle];
    if (page !== undefined && compareNameAt(page.blob, 0, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return pages[Math.max(0, low - 1)];
}
