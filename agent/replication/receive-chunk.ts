/**
 * The one door through which chunks enter the store. A body passes when its BLAKE3 is the id that was
 * asked for; nothing else about it is trusted. Bodies that arrive while a write is under way are
 * written together, and one commit makes many of them durable.
 */
import { blake3 } from '../../protocol/hash.ts';
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import { idFromBytes, type ChunkId } from '../../protocol/ids.ts';
import { chunk as chunkLimits, MiB } from '../../protocol/limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { ChunkStore, SealedChunk } from '../store/store.ts';

const commitBytes = 48 * MiB;
const commitAfterMs = 200;
/** Long enough that single chunks in a row share a sync. */
const commitSoonMs = 10;
const writeGroupBytesMax = 8 * MiB;

export interface ChunkDoorEvents {
  /** Durable now. */
  onDurable(ids: readonly ChunkId[]): void;
  /** Written or committed in vain: these are not here. */
  onLost(ids: readonly ChunkId[], error: VaultError): void;
}

export interface ChunkDoor {
  /**
   * Takes one body in. Resolves when it is written, which is before it is durable.
   * @param onRight runs before that, once the body is known to be that of the id: it may be read then,
   *   and copied, not kept
   * @throws VaultError `peer-misbehaved` when the body is not that of the id; else what the store throws
   */
  accept(id: ChunkId, body: Buffer, onRight?: () => void): Promise<void>;
  /** The right body of a chunk that is being written: to be read and copied at once, not kept. */
  arriving(id: ChunkId): Buffer | undefined;
  /** Nothing more is expected: what was written need not wait for company. */
  commitSoon(): void;
  /** Makes what was written durable. */
  flush(): Promise<void>;
}

interface Waiting extends SealedChunk {
  resolve(): void;
  reject(error: VaultError): void;
}

/** Checks a body against the id that it was asked by. @throws VaultError `peer-misbehaved` */
function checkChunk(id: ChunkId, body: Uint8Array): void {
  if (body.length > chunkLimits.sealedBytesMax || idFromBytes('chunk', blake3(body)) !== id) {
    throw new VaultError('peer-misbehaved', {
      op: 'replication.checkChunk',
      subject: id,
      detail: 'sent bytes that are not those of the chunk',
    });
  }
}

export function openChunkDoor(
  ports: { readonly store: ChunkStore; readonly clock: Clock },
  events: ChunkDoorEvents,
): ChunkDoor {
  return new Door(ports.store, ports.clock, events);
}

class Door implements ChunkDoor {
  readonly #store: ChunkStore;
  readonly #clock: Clock;
  readonly #events: ChunkDoorEvents;
  #queue: Waiting[] = [];
  /** Right, and not written yet. */
  readonly #arriving = new Map<ChunkId, Buffer>();
  #writing = false;
  #written: ChunkId[] = [];
  #writtenBytes = 0;
  #commitTimer: Timer | undefined;
  #commitIsSoon = false;

  constructor(store: ChunkStore, clock: Clock, events: ChunkDoorEvents) {
    this.#store = store;
    this.#clock = clock;
    this.#events = events;
  }

  async accept(id: ChunkId, body: Buffer, onRight?: () => void): Promise<void> {
    checkChunk(id, body);
    this.#arriving.set(id, body);
    try {
      onRight?.();
      await new Promise<void>((resolve, reject) => {
        this.#queue.push({ id, body, resolve, reject });
        if (!this.#writing) void this.#writeQueued();
      });
    } finally {
      // The same one may have come a second time meanwhile.
      if (this.#arriving.get(id) === body) this.#arriving.delete(id);
    }
  }

  arriving(id: ChunkId): Buffer | undefined {
    return this.#arriving.get(id);
  }

  commitSoon(): void {
    if (this.#commitTimer === undefined || this.#commitIsSoon) return;
    this.#commitTimer.cancel();
    this.#commitIsSoon = true;
    this.#commitTimer = this.#clock.after(commitSoonMs, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#commitTimer?.cancel();
    this.#commitTimer = undefined;
    this.#commitIsSoon = false;
    if (this.#written.length === 0) return;
    const ids = this.#written;
    this.#written = [];
    this.#writtenBytes = 0;
    try {
      await this.#store.commit();
    } catch (error) {
      const lost = ids.filter((id) => !this.#store.has(id));
      this.#events.onLost(lost, toVaultError(error, 'replication.commit'));
      return;
    }
    this.#events.onDurable(ids);
  }

  async #writeQueued(): Promise<void> {
    this.#writing = true;
    while (this.#queue.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#writing = false;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.#queue) {
      if (count > 0 && bytes + body.length > writeGroupBytesMax) break;
      bytes += body.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#store.write(group);
    } catch (error) {
      const failure = toVaultError(error, 'replication.writeChunks');
      for (const { reject } of group) reject(failure);
      return;
    }
    for (const { id, body, resolve } of group) {
      this.#written.push(id);
      this.#writtenBytes += body.length;
      resolve();
    }
    if (this.#writtenBytes >= commitBytes) void this.flush();
    else this.#commitTimer ??= this.#clock.after(commitAfterMs, () => void this.flush());
  }
}
