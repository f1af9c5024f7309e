/** The last things that went wrong in the mount, with the path that they are about, for `.vault/status`. */
import { toVaultError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock, Log } from '../ports.ts';
import { formatTime } from '../vault/format-time.ts';
import { formatPath } from '../vault/path.ts';

export interface FailureRow {
  readonly time: string;
  /** A path, or what else it happened to. */
  readonly subject: string;
  readonly code: string;
  readonly message: string;
  readonly next: string | null;
  /** So often in a row, the last time at `time`. */
  readonly times: number;
}

const rowsMax = 20;
const nodeIdPattern = /^[0-9a-f]{32}$/;

export interface FailuresParts {
  readonly tree: Pick<Tree, 'pathOf'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class Failures {
  readonly #parts: FailuresParts;
  readonly #rows: FailureRow[] = [];

  constructor(parts: FailuresParts) {
    this.#parts = parts;
  }

  /** The latest first. */
  rows(): readonly FailureRow[] {
    return this.#rows.toReversed();
  }

  /** @param about the id of a node, or words */
  add(thrown: unknown, about: string): void {
    const { clock, log } = this.#parts;
    const error = toVaultError(thrown, 'mount');
    const subject = this.#nameOf(about);
    const isOurs = error.code === 'internal';
    log[isOurs ? 'error' : 'warn']({ err: thrown, subject }, 'the mount met an error');
    const { code, message, next = null } = error;
    const last = this.#rows.at(-1);
    // Whoever reads on in a file that is not there fails at every piece of it.
    const isAgain = last?.subject === subject && last.code === code;
    if (isAgain || this.#rows.length === rowsMax) this.#rows.splice(isAgain ? -1 : 0, 1);
    const times = isAgain ? last.times + 1 : 1;
    this.#rows.push({ time: formatTime(clock.nowMs()), subject, code, message, next, times });
  }

  /** The latest at a path or below it. @param path as a person writes it */
  latest(path: string): FailureRow | undefined {
    const below = path.endsWith('/') ? path : `${path}/`;
    return this.#rows.findLast(({ subject }) => subject === path || subject.startsWith(below));
  }

  #nameOf(about: string): string {
    const path = nodeIdPattern.test(about) ? this.#parts.tree.pathOf(about as NodeId) : undefined;
    return path === undefined ? about : formatPath(path);
  }
}
