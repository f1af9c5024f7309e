/**
 * One peer as the planner sees it: what it holds of the open chunks, what is on its way from it, and
 * how much may be. Pure.
 */
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { KiB, replication as limits } from '../../protocol/limits.ts';
import { RateMeter } from './rate-meter.ts';

export type Haste = 'none' | 'first' | 'read';

/** A wanted chunk that is being planned. */
export interface OpenChunk {
  readonly id: ChunkId;
  readonly length: number;
  /** Somebody wants it before the others; `read`: somebody is about to read it, which comes before all. */
  haste: Haste;
  /** Order of opening. */
  readonly order: number;
  readonly holders: Set<DeviceId>;
  readonly asked: Set<DeviceId>;
  readonly flights: Set<FetchCall>;
  settled: boolean;
}

/** One fetch call: chunks that were asked for together and come one after the other. */
export interface FetchCall {
  readonly device: DeviceId;
  readonly chunks: readonly OpenChunk[];
  readonly startedAtMs: number;
  lastProgressMs: number;
  /** Nothing came for too long: its chunks may be asked for elsewhere too. */
  stalled: boolean;
  /** Chunks that it still has to bring. */
  left: number;
  /** The last byte has come; only writing is left. */
  complete: boolean;
  /** Set when nothing that it would still bring is wanted. */
  readonly abort: AbortController;
}

const callBytesMax = 2 * 1024 * KiB;
const hedgeMinMs = 5_000;
const unknownRttMs = 50;

export class Lane {
  readonly device: DeviceId;
  readonly meter = new RateMeter();
  readonly calls = new Set<FetchCall>();
  /** Open chunks that this peer was not asked about yet. */
  readonly unasked = new Set<OpenChunk>();
  /** Open chunks that it holds and somebody is about to read, in the order in which they were asked for. */
  readonly soon = new Set<OpenChunk>();
  /** Open chunks that it holds; sorted when `dirty` is false. */
  ready: OpenChunk[] = [];
  dirty = false;
  /** Before this place of `ready` there is nothing left to ask for. */
  cursor = 0;
  asking = false;
  /** Reads of people that go over this peer now, beside what is planned: they come first. */
  readers = 0;
  pausedUntilMs = 0;
  inFlightBytes = 0;
  chunksDone = 0;
  bytesDone = 0;

  constructor(device: DeviceId) {
    this.device = device;
  }

  /**
   * Bytes that may be on their way: what flows in two round trips, within the limits. Until that is
   * known, as much more as has come: it doubles from one round trip to the next.
   */
  windowBytes(nowMs: number, rttMs: number | undefined): number {
    const spanMs = ((rttMs ?? unknownRttMs) + 100) * 2;
    const flow = (this.meter.bytesPerSecond(nowMs) * spanMs) / 1_000;
    const young = limits.inFlightBytesPerPeerMin + this.meter.unmeasuredBytes;
    return Math.min(limits.inFlightBytesPerPeerMax, Math.max(young, Math.round(flow)));
  }

  /** How much one call asks for, so that several are on their way and the pipe never runs dry. */
  callBytes(windowBytes: number): number {
    return Math.min(callBytesMax, Math.max(256 * KiB, Math.round(windowBytes / 4)));
  }

  /** People read from it: what nobody waits for keeps to the least. */
  get isRead(): boolean {
    return this.readers > 0 || this.soon.size > 0;
  }

  /** After so long without a byte another source is asked (protocol: 5 s, or 8 times the usual). */
  hedgeAfterMs(): number {
    return Math.max(hedgeMinMs, 8 * (this.meter.firstByteMs(0.95) ?? 0));
  }

  /** Whether anything may be asked of it. */
  isUsable(nowMs: number): boolean {
    return nowMs >= this.pausedUntilMs && !this.stalled;
  }

  get stalled(): boolean {
    for (const call of this.calls) if (call.stalled) return true;
    return false;
  }

  holds(chunk: OpenChunk): void {
    chunk.holders.add(this.device);
    this.ready.push(chunk);
    this.dirty = true;
    if (chunk.haste === 'read') this.soon.add(chunk);
  }

  /** One of those that it holds is wanted sooner than before. */
  hasten(chunk: OpenChunk): void {
    if (chunk.haste === 'read') this.soon.add(chunk);
    else this.dirty = true;
  }

  /** So many of those that it was not asked about, what is read soon before the others. */
  nextUnasked(max: number): OpenChunk[] {
    const all = [...this.unasked];
    const soon = all.filter(({ haste }) => haste === 'read');
    const others = soon.length === 0 ? all : all.filter(({ haste }) => haste !== 'read');
    return [...soon, ...others].slice(0, max);
  }

  /** The chunk is here, or nobody wants it. */
  settled(chunk: OpenChunk): void {
    this.unasked.delete(chunk);
    this.soon.delete(chunk);
  }

  /** Rarest first; among equals each device starts at another place, so that downloaders can trade. */
  sort(startAt: number): void {
    if (!this.dirty) return;
    // A chunk that the peer lacked and got again stands there twice.
    this.ready = [...new Set(this.ready)].filter(
      (chunk) => !chunk.settled && chunk.holders.has(this.device),
    );
    this.ready.sort(
      (a, b) =>
        Number(b.haste !== 'none') - Number(a.haste !== 'none') ||
        a.holders.size - b.holders.size ||
        rotated(a.order, startAt) - rotated(b.order, startAt),
    );
    this.cursor = 0;
    this.dirty = false;
  }
}

function rotated(order: number, startAt: number): number {
  const group = Math.floor(order / limits.haveIdsMax);
  return group * limits.haveIdsMax + ((order + limits.haveIdsMax - startAt) % limits.haveIdsMax);
}
