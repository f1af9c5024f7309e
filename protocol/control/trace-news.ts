/** What a trace tells that whoever asks again and again has not heard yet. Pure. */
import type { EndedRow } from './mount-reports.ts';

export interface TraceNews {
  /** In the order in which they ended. */
  readonly rows: readonly EndedRow[];
  /** How many ended before those, after what was heard, and are kept no more. */
  readonly lost: number;
  /** The sequence to ask with the next time. */
  readonly heard: number;
}

/** @param heard the latest sequence that is known */
export function traceNews(recent: readonly EndedRow[], heard: number): TraceNews {
  const latest = recent.at(-1)?.sequence ?? 0;
  // Another mount counts anew.
  const known = latest < heard ? 0 : heard;
  const rows = recent.filter(({ sequence }) => sequence > known);
  const [first] = rows;
  return { rows, lost: first === undefined ? 0 : first.sequence - known - 1, heard: latest };
}

/** For people. */
export function lostLine(lost: number): string {
  return `${String(lost)} more ended before, faster than they could be told`;
}
