/**
 * Positions of directories: the replicated tree of Kleppmann, Mulligan, Gomes and Beresford, "A highly
 * available move operation for replicated trees" (IEEE TPDS 33(7), 2022), over a log of directory
 * moves only. Makes come before all moves; moves follow in the order of (lamport, journal, sequence,
 * index), and one that would put a directory below itself is skipped. A move that comes late undoes
 * the ones after it and does them again, once for all moves that came together.
 */
import { greatest, valuesOf } from './one-or-many.ts';
import { compareOps, type BatchOrder, type NodeRecord, type OpRecord } from './records.ts';

export interface LoggedMove {
  readonly node: NodeRecord;
  readonly record: OpRecord;
  readonly order: BatchOrder;
  done: boolean;
  /** Where the directory was before; only of a move that is done. */
  before: OpRecord | undefined;
}

/** Directories and where they were before the log was settled. */
export type MovedDirectories = ReadonlyMap<NodeRecord, OpRecord | undefined>;

export class MoveLog {
  readonly #root: NodeRecord;
  #log: LoggedMove[] = [];
  #incoming: LoggedMove[] = [];
  /** Moves that came since somebody took them. */
  #unsaved: LoggedMove[] = [];
  #newBases = new Set<NodeRecord>();
  #newDirectories = new Set<NodeRecord>();
  /** It became a directory just now, and nothing has been put below it since. */
  #newest: NodeRecord | undefined;
  #wants: 'nothing' | 'replay' | 'rebuild' = 'nothing';
  readonly #directories: NodeRecord[] = [];
  #moved = new Map<NodeRecord, OpRecord | undefined>();

  constructor(root: NodeRecord) {
    this.#root = root;
  }

  /** A node turned out to be a directory. */
  addDirectory(node: NodeRecord): void {
    this.#directories.push(node);
    this.#newDirectories.add(node);
    this.#newest = node;
  }

  /** A Make gave a position whose parent is known. `hasWaited`: its parent was not when it came. */
  addBase(node: NodeRecord, hasWaited: boolean): void {
    this.#newBases.add(node);
    // One that was known by a Make that still waits may have become its own parent's parent meanwhile.
    const isEmpty = this.#newest === node;
    this.#newest = undefined;
    const isSecond = valuesOf(node.directory?.makes).length > 1;
    // Moves in the log may have gone from it, to it or through it while it had no base.
    const late = hasWaited || !this.#newDirectories.has(node);
    const mayLoop = late || !isEmpty;
    if (isSecond || (mayLoop && this.#isBelowItself(node))) this.#wants = 'rebuild';
    else if (late && this.#log.length > 0 && this.#wants === 'nothing') this.#wants = 'replay';
  }

  addMove(node: NodeRecord, record: OpRecord, order: BatchOrder): void {
    if (node.directory !== undefined) node.directory.moves += 1;
    const move = { node, record, order, done: false, before: undefined };
    this.#incoming.push(move);
    this.#unsaved.push(move);
  }

  /** All that have come, once they are settled, in their order. */
  logged(): readonly LoggedMove[] {
    return this.#log;
  }

  /** Moves to save; they are the caller's business now. */
  takeUnsaved(): readonly LoggedMove[] {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    return unsaved;
  }

  /** Nothing of it is saved any more. */
  forgetSaved(): void {
    this.#unsaved = [...this.#log, ...this.#incoming];
  }

  /** Orders or kinds changed: everything is computed again. */
  rebuild(): void {
    this.#wants = 'rebuild';
  }

  /** Brings all places up to date with what was added. */
  settle(): MovedDirectories {
    this.#moved = new Map();
    if (this.#wants === 'rebuild') this.#rebuildAll();
    else if (this.#wants === 'replay') this.#replayFrom(0);
    else this.#replayFrom(this.#firstPlaceOfIncoming());
    this.#wants = 'nothing';
    this.#newBases = new Set();
    this.#newDirectories = new Set();
    this.#newest = undefined;
    for (const [node, before] of this.#moved) {
      if (node.directory?.place === before) this.#moved.delete(node);
    }
    return this.#moved;
  }

  #rebuildAll(): void {
    this.#undoFrom(0);
    this.#takeIncoming();
    this.#log = this.#log.filter(({ node }) => node.kind === 'directory');
    this.#log.sort(compareMoves);
    breakCycles(this.#directories, this.#root);
    for (const node of this.#directories) this.#place(node, this.#baseOf(node));
    this.#redoFrom(0);
  }

  #replayFrom(start: number): void {
    this.#undoFrom(start);
    this.#takeIncoming();
    // Only the part that was undone is out of order.
    const undone = this.#log.splice(start).sort(compareMoves);
    for (const move of undone) this.#log.push(move);
    for (const node of this.#newBases) this.#place(node, this.#baseOf(node));
    this.#redoFrom(start);
  }

  #takeIncoming(): void {
    for (const move of this.#incoming) this.#log.push(move);
    this.#incoming = [];
  }

  /** Where the log has to be undone to; its end when all that came belongs there. */
  #firstPlaceOfIncoming(): number {
    const [head, ...others] = this.#incoming;
    if (head === undefined) return this.#log.length;
    let first = head;
    for (const move of others) if (compareMoves(move, first) < 0) first = move;
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const move = this.#log[middle];
      if (move !== undefined && compareMoves(move, first) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #undoFrom(start: number): void {
    for (let at = this.#log.length - 1; at >= start; at -= 1) {
      const move = this.#log[at];
      if (move?.done !== true) continue;
      this.#place(move.node, move.before);
      move.done = false;
    }
  }

  #redoFrom(start: number): void {
    for (let at = start; at < this.#log.length; at += 1) {
      const move = this.#log[at];
      if (move === undefined || this.#wouldLoop(move)) continue;
      move.before = move.node.directory?.place;
      move.done = true;
      this.#place(move.node, move.record);
    }
  }

  #wouldLoop({ node, record }: LoggedMove): boolean {
    let at = record.parent;
    while (at !== undefined && at !== this.#root) {
      if (at === node) return true;
      at = at.directory?.place?.parent;
    }
    return false;
  }

  #place(node: NodeRecord, place: OpRecord | undefined): void {
    const part = node.directory;
    if (part === undefined || part.place === place) return;
    if (!this.#moved.has(node)) this.#moved.set(node, part.place);
    part.place = place;
  }

  #baseOf(node: NodeRecord): OpRecord | undefined {
    const base = makeOf(node);
    if (base === undefined || node.kind !== 'directory') return undefined;
    return node.directory?.broken === true ? { ...base, parent: this.#root } : base;
  }

  #isBelowItself(node: NodeRecord): boolean {
    const seen = new Set<NodeRecord>();
    let at = makeOf(node)?.parent;
    while (at !== undefined && at !== this.#root && !seen.has(at)) {
      if (at === node) return true;
      seen.add(at);
      at = makeOf(at)?.parent;
    }
    return false;
  }
}

/** The Make whose position counts: the one of lowest name. */
function makeOf(node: NodeRecord): OpRecord | undefined {
  return greatest(node.directory?.makes, (a, b) => compareOps(b, a));
}

export function compareMoves(a: LoggedMove, b: LoggedMove): number {
  return a.order.lamport - b.order.lamport || compareOps(a.record, b.record);
}

/**
 * Two faulty devices can make two directories below each other. Of every such cycle the directory of
 * lowest id stands below the root.
 */
function breakCycles(directories: readonly NodeRecord[], root: NodeRecord): void {
  const checked = new Set<NodeRecord>();
  for (const node of directories) if (node.directory !== undefined) node.directory.broken = false;
  for (const start of directories) {
    const path: NodeRecord[] = [];
    const onPath = new Set<NodeRecord>();
    let at: NodeRecord | undefined = start;
    while (at !== undefined && at !== root && !checked.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = at.kind === 'directory' ? makeOf(at)?.parent : undefined;
    }
    if (at !== undefined && onPath.has(at)) breakCycle(path.slice(path.indexOf(at)));
    for (const node of path) checked.add(node);
  }
}

function breakCycle(cycle: readonly NodeRecord[]): void {
  let lowest = cycle[0];
  for (const node of cycle) if (lowest === undefined || node.id < lowest.id) lowest = node;
  if (lowest?.directory !== undefined) lowest.directory.broken = true;
}
