/**
 * Many deletions and overwritten files of one device within a minute: a slip, or somebody else's
 * program at work. It is told once for each such minute. Pure.
 */
const windowMs = 60_000;
export const massChangeMin = 100;

export interface MassChange {
  readonly author: string;
  readonly deleted: number;
  readonly overwritten: number;
}

interface Window {
  readonly startedMs: number;
  deleted: number;
  overwritten: number;
  told: boolean;
}

export class MassChanges {
  readonly #windows = new Map<string, Window>();

  /** Takes in changes; the sum when it has just become too large. */
  note({ author, deleted, overwritten }: MassChange, nowMs: number): MassChange | undefined {
    if (deleted + overwritten === 0) return undefined;
    const known = this.#windows.get(author);
    const isCurrent = known !== undefined && nowMs - known.startedMs < windowMs;
    const window: Window = isCurrent
      ? known
      : { startedMs: nowMs, deleted: 0, overwritten: 0, told: false };
    this.#windows.set(author, window);
    window.deleted += deleted;
    window.overwritten += overwritten;
    if (window.told || window.deleted + window.overwritten < massChangeMin) return undefined;
    window.told = true;
    return { author, deleted: window.deleted, overwritten: window.overwritten };
  }
}
