/**
 * A chunk for somebody who waits for it. What the planner brings is waited for; else the likeliest peer is
 * asked first; when it has not sent the whole chunk in time another one is asked too, and whoever comes
 * second is cancelled. Readers of the same chunk share one fetch.
 */
import { assert } from '../../protocol/assert.ts';
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import type { Peer } from '../peer/peer.ts';
import type { Clock, LentBytes, Timer } from '../ports.ts';
import type { ChunkStore } from '../store/store.ts';
import { fetchChunks } from './fetch-call.ts';
import type { Flow } from './flow.ts';
import type { Lane } from './lane.ts';
import type { ChunkDoor } from './receive-chunk.ts';

const newcomerGraceMs = 3_000;
/** How often it is looked whether what was coming still is. */
const lookEveryMs = 500;

export interface ReaderParts {
  readonly store: ChunkStore;
  readonly door: ChunkDoor;
  readonly clock: Clock;
  /** Whether it comes without being asked for here: then `arrived` is called. */
  isComing(id: ChunkId): boolean;
  peers(): Iterable<Peer>;
  lane(device: DeviceId): Lane | undefined;
  /** What is known: true it has it, false it has not, undefined not asked. */
  has(device: DeviceId, id: ChunkId): boolean | undefined;
  /** Devices that would have it, connected or not. */
  wouldHave(id: ChunkId): readonly DeviceId[];
  /** What is asked for here waits for no limit; what nobody waits for makes up for it. */
  readonly flow: Flow;
  /** A right body has come. */
  onArrived(device: DeviceId, id: ChunkId, bytes: number): void;
  /** Whoever reads it has it; keeping it would have been a gain, which a full disk may refuse. */
  onNotKept(id: ChunkId, error: VaultError): void;
  onMisbehaviour(device: DeviceId, error: VaultError): void;
}

export interface ReadOptions {
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** One search, shared by everybody who reads the chunk. */
interface Search {
  readonly id: ChunkId;
  readonly bytes: number;
  /** One for each waiter. */
  readonly result: Promise<LentBytes[]>;
  readonly startedAtMs: number;
  readonly tried: Set<Peer>;
  /** Who is being asked, and how that is given up. */
  readonly running: Map<Peer, AbortController>;
  waiters: number;
  hedge: Timer | undefined;
  resolve(bodies: LentBytes[]): void;
  reject(error: VaultError): void;
}

export class Reader {
  readonly #parts: ReaderParts;
  readonly #searches = new Map<ChunkId, Search>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /**
   * The body, which others may read at the same time.
   * @throws VaultError `chunk-missing` when nobody who is connected has it, `timeout`, `cancelled`
   */
  async fetch(id: ChunkId, options: ReadOptions): Promise<LentBytes> {
    const { store, door } = this.#parts;
    const here = store.has(id) ? await this.#readHere(id) : undefined;
    if (here !== undefined) return kept(here);
    // Nobody would tell about it again.
    const arriving = door.arriving(id);
    if (arriving !== undefined) return kept(Buffer.from(arriving));
    if (options.signal?.aborted === true) throw cancelled(id);
    const search = this.#searches.get(id) ?? this.#start(id, options.length);
    search.waiters += 1;
    try {
      const bodies = await this.#waitFor(search, options);
      const body = bodies.pop();
      assert(body !== undefined, 'one for each waiter');
      return body;
    } finally {
      search.waiters -= 1;
      if (search.waiters === 0) this.#finish(search);
    }
  }

  /**
   * A body has come that is that of the id; the store still needs its memory.
   * @param lend keeps that memory as it is until it is given back
   */
  arrived(id: ChunkId, lend: () => LentBytes): void {
    const search = this.#searches.get(id);
    if (search === undefined) return;
    search.resolve(Array.from({ length: search.waiters }, lend));
    this.#finish(search);
  }

  /** A peer came, or has more than before: whoever waits may ask it. */
  lookAgain(): void {
    for (const search of this.#searches.values()) this.#advance(search);
  }

  close(): void {
    for (const search of [...this.#searches.values()]) {
      search.reject(new VaultError('closed', { op: 'replication.fetch', subject: search.id }));
      this.#finish(search);
    }
  }

  async #readHere(id: ChunkId): Promise<Buffer | undefined> {
    try {
      return await this.#parts.store.read(id);
    } catch (error) {
      // The store has quarantined it: another device may have a good copy.
      if (isVaultError(error, 'damaged', 'chunk-missing')) return undefined;
      throw error;
    }
  }

  #start(id: ChunkId, bytes: number): Search {
    const { promise, resolve, reject } = Promise.withResolvers<LentBytes[]>();
    // Readers that have left do not look at the result any more.
    promise.catch(() => undefined);
    const search: Search = {
      id,
      bytes,
      result: promise,
      startedAtMs: this.#parts.clock.monotonicMs(),
      tried: new Set(),
      running: new Map(),
      waiters: 0,
      hedge: undefined,
      resolve,
      reject,
    };
    this.#searches.set(id, search);
    this.#advance(search);
    return search;
  }

  async #waitFor(search: Search, options: ReadOptions): Promise<LentBytes[]> {
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      reject(cancelled(search.id));
    };
    const timer = this.#parts.clock.after(options.timeoutMs, () => {
      const isComing = search.running.size > 0 || this.#parts.isComing(search.id);
      reject(isComing ? tooSlow(search) : this.#missing(search.id));
    });
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([search.result, promise]);
    } finally {
      timer.cancel();
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Asks the next best peer when nobody is being asked. */
  #advance(search: Search): void {
    if (search.running.size === 0) this.#askNext(search);
  }

  #askNext(search: Search): void {
    // Of a search that is over, another one of the same chunk is no business.
    if (this.#searches.get(search.id) !== search) return;
    search.hedge?.cancel();
    search.hedge = undefined;
    if (this.#parts.isComing(search.id)) {
      search.hedge = this.#parts.clock.after(lookEveryMs, () => {
        this.#askNext(search);
      });
      return;
    }
    const peer = this.#best(search);
    if (peer !== undefined) {
      const waitMs = this.#parts.lane(peer.device)?.hedgeAfterMs() ?? newcomerGraceMs;
      search.hedge = this.#parts.clock.after(waitMs, () => {
        this.#askNext(search);
      });
      void this.#ask(search, peer);
    } else if (search.running.size === 0) {
      this.#giveUpSoon(search);
    }
  }

  /** Nobody left to ask: somebody may be about to connect, but not for ever. */
  #giveUpSoon(search: Search): void {
    const waitedMs = this.#parts.clock.monotonicMs() - search.startedAtMs;
    search.hedge = this.#parts.clock.after(Math.max(1, newcomerGraceMs - waitedMs), () => {
      if (search.running.size > 0) return;
      search.reject(this.#missing(search.id));
    });
  }

  /** Known holders first, then those that answer fastest; never one that said it has not. */
  #best(search: Search): Peer | undefined {
    let best: { peer: Peer; score: number } | undefined;
    for (const peer of this.#parts.peers()) {
      if (search.tried.has(peer)) continue;
      const has = this.#parts.has(peer.device, search.id);
      const lane = this.#parts.lane(peer.device);
      const waitMs = lane?.meter.firstByteMs(0.5) ?? peer.rpc.rttMs ?? 100;
      const score =
        waitMs +
        (has === true ? 0 : has === undefined ? 1e6 : 1e9) +
        (lane?.stalled === true ? 1e7 : 0);
      if (best === undefined || score < best.score) best = { peer, score };
    }
    return best?.peer;
  }

  async #ask(search: Search, peer: Peer): Promise<void> {
    const { clock } = this.#parts;
    const lane = this.#parts.lane(peer.device);
    const startedAtMs = clock.monotonicMs();
    const abort = new AbortController();
    this.#parts.flow.in.take(search.bytes, startedAtMs);
    search.tried.add(peer);
    search.running.set(peer, abort);
    if (lane !== undefined) lane.readers += 1;
    let first = true;
    try {
      await fetchChunks(peer.rpc, [search.id], {
        signal: abort.signal,
        bytes: search.bytes,
        onProgress: (bytes) => {
          if (first) lane?.meter.sampleFirstByte(clock.monotonicMs() - startedAtMs);
          first = false;
          if (bytes > 0) lane?.meter.add(bytes, clock.monotonicMs());
        },
        onChunk: (_index, body) => {
          if (body === undefined) return;
          // It has done its part: with the search it would be given up in front of its own end.
          search.running.delete(peer);
          void this.#take(search.id, peer, body);
        },
      });
    } catch (error) {
      this.#failed(peer, toVaultError(error, 'replication.fetch'));
    }
    if (lane !== undefined) lane.readers -= 1;
    search.running.delete(peer);
    this.#advance(search);
  }

  async #take(id: ChunkId, peer: Peer, body: Buffer): Promise<void> {
    const { door, onArrived, onNotKept } = this.#parts;
    try {
      await door.accept(id, body, () => {
        this.arrived(id, () => kept(body));
        onArrived(peer.device, id, body.length);
      });
    } catch (error) {
      const failure = toVaultError(error, 'replication.accept');
      if (failure.code === 'peer-misbehaved') this.#failed(peer, failure);
      else onNotKept(id, failure);
    }
  }

  #failed(peer: Peer, error: VaultError): void {
    if (isVaultError(error, 'peer-misbehaved', 'malformed')) {
      this.#parts.onMisbehaviour(peer.device, error);
    }
  }

  #finish(search: Search): void {
    search.hedge?.cancel();
    if (this.#searches.get(search.id) === search) this.#searches.delete(search.id);
    for (const abort of search.running.values()) abort.abort();
  }

  #missing(id: ChunkId): VaultError {
    const devices = this.#parts.wouldHave(id).map((device) => device.slice(0, 8));
    return new VaultError('chunk-missing', {
      op: 'replication.fetch',
      subject: id,
      detail:
        devices.length === 0
          ? 'no device is known to have it'
          : `it would be on ${devices.join(', ')}`,
      next:
        devices.length === 0
          ? 'see `vault why`: the device that wrote it has to come back'
          : `bring one of these devices online: ${devices.join(', ')}`,
    });
  }
}

/** Memory that does not go round. */
function kept(bytes: Buffer): LentBytes {
  return { bytes, release: () => undefined };
}

function tooSlow({ id, tried }: Search): VaultError {
  const asked = [...tried].map(({ device }) => device.slice(0, 8)).join(', ');
  return new VaultError('timeout', {
    op: 'replication.fetch',
    subject: id,
    detail:
      asked === ''
        ? 'it is on its way and did not come in time'
        : `asked ${asked} and got no whole chunk in time`,
    next: 'try again, or see `vault transfers`',
  });
}

function cancelled(id: ChunkId): VaultError {
  return new VaultError('cancelled', { op: 'replication.fetch', subject: id });
}
