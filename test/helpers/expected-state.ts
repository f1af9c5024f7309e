/**
 * What a vault has to hold after a crash, kept outside of it: every change is written down before it
 * is asked for and again when it was acknowledged. A path is then in one of three states: it must be
 * there with these bytes, it must not be there, or nobody can know because the change was in flight.
 * What was in flight has happened whole or not at all; what a check has seen once is expected from
 * then on.
 */
import assert from 'node:assert/strict';

/** Identifies the bytes of a file; undefined: there is no such file. */
export type Content = string | undefined;

/** Paths that one change touches, with what they hold afterwards. */
export type Effects = ReadonlyMap<string, Content>;

/** A change that was asked for. */
export interface Change {
  readonly what: string;
  readonly before: Effects;
  readonly after: Effects;
}

export interface Problem {
  /**
   * `lost`: it was acknowledged and is not there; `wrong`: other bytes; `returned`: it was removed and
   * is there; `torn`: half of a change; `stranger`: nobody ever wrote it.
   */
  readonly kind: 'lost' | 'wrong' | 'returned' | 'torn' | 'stranger';
  readonly path: string;
  readonly expected: Content;
  readonly found: Content;
  /** The change that was acknowledged last, or is torn. */
  readonly what: string;
}

export class ExpectedState {
  readonly #settled = new Map<string, string>();
  readonly #inFlight = new Set<Change>();
  readonly #lastChange = new Map<string, string>();
  #acknowledged = 0;

  /** Changes acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Changes of which nobody knows whether they happened. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** What the path holds; only for paths without a change in flight. */
  contentOf(path: string): Content {
    assert(!this.#isInFlight(path), `${path} is in flight`);
    return this.#settled.get(path);
  }

  /** Paths below `prefix` that hold something, sorted. */
  pathsBelow(prefix: string): readonly string[] {
    return [...this.#settled.keys()].filter((path) => path.startsWith(prefix)).sort();
  }

  /** A change is about to be asked for. No other one in flight may touch its paths. */
  begin(what: string, after: Effects): Change {
    const before = new Map([...after.keys()].map((path) => [path, this.contentOf(path)]));
    const change = { what, before, after };
    this.#inFlight.add(change);
    return change;
  }

  /** The vault has answered that it happened. */
  acknowledge(change: Change): void {
    assert(this.#inFlight.delete(change), 'a change is acknowledged once');
    this.#acknowledged += 1;
    this.#settle(change.after, `${change.what} (acknowledged)`);
  }

  /**
   * Compares with what is there now. Changes in flight are decided by it, and nothing is in flight
   * afterwards.
   */
  check(found: ReadonlyMap<string, string>): readonly Problem[] {
    const problems: Problem[] = [];
    for (const change of this.#inFlight) problems.push(...this.#decide(change, found));
    this.#inFlight.clear();
    for (const path of new Set([...this.#settled.keys(), ...found.keys()])) {
      const expected = this.#settled.get(path);
      const there = found.get(path);
      if (expected !== there) problems.push(this.#problem(path, { expected, found: there }));
    }
    return problems;
  }

  #decide(change: Change, found: ReadonlyMap<string, string>): readonly Problem[] {
    const happened = agrees(change.after, found);
    if (happened || agrees(change.before, found)) {
      this.#settle(
        happened ? change.after : change.before,
        `${change.what} (in flight, seen as ${happened ? 'done' : 'not done'})`,
      );
      return [];
    }
    // Each path by itself may still be one or the other: then the change is torn.
    const torn: Problem[] = [];
    for (const [path, after] of change.after) {
      const there = found.get(path);
      if (there !== after) continue;
      this.#settle(new Map([[path, after]]), change.what);
      torn.push({
        kind: 'torn',
        path,
        expected: change.before.get(path),
        found: there,
        what: change.what,
      });
    }
    return torn;
  }

  #settle(effects: Effects, what: string): void {
    for (const [path, content] of effects) {
      if (content === undefined) this.#settled.delete(path);
      else this.#settled.set(path, content);
      this.#lastChange.set(path, what);
    }
  }

  #isInFlight(path: string): boolean {
    for (const { after } of this.#inFlight) if (after.has(path)) return true;
    return false;
  }

  #problem(path: string, seen: { readonly expected: Content; readonly found: Content }): Problem {
    const what = this.#lastChange.get(path);
    return { kind: kindOf(what, seen), path, ...seen, what: what ?? 'nothing' };
  }
}

/** One line for people. */
export function formatProblem({ kind, path, expected, found, what }: Problem): string {
  const values = `expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`;
  return `${kind}: ${path}: ${values}; last change: ${what}`;
}

function agrees(effects: Effects, found: ReadonlyMap<string, string>): boolean {
  return [...effects].every(([path, content]) => found.get(path) === content);
}

function kindOf(
  lastChange: string | undefined,
  { expected, found }: { readonly expected: Content; readonly found: Content },
): Problem['kind'] {
  if (lastChange === undefined) return 'stranger';
  if (found === undefined) return 'lost';
  return expected === undefined ? 'returned' : 'wrong';
}
