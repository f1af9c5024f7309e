/**
 * Answer of `trace`: what programs wait for in the mount, and have waited for. What is answered at once is in
 * none of it.
 */

export interface TraceReport {
  /** At this moment. */
  readonly running: readonly RunningRow[];
  /** Operations that had to wait for something, whole since the mount was made. */
  readonly operations: readonly OperationRow[];
  /** The latest that have ended, the latest last; at most 256. */
  readonly recent: readonly EndedRow[];
}

export interface TracedRow {
  /** For example `read`. */
  readonly op: string;
  /** The path that it is about, escaped; null: it is not known, or gone. */
  readonly path: string | null;
  /** The inode number that it is about. */
  readonly inode: number;
  /** The process that waits, or has waited. */
  readonly pid: number;
}

export interface RunningRow extends TracedRow {
  readonly sinceMs: number;
}

export interface EndedRow extends TracedRow {
  /** From 1, by the mount; nothing is left out. */
  readonly sequence: number;
  /** When it ended; RFC 3339. */
  readonly time: string;
  readonly tookMs: number;
  readonly failed: boolean;
}

export interface OperationRow {
  readonly op: string;
  readonly count: number;
  readonly failed: number;
  readonly meanMs: number;
  readonly longestMs: number;
}
