/**
 * The order in which changes go into the vault: those of one node one after the other, those of one name
 * too, what is in a directory after the directory, and the end of a directory after everything that was
 * in it. Everything else goes side by side, so that many share a batch and a sync. A change that fails for
 * a reason that passes is tried again; it is never dropped silently.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { Inode } from './inode.ts';
import type { Change, NodeId, OpId, Place, VaultPort } from './port.ts';
import { Rounds } from './rounds.ts';

const retryMinMs = 500;
const retryMaxMs = 30_000;

export interface Turn {
  /** Names that it changes. */
  readonly places: readonly Place[];
  /** Directories that end with it. */
  readonly ends?: readonly NodeId[] | undefined;
}

export class Outbox {
  readonly #port: VaultPort;
  readonly #places = new Map<string, Promise<void>>();
  /** The last change of each directory, and all that change a name in it. */
  readonly #directories = new Map<NodeId, Promise<void>>();
  readonly #inside = new Map<NodeId, Set<Promise<void>>>();
  readonly #running = new Set<Promise<void>>();
  readonly #onIdle: () => void;
  readonly #rounds: Rounds;
  #closed = false;
  /** Something was left to the next start: what says so has to stay. */
  hasFailed = false;

  constructor(port: VaultPort, onIdle: () => void) {
    this.#port = port;
    this.#onIdle = onIdle;
    this.#rounds = new Rounds(port.clock);
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Runs `work` when its turn has come: after everything before it that it builds on. */
  add(inode: Inode, { places, ends = [] }: Turn, work: () => Promise<void>): void {
    const keys = places.map(keyOf);
    const before = [
      inode.tail,
      ...keys.flatMap((key) => this.#places.get(key) ?? []),
      ...places.flatMap(({ parent }) => this.#directories.get(parent) ?? []),
      ...ends.flatMap((directory) => [...(this.#inside.get(directory) ?? [])]),
    ];
    inode.pending += 1;
    const run = this.#run(before, inode, work).finally(() => {
      this.#running.delete(run);
      this.#leave(run, inode, places);
      if (this.#running.size === 0) this.#onIdle();
    });
    inode.tail = run;
    for (const key of keys) this.#places.set(key, run);
    if (inode.kind === 'directory') this.#directories.set(inode.id, run);
    for (const { parent } of places) {
      const inside = this.#inside.get(parent);
      if (inside === undefined) this.#inside.set(parent, new Set([run]));
      else inside.add(run);
    }
    this.#running.add(run);
  }

  /** Publishes, again and again while the reason passes. @throws what stays wrong */
  async publish(change: Change): Promise<OpId | undefined> {
    return this.retry(() => this.#port.publish(change));
  }

  async retry<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let waitMs = retryMinMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
      try {
        return await work();
      } catch (error) {
        if (this.#closed || !mayPass(error)) throw error;
        this.#port.trouble(error, 'the mount tries again');
        await new Promise<void>((resolve) => {
          this.#port.clock.after(waitMs, resolve);
        });
      }
    }
  }

  /** Resolves when nothing waits any more. */
  settled(): Promise<void> {
    return this.hurry(async () => {
      while (this.#running.size > 0) await Promise.all(this.#running);
    });
  }

  /** Runs `work`, during which nothing sets out: it puts together what is to be changed. */
  hold(work: () => Promise<void>): Promise<void> {
    return this.#rounds.hold(work);
  }

  /** Runs `work`, which waits for changes: none of them waits for a better moment. */
  hurry(work: () => Promise<void>): Promise<void> {
    return this.#rounds.hurry(work);
  }

  /** What fails from now on is left to the next start. */
  close(): void {
    this.#closed = true;
  }

  #leave(run: Promise<void>, inode: Inode, places: readonly Place[]): void {
    if (this.#directories.get(inode.id) === run) this.#directories.delete(inode.id);
    for (const place of places) {
      const key = keyOf(place);
      if (this.#places.get(key) === run) this.#places.delete(key);
      const inside = this.#inside.get(place.parent);
      inside?.delete(run);
      if (inside?.size === 0) this.#inside.delete(place.parent);
    }
  }

  async #run(
    before: readonly Promise<void>[],
    inode: Inode,
    work: () => Promise<void>,
  ): Promise<void> {
    await this.#rounds.next();
    const startMs = this.#port.clock.monotonicMs();
    await Promise.all(before);
    try {
      await work();
    } catch (error) {
      this.hasFailed = true;
      this.#port.trouble(error, inode.id);
    } finally {
      inode.pending -= 1;
      this.#rounds.took(startMs);
    }
  }
}

function keyOf({ parent, name }: Place): string {
  return `${parent}/${name.toString('latin1')}`;
}

function mayPass(error: unknown): boolean {
  return isVaultError(
    error,
    'disk-full',
    'quota-full',
    'io',
    'overload',
    'timeout',
    'chunk-missing',
    'peer-unreachable',
    'read-only',
    'no-key',
  );
}
