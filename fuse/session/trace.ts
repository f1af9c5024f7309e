/** What is asked of a mount and how long it takes, for `.vault/trace` and `vault trace`. */
import type {
  EndedRow,
  OperationRow,
  RunningRow,
  TraceReport,
  TracedRow,
} from '../../protocol/control/mount-reports.ts';
import type { NodeId, ScratchClock } from '../operations/port.ts';

/** Whoever asks every second misses nothing of a program that waits for one thing after the other. */
const recentMax = 256;

interface Sum {
  count: number;
  failed: number;
  totalMs: number;
  longestMs: number;
}

export interface Operation {
  readonly op: string;
  /** undefined: it is no node of the vault. */
  readonly node?: NodeId | undefined;
  readonly inode: number;
  readonly pid: number;
  /** Of the monotonic clock. */
  readonly startedMs: number;
}

interface Ended {
  readonly operation: Operation;
  readonly sequence: number;
  readonly tookMs: number;
  /** The time of day. */
  readonly endedMs: number;
  readonly isFailed: boolean;
}

/** @returns the path of a node, escaped; null: it has none */
export type PathOf = (node: NodeId | undefined) => string | null;

type TraceClock = Pick<ScratchClock, 'nowMs' | 'monotonicMs'>;

export class Trace {
  readonly #clock: TraceClock;
  readonly #running: () => Iterable<Operation>;
  readonly #sums = new Map<string, Sum>();
  readonly #recent: Ended[] = [];
  #sequence = 0;

  constructor(clock: TraceClock, running: () => Iterable<Operation>) {
    this.#clock = clock;
    this.#running = running;
  }

  ended(operation: Operation, isFailed: boolean): void {
    const { op, startedMs } = operation;
    let sum = this.#sums.get(op);
    if (sum === undefined) {
      sum = { count: 0, failed: 0, totalMs: 0, longestMs: 0 };
      this.#sums.set(op, sum);
    }
    const tookMs = this.#clock.monotonicMs() - startedMs;
    const endedMs = this.#clock.nowMs();
    this.#sequence += 1;
    this.#recent.push({ operation, sequence: this.#sequence, tookMs, endedMs, isFailed });
    if (this.#recent.length > recentMax) this.#recent.shift();
    sum.count += 1;
    sum.totalMs += tookMs;
    sum.longestMs = Math.max(sum.longestMs, tookMs);
    if (isFailed) sum.failed += 1;
  }

  report(pathOf: PathOf): TraceReport {
    const nowMs = this.#clock.monotonicMs();
    const tracedOf = ({ op, inode, node, pid }: Operation): TracedRow => {
      return { op, path: pathOf(node), inode, pid };
    };
    const running = [...this.#running()].map((each): RunningRow => {
      return { ...tracedOf(each), sinceMs: rounded(nowMs - each.startedMs) };
    });
    const recent = this.#recent.map((ended): EndedRow => {
      const { operation, sequence, tookMs, endedMs, isFailed } = ended;
      const time = new Date(endedMs).toISOString();
      return { sequence, time, ...tracedOf(operation), tookMs: rounded(tookMs), failed: isFailed };
    });
    return { running, operations: this.#operations(), recent };
  }

  #operations(): readonly OperationRow[] {
    return [...this.#sums]
      .map(([op, { count, failed, totalMs, longestMs }]) => {
        const meanMs = rounded(totalMs / count);
        return { op, count, failed, meanMs, longestMs: rounded(longestMs) };
      })
      .sort((a, b) => b.count - a.count);
  }
}

/** To whole microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
