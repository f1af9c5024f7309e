/**
 * Trees of the past for whoever asks: one is made at a time, those who ask for the same one share it,
 * and it is dropped when nobody waits for it any more. The last ones are kept for some minutes, since
 * one command mostly asks several times.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { Clock, Timer } from '../ports.ts';
import { buildTreeAt, type AtTreeParts } from './at-tree.ts';
import type { Vector } from './batch-times.ts';
import { Slices } from './slices.ts';

export interface PastTreesParts extends AtTreeParts {
  readonly clock: Clock;
}

export interface WaitOptions {
  /** The caller does not wait any more. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of batches that were read, again and again. */
  readonly onProgress?: ((batchesDone: number) => void) | undefined;
}

const keptMax = 2;
/** A tree of more entries than this is kept alone: it takes as much memory as the present one. */
const entriesBesideMax = 200_000;
const idleMs = 5 * 60_000;

interface Kept {
  readonly tree: JournaledTree;
  usedMs: number;
}

interface Build {
  readonly tree: Promise<JournaledTree>;
  readonly abort: AbortController;
  readonly listeners: Set<WaitOptions>;
  batchesDone: number;
}

export class PastTrees {
  readonly #parts: PastTreesParts;
  /** The one that was used last stands last. */
  readonly #kept = new Map<string, Kept>();
  readonly #builds = new Map<string, Build>();
  #queue: Promise<unknown> = Promise.resolve();
  #timer: Timer | undefined;

  constructor(parts: PastTreesParts) {
    this.#parts = parts;
  }

  /** How many are in memory. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The tree of exactly these batches.
   * @throws VaultError `cancelled`, and what the journals cannot be read with
   */
  async at(vector: Vector, options: WaitOptions): Promise<JournaledTree> {
    const key = keyOf(vector);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return this.#keep(key, kept.tree);
    return waitFor(this.#builds.get(key) ?? this.#start(key, vector), options);
  }

  /** The journals say something else than before. */
  forget(): void {
    this.#kept.clear();
    for (const { abort } of this.#builds.values()) abort.abort();
    this.#builds.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #start(key: string, vector: Vector): Build {
    const abort = new AbortController();
    const build: Build = {
      tree: this.#queue.then(() => this.#make(build, vector)),
      abort,
      listeners: new Set(),
      batchesDone: 0,
    };
    this.#builds.set(key, build);
    this.#queue = build.tree.then(
      (tree) => {
        if (this.#builds.get(key) === build) this.#keep(key, tree);
      },
      () => undefined,
    );
    const end = (): void => {
      if (this.#builds.get(key) === build) this.#builds.delete(key);
    };
    void this.#queue.then(end);
    // Who gave up is not asked for the next one to share.
    abort.signal.addEventListener('abort', end);
    return build;
  }

  #make(build: Build, vector: Vector): Promise<JournaledTree> {
    const { signal } = build.abort;
    if (signal.aborted) return Promise.reject(cancelled());
    return buildTreeAt(this.#parts, vector, {
      slices: new Slices(this.#parts.clock, signal),
      onBatch: () => {
        build.batchesDone += 1;
        for (const { onProgress } of build.listeners) onProgress?.(build.batchesDone);
      },
    });
  }

  #keep(key: string, tree: JournaledTree): JournaledTree {
    this.#kept.delete(key);
    this.#kept.set(key, { tree, usedMs: this.#parts.clock.monotonicMs() });
    const sizes = [...this.#kept.values()].map((each) => entriesOf(each.tree));
    const room = Math.max(...sizes) > entriesBesideMax ? 1 : keptMax;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= room) break;
      this.#kept.delete(oldest);
    }
    this.#timer ??= this.#parts.clock.after(idleMs, () => {
      this.#dropIdle();
    });
    return tree;
  }

  #dropIdle(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [key, { usedMs }] of this.#kept)
      if (nowMs - usedMs >= idleMs) this.#kept.delete(key);
    const oldestMs = Math.min(...[...this.#kept.values()].map(({ usedMs }) => usedMs));
    this.#timer =
      this.#kept.size === 0
        ? undefined
        : this.#parts.clock.after(oldestMs + idleMs - nowMs, () => {
            this.#dropIdle();
          });
  }
}

/** The build ends when the last one who waits has gone. */
async function waitFor(build: Build, options: WaitOptions): Promise<JournaledTree> {
  const { signal } = options;
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(cancelled());
  };
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  build.listeners.add(options);
  try {
    return await Promise.race([build.tree, gone]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    build.listeners.delete(options);
    if (build.listeners.size === 0) build.abort.abort();
  }
}

function cancelled(): VaultError {
  return new VaultError('cancelled', { op: 'vault.treeAt', subject: 'the tree of the past' });
}

function entriesOf(tree: JournaledTree): number {
  const { files, directories, symlinks } = tree.totals();
  return files + directories + symlinks;
}

function keyOf(vector: Vector): string {
  return [...vector]
    .filter(([, sequence]) => sequence > 0)
    .map(([journal, sequence]) => `${journal}:${String(sequence)}`)
    .sort()
    .join(' ');
}
