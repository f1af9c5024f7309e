/** What is asked of a mount and how long it takes, for `.vault/trace`. */
export interface RunningRow {
  readonly op: string;
  /** The inode number that it is about. */
  readonly inode: number;
  /** The process that waits. */
  readonly pid: number;
  readonly sinceMs: number;
}

/** Only of operations that had to wait for something: all others are answered at once. */
export interface OperationRow {
  readonly op: string;
  readonly count: number;
  readonly failed: number;
  readonly meanMs: number;
  readonly longestMs: number;
}

export interface TraceReport {
  readonly running: readonly RunningRow[];
  readonly operations: readonly OperationRow[];
}

interface Sum {
  count: number;
  failed: number;
  totalMs: number;
  longestMs: number;
}

export interface Operation {
  readonly op: string;
  readonly inode: number;
  readonly pid: number;
  readonly startedMs: number;
}

export class Trace {
  readonly #nowMs: () => number;
  readonly #running: () => Iterable<Operation>;
  readonly #sums = new Map<string, Sum>();

  constructor(nowMs: () => number, running: () => Iterable<Operation>) {
    this.#nowMs = nowMs;
    this.#running = running;
  }

  ended({ op, startedMs }: Operation, isFailed: boolean): void {
    let sum = this.#sums.get(op);
    if (sum === undefined) {
      sum = { count: 0, failed: 0, totalMs: 0, longestMs: 0 };
      this.#sums.set(op, sum);
    }
    const tookMs = Math.max(0, this.#nowMs() - startedMs);
    sum.count += 1;
    sum.totalMs += tookMs;
    sum.longestMs = Math.max(sum.longestMs, tookMs);
    if (isFailed) sum.failed += 1;
  }

  report(): TraceReport {
    const nowMs = this.#nowMs();
    return {
      running: [...this.#running()].map(({ op, inode, pid, startedMs }) => ({
        op,
        inode,
        pid,
        sinceMs: nowMs - startedMs,
      })),
      operations: [...this.#sums]
        .map(([op, { count, failed, totalMs, longestMs }]) => {
          const meanMs = Math.round((totalMs / count) * 1000) / 1000;
          return { op, count, failed, meanMs, longestMs };
        })
        .sort((a, b) => b.count - a.count),
    };
  }
}
