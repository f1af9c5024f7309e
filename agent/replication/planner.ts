/**
 * Decides which chunk is asked of which peer, and when: rarest first, several sources at once, work
 * taken from a peer that is slow, the same chunk from two only at the end. It sends nothing and knows
 * no clock; `fetcher.ts` carries out what it says. Only a bounded part of the want list is open at a
 * time; chunks that nobody has are put aside until somebody new comes.
 */
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { replication as limits } from '../../protocol/limits.ts';
import { Lane, type FetchCall, type Haste, type OpenChunk } from './lane.ts';
import { takeFree, takeSlow, takeSoon } from './take-chunks.ts';
import type { Want } from './want-list.ts';

const openChunksMax = 4 * limits.haveIdsMax;
const giveUpAfterMs = 60_000;
const pauseAfterGivingUpMs = 30_000;

export interface PlannerOptions {
  /** Whether a device said that it holds every chunk of a batch that names this one. */
  readonly surelyHolds: (device: DeviceId, id: ChunkId) => boolean;
  readonly rttMs: (device: DeviceId) => number | undefined;
  /** 0..1023: where this device starts among chunks that are equally rare. */
  readonly startAt: number;
}

export class Planner {
  readonly #options: PlannerOptions;
  readonly #lanes = new Map<DeviceId, Lane>();
  readonly #open = new Map<ChunkId, OpenChunk>();
  /** Lengths of what is not open yet. */
  readonly #waiting: Readonly<Record<Haste, Map<ChunkId, number>>> = {
    read: new Map(),
    first: new Map(),
    none: new Map(),
  };
  readonly #parked = new Map<ChunkId, Pick<OpenChunk, 'length' | 'haste'>>();
  #inFlightBytes = 0;
  #opened = 0;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Nothing is wanted. */
  get idle(): boolean {
    return this.#parked.size === 0 && this.stuck;
  }

  /** Everything that is wanted is put aside, because nobody had it. */
  get stuck(): boolean {
    const { read, first, none } = this.#waiting;
    return this.#open.size + read.size + first.size + none.size === 0;
  }

  lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  lane(device: DeviceId): Lane | undefined {
    return this.#lanes.get(device);
  }

  addPeer(device: DeviceId, pausedUntilMs = 0): void {
    const lane = new Lane(device);
    lane.pausedUntilMs = pausedUntilMs;
    this.#lanes.set(device, lane);
    for (const chunk of this.#open.values()) this.#introduce(lane, chunk);
    this.unpark();
  }

  /** What was on its way from it is asked of others. */
  removePeer(device: DeviceId): void {
    const lane = this.#lanes.get(device);
    if (lane === undefined) return;
    for (const call of [...lane.calls]) {
      call.abort.abort();
      this.endCall(call);
    }
    this.#lanes.delete(device);
    for (const chunk of this.#open.values()) {
      chunk.holders.delete(device);
      chunk.asked.delete(device);
    }
  }

  want(wants: Iterable<Pick<Want, 'id' | 'length'>>): void {
    for (const { id, length } of wants) {
      if (!this.#open.has(id)) this.#waiting.none.set(id, length);
    }
    this.#openMore();
  }

  /** Chunks that come before everything else that is not on its way. */
  wantSoon(wants: Iterable<Pick<Want, 'id' | 'length'>>, haste: 'first' | 'read'): void {
    for (const { id, length } of wants) {
      const open = this.#open.get(id);
      if (open !== undefined) {
        this.#hasten(open, haste);
        continue;
      }
      if (this.#waiting.read.has(id)) continue;
      this.#forget(id);
      this.#waiting[haste].set(id, length);
    }
    this.#openMore();
  }

  /**
   * Whether a peer brings it, or will before others: whoever reads it need not ask for it as well.
   * @param isFree whether chunks may come from a device
   */
  isComing(id: ChunkId, nowMs: number, isFree: (device: DeviceId) => boolean): boolean {
    const chunk = this.#open.get(id);
    if (chunk === undefined) return false;
    for (const call of chunk.flights) if (!call.stalled) return true;
    if (chunk.haste !== 'read') return false;
    for (const device of chunk.holders) {
      const lane = this.#lanes.get(device);
      if (lane?.isUsable(nowMs) === true && isFree(device)) return true;
    }
    return false;
  }

  /** The chunk is here, or nobody wants it any more. Calls that have become pointless are aborted. */
  settle(id: ChunkId): void {
    this.#forget(id);
    const chunk = this.#open.get(id);
    if (chunk === undefined) return;
    this.#open.delete(id);
    chunk.settled = true;
    for (const call of [...chunk.flights]) {
      this.#land(call, chunk);
      if (call.left === 0 && !call.complete) call.abort.abort();
    }
    for (const lane of this.#lanes.values()) lane.settled(chunk);
    this.#openMore();
  }

  /** Whether a peer has a chunk; undefined when it is not known. */
  answerOf(device: DeviceId, id: ChunkId): boolean | undefined {
    const chunk = this.#open.get(id);
    if (chunk?.holders.has(device) === true) return true;
    return chunk?.asked.has(device) === true ? false : undefined;
  }

  /** Chunks to ask a peer about; undefined when one question is on its way or nothing is unknown. */
  nextQuestion(device: DeviceId, nowMs: number): ChunkId[] | undefined {
    const lane = this.#lanes.get(device);
    if (lane === undefined || lane.asking || lane.unasked.size === 0) return undefined;
    if (nowMs < lane.pausedUntilMs) return undefined;
    const chunks = lane.nextUnasked(limits.haveIdsMax);
    for (const chunk of chunks) lane.unasked.delete(chunk);
    lane.asking = true;
    return chunks.map(({ id }) => id);
  }

  /** The answer to a question; `undefined` when none came, so that it is asked again. */
  answer(device: DeviceId, ids: readonly ChunkId[], has: ((index: number) => boolean) | undefined) {
    const lane = this.#lanes.get(device);
    if (lane === undefined) return;
    lane.asking = false;
    ids.forEach((id, index) => {
      const chunk = this.#open.get(id);
      if (chunk === undefined || chunk.holders.has(device)) return;
      if (has === undefined) {
        lane.unasked.add(chunk);
        return;
      }
      chunk.asked.add(device);
      if (has(index)) lane.holds(chunk);
    });
    this.#markDirty();
  }

  /** The peer has more than before: ask again about what it did not have. */
  refresh(device: DeviceId): void {
    const lane = this.#lanes.get(device);
    if (lane === undefined) return;
    for (const chunk of this.#open.values()) {
      if (chunk.holders.has(device)) continue;
      chunk.asked.delete(device);
      this.#introduce(lane, chunk);
    }
    this.unpark();
  }

  /** What nobody had may be had by now. */
  unpark(): void {
    for (const [id, { length, haste }] of this.#parked) this.#waiting[haste].set(id, length);
    this.#parked.clear();
    this.#openMore();
  }

  /**
   * The next call for a peer, already counted as on its way; undefined when it has enough.
   * @param bytesMax of the call; one chunk may be more
   */
  nextCall(device: DeviceId, nowMs: number, bytesMax = Infinity): FetchCall | undefined {
    const lane = this.#lanes.get(device);
    if (lane?.isUsable(nowMs) !== true) return undefined;
    const windowBytes = lane.windowBytes(nowMs, this.#options.rttMs(device));
    const chunks =
      this.#take(lane, { windowBytes, bytesMax }, (_lane, callBytes) =>
        takeSoon(lane, callBytes, nowMs),
      ) ??
      this.#take(
        lane,
        { windowBytes: lane.isRead ? limits.inFlightBytesPerPeerMin : windowBytes, bytesMax },
        (_lane, callBytes) => this.#takeOthers(lane, callBytes, nowMs),
      );
    return chunks && this.#depart(lane, chunks, nowMs);
  }

  /** What the window has room for; undefined when that is nothing. */
  #take(
    lane: Lane,
    { windowBytes, bytesMax }: { readonly windowBytes: number; readonly bytesMax: number },
    take: (lane: Lane, bytesMax: number) => OpenChunk[],
  ): OpenChunk[] | undefined {
    const callBytes = Math.min(bytesMax, lane.callBytes(windowBytes));
    const room = Math.min(
      windowBytes - lane.inFlightBytes,
      limits.inFlightBytesMax - this.#inFlightBytes,
    );
    if (room < callBytes / 2) return undefined;
    const chunks = take(lane, Math.min(room, callBytes));
    return chunks.length === 0 ? undefined : chunks;
  }

  #takeOthers(lane: Lane, bytesMax: number, nowMs: number): OpenChunk[] {
    lane.sort(this.#options.startAt);
    const free = takeFree(lane, bytesMax);
    return free.length === 0 && lane.calls.size === 0 ? takeSlow(lane, nowMs) : free;
  }

  /** Bytes came. */
  progress(call: FetchCall, nowMs: number): void {
    call.lastProgressMs = nowMs;
    call.stalled = false;
  }

  /** The peer does not have this one, whatever it said before. */
  lacks(call: FetchCall, chunk: OpenChunk): void {
    chunk.holders.delete(call.device);
    chunk.asked.add(call.device);
    this.#lanes.get(call.device)?.soon.delete(chunk);
    this.#land(call, chunk);
    this.#markDirty();
  }

  /** The call is over; what it did not bring is free again. */
  endCall(call: FetchCall): void {
    this.#lanes.get(call.device)?.calls.delete(call);
    if (call.left === 0) return;
    for (const chunk of call.chunks) this.#land(call, chunk);
    this.#rewind();
  }

  /** Looks for calls that stand still, and puts aside what nobody has. */
  tick(nowMs: number): void {
    for (const lane of this.#lanes.values()) {
      for (const call of lane.calls) {
        if (call.complete) continue;
        const waitedMs = nowMs - call.lastProgressMs;
        if (waitedMs > lane.hedgeAfterMs() && !call.stalled) {
          call.stalled = true;
          this.#rewind();
        }
        if (waitedMs > giveUpAfterMs) {
          lane.pausedUntilMs = nowMs + pauseAfterGivingUpMs;
          call.abort.abort();
        }
      }
    }
    this.#parkUnavailable();
  }

  #depart(lane: Lane, chunks: readonly OpenChunk[], nowMs: number): FetchCall {
    const call: FetchCall = {
      device: lane.device,
      chunks,
      startedAtMs: nowMs,
      lastProgressMs: nowMs,
      stalled: false,
      left: chunks.length,
      complete: false,
      abort: new AbortController(),
    };
    lane.calls.add(call);
    for (const chunk of chunks) {
      chunk.flights.add(call);
      lane.inFlightBytes += chunk.length;
      this.#inFlightBytes += chunk.length;
    }
    return call;
  }

  #land(call: FetchCall, chunk: OpenChunk): void {
    if (!chunk.flights.delete(call)) return;
    call.left -= 1;
    this.#inFlightBytes -= chunk.length;
    const lane = this.#lanes.get(call.device);
    if (lane !== undefined) lane.inFlightBytes -= chunk.length;
  }

  #hasten(chunk: OpenChunk, haste: 'first' | 'read'): void {
    if (chunk.haste === 'read' || chunk.haste === haste) return;
    chunk.haste = haste;
    for (const device of chunk.holders) this.#lanes.get(device)?.hasten(chunk);
  }

  /** Hasty ones at once, the others a whole group at a time: every opening costs a sort. */
  #openMore(): void {
    this.#openFrom('read', openChunksMax + limits.fetchIdsMax);
    this.#openFrom('first', openChunksMax);
    if (this.#open.size > openChunksMax - limits.haveIdsMax) return;
    this.#openFrom('none', openChunksMax);
  }

  #openFrom(haste: Haste, openMax: number): void {
    const waiting = this.#waiting[haste];
    for (const [id, length] of waiting) {
      if (this.#open.size >= openMax) return;
      waiting.delete(id);
      this.#openOne(id, length, haste);
    }
  }

  #forget(id: ChunkId): void {
    for (const waiting of Object.values(this.#waiting)) waiting.delete(id);
    this.#parked.delete(id);
  }

  #openOne(id: ChunkId, length: number, haste: Haste): void {
    if (this.#open.has(id)) return;
    const chunk: OpenChunk = {
      id,
      length,
      haste,
      order: this.#opened,
      holders: new Set(),
      asked: new Set(),
      flights: new Set(),
      settled: false,
    };
    this.#opened += 1;
    this.#open.set(id, chunk);
    for (const lane of this.#lanes.values()) this.#introduce(lane, chunk);
  }

  #introduce(lane: Lane, chunk: OpenChunk): void {
    if (this.#options.surelyHolds(lane.device, chunk.id)) lane.holds(chunk);
    else lane.unasked.add(chunk);
  }

  #parkUnavailable(): void {
    for (const chunk of this.#open.values()) {
      if (chunk.holders.size > 0 || chunk.asked.size < this.#lanes.size) continue;
      this.#open.delete(chunk.id);
      chunk.settled = true;
      // Not the chunk as it stands: there may be a million of them, each with its sets.
      this.#parked.set(chunk.id, { length: chunk.length, haste: chunk.haste });
    }
    this.#openMore();
  }

  #markDirty(): void {
    for (const lane of this.#lanes.values()) lane.dirty = true;
  }

  #rewind(): void {
    for (const lane of this.#lanes.values()) lane.cursor = 0;
  }
}
