/**
 * The order in which changes go into the vault: those of one node one after the other, those of one name
 * too, everything else side by side, so that many share a batch and a sync. A change that fails for a
 * reason that passes is tried again; it is never dropped silently.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { Inode } from './inode.ts';
import type { Change, OpId, Place, VaultPort } from './port.ts';

const retryMinMs = 500;
const retryMaxMs = 30_000;

export class Outbox {
  readonly #port: VaultPort;
  readonly #places = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #onIdle: () => void;
  #closed = false;

  constructor(port: VaultPort, onIdle: () => void) {
    this.#port = port;
    this.#onIdle = onIdle;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Runs `work` when its turn has come: after everything before it that has its inode or one of its places. */
  add(inode: Inode, places: readonly Place[], work: () => Promise<void>): void {
    const keys = places.map(keyOf);
    const before = [inode.tail, ...keys.flatMap((key) => this.#places.get(key) ?? [])];
    inode.pending += 1;
    const run = this.#run(before, inode, work).finally(() => {
      this.#running.delete(run);
      for (const key of keys) if (this.#places.get(key) === run) this.#places.delete(key);
      if (this.#running.size === 0) this.#onIdle();
    });
    inode.tail = run;
    for (const key of keys) this.#places.set(key, run);
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
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What fails from now on is left to the next start. */
  close(): void {
    this.#closed = true;
  }

  async #run(
    before: readonly Promise<void>[],
    inode: Inode,
    work: () => Promise<void>,
  ): Promise<void> {
    await Promise.all(before);
    try {
      await work();
    } catch (error) {
      this.#port.trouble(error, inode.id);
    } finally {
      inode.pending -= 1;
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
