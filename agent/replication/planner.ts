/**
 * Decides which chunk is asked of which peer, and when: rarest first, several sources at once, work
 * taken from a peer that is slow, the same chunk from two only at the end. It sends nothing and knows
 * no clock; `fetcher.ts` carries out what it says. Only a bounded part of the want list is open at a
 * time; chunks that nobody has are put aside until somebody new comes.
 */
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { replication as limits } from '../../protocol/limits.ts';
import { Lane, type FetchCall, type OpenChunk } from './lane.ts';
import type { Want } from './want-list.ts';

const openChunksMax = 4 * limits.haveIdsMax;
const stealAfterMs = 1_000;
const stealChunksMax = 8;
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
  readonly #urgent = new Map<ChunkId, number>();
  readonly #pending = new Map<ChunkId, number>();
  readonly #parked = new Map<ChunkId, number>();
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
    return this.#open.size === 0 && this.#pending.size === 0 && this.#urgent.size === 0;
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
      if (!this.#open.has(id)) this.#pending.set(id, length);
    }
    this.#openMore();
  }

  /** Chunks that somebody will read soon: before everything else that is not on its way. */
  wantSoon(wants: Iterable<Pick<Want, 'id' | 'length'>>): void {
    for (const { id, length } of wants) {
      if (this.#open.has(id)) continue;
      this.#pending.delete(id);
      this.#parked.delete(id);
      this.#urgent.set(id, length);
    }
    this.#openMore();
  }

  /** The chunk is here, or nobody wants it any more. Calls that have become pointless are aborted. */
  settle(id: ChunkId): void {
    this.#pending.delete(id);
    this.#parked.delete(id);
    this.#urgent.delete(id);
    const chunk = this.#open.get(id);
    if (chunk === undefined) return;
    this.#open.delete(id);
    chunk.settled = true;
    for (const call of [...chunk.flights]) {
      this.#land(call, chunk);
      if (call.left === 0 && !call.complete) call.abort.abort();
    }
    for (const lane of this.#lanes.values()) lane.unasked.delete(chunk);
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
    const ids: ChunkId[] = [];
    for (const chunk of lane.unasked) {
      if (ids.length === limits.haveIdsMax) break;
      lane.unasked.delete(chunk);
      ids.push(chunk.id);
    }
    lane.asking = true;
    return ids;
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
    for (const [id, length] of this.#parked) this.#pending.set(id, length);
    this.#parked.clear();
    this.#openMore();
  }

  /**
   * The next call for a peer, already counted as on its way; undefined when it has enough.
   * @param bytesMax of the call; one chunk may be more
   */
  nextCall(device: DeviceId, nowMs: number, bytesMax = Infinity): FetchCall | undefined {
    const lane = this.#lanes.get(device);
    if (lane === undefined || nowMs < lane.pausedUntilMs || lane.stalled) return undefined;
    const windowBytes = lane.windowBytes(nowMs, this.#options.rttMs(device));
    const callBytes = Math.min(bytesMax, lane.callBytes(windowBytes));
    const room = Math.min(
      windowBytes - lane.inFlightBytes,
      limits.inFlightBytesMax - this.#inFlightBytes,
    );
    if (room < callBytes / 2) return undefined;
    lane.sort(this.#options.startAt);
    let chunks = takeFree(lane, Math.min(room, callBytes));
    if (chunks.length === 0 && lane.calls.size === 0) chunks = takeSlow(lane, nowMs);
    return chunks.length === 0 ? undefined : this.#depart(lane, chunks, nowMs);
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

  /** Urgent ones at once, the others a whole group at a time: every opening costs a sort. */
  #openMore(): void {
    for (const [id, length] of this.#urgent) {
      if (this.#open.size >= openChunksMax) return;
      this.#urgent.delete(id);
      this.#openOne(id, length, true);
    }
    if (this.#open.size > openChunksMax - limits.haveIdsMax) return;
    for (const [id, length] of this.#pending) {
      if (this.#open.size >= openChunksMax) return;
      this.#pending.delete(id);
      this.#openOne(id, length, false);
    }
  }

  #openOne(id: ChunkId, length: number, urgent: boolean): void {
    const chunk: OpenChunk = {
      id,
      length,
      urgent,
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
      this.#parked.set(chunk.id, chunk.length);
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

/** Chunks that nobody else is bringing. */
function takeFree(lane: Lane, bytesMax: number): OpenChunk[] {
  const chunks: OpenChunk[] = [];
  let bytes = 0;
  while (lane.cursor < lane.ready.length && chunks.length < limits.fetchIdsMax) {
    const chunk = lane.ready[lane.cursor];
    if (chunk === undefined || (bytes > 0 && bytes + chunk.length > bytesMax)) break;
    lane.cursor += 1;
    if (chunk.settled || !chunk.holders.has(lane.device) || isUnderWay(chunk, lane)) continue;
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return chunks;
}

function isUnderWay(chunk: OpenChunk, lane: Lane): boolean {
  for (const call of chunk.flights) if (!call.stalled || call.device === lane.device) return true;
  return false;
}

/** Nothing is free: chunks that another peer has been slow to bring, its last ones first. */
function takeSlow(lane: Lane, nowMs: number): OpenChunk[] {
  const slow = lane.ready.filter((chunk) => {
    if (chunk.settled || !chunk.holders.has(lane.device) || chunk.flights.size !== 1) return false;
    const [call] = chunk.flights;
    return call?.device !== lane.device && nowMs - (call?.startedAtMs ?? nowMs) > stealAfterMs;
  });
  return slow.slice(-stealChunksMax);
}
