/**
 * Carries out what the planner decides: asks peers what they hold, runs fetch calls, hands bodies to
 * the chunk door. One slow clock watches over all calls; there is no timer a chunk.
 */
import { toVaultError, type VaultError } from '../../protocol/errors.ts';
import type { ChunkId, DeviceId } from '../../protocol/ids.ts';
import { time } from '../../protocol/limits.ts';
import { decodeHaveReply, encodeHaveRequest } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import { callUnary } from '../../protocol/rpc/unary.ts';
import type { Peer } from '../peer/peer.ts';
import type { Clock, LentBytes, Log, Timer } from '../ports.ts';
import { BodyPool } from './body-pool.ts';
import { fetchChunks } from './fetch-call.ts';
import type { Flow } from './flow.ts';
import type { FetchCall, Lane } from './lane.ts';
import type { Planner } from './planner.ts';
import type { ChunkDoor } from './receive-chunk.ts';

const tickMs = 500;
/** How often chunks that nobody had are asked for again without a reason. */
const unparkEveryMs = 30_000;
const pauseAfterErrorMs = 2_000;
const pauseAfterStoreErrorMs = 5_000;

export interface FetcherParts {
  readonly planner: Planner;
  readonly door: ChunkDoor;
  readonly clock: Clock;
  readonly log: Log;
  readonly flow: Flow;
}

export interface FetcherEvents {
  onArrived(device: DeviceId, id: ChunkId, bytes: number): void;
  /** A body has come that is that of the id. It is not written yet; its memory is used again unless it is lent. */
  onRight(id: ChunkId, lend: () => LentBytes): void;
  onMisbehaviour(device: DeviceId, error: VaultError): void;
}

export class Fetcher {
  readonly #parts: FetcherParts;
  readonly #events: FetcherEvents;
  readonly #peers = new Map<DeviceId, Peer>();
  readonly #bodies = new BodyPool();
  #timer: Timer | undefined;
  #pacing: Timer | undefined;
  #timerMs = 0;
  #unparkedAtMs = 0;
  #storePausedUntilMs = 0;
  #closed = false;

  constructor(parts: FetcherParts, events: FetcherEvents) {
    this.#parts = parts;
    this.#events = events;
    parts.flow.onChange(() => {
      this.#flowChanged();
    });
  }

  /** @param notBeforeMs monotonic; until then nothing is asked of it */
  attach(peer: Peer, notBeforeMs: number): void {
    this.#peers.set(peer.device, peer);
    this.#parts.planner.addPeer(peer.device, notBeforeMs);
    this.pump();
  }

  detach(device: DeviceId): void {
    this.#peers.delete(device);
    this.#parts.planner.removePeer(device);
    this.pump();
  }

  /** Whether it is on its way, or will be without waiting for a limit: no reader has to ask for it. */
  isComing(id: ChunkId): boolean {
    const { planner, clock, flow } = this.#parts;
    const nowMs = clock.monotonicMs();
    // What is on its way comes in any case.
    const mayStart = nowMs >= this.#storePausedUntilMs && flow.in.bytesPerSecond === undefined;
    return planner.isComing(id, nowMs, (device) => mayStart && !flow.isHeld('in', device));
  }

  /** Starts whatever can be started now. */
  pump(): void {
    if (this.#closed) return;
    const { planner, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs >= this.#storePausedUntilMs) {
      for (const peer of this.#peers.values()) this.#feed(peer, nowMs);
    }
    if (!planner.idle && this.#peers.size > 0) this.#keepTicking();
  }

  /** What is held comes no further; what it was to bring is asked of others. */
  #flowChanged(): void {
    const { planner, flow } = this.#parts;
    for (const device of this.#peers.keys()) {
      if (!flow.isHeld('in', device)) continue;
      for (const call of planner.lane(device)?.calls ?? []) call.abort.abort();
    }
    this.pump();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#pacing?.cancel();
    for (const device of [...this.#peers.keys()]) this.detach(device);
  }

  #feed(peer: Peer, nowMs: number): void {
    const { planner, flow } = this.#parts;
    if (flow.isHeld('in', peer.device)) return;
    const question = planner.nextQuestion(peer.device, nowMs);
    if (question !== undefined) void this.#ask(peer, question);
    for (;;) {
      const waitMs = flow.in.waitMs(nowMs);
      if (waitMs > 0) {
        this.#pumpAfter(waitMs);
        return;
      }
      const call = planner.nextCall(peer.device, nowMs, flow.in.bytesPerSecond);
      if (call === undefined) return;
      flow.in.take(
        call.chunks.reduce((sum, { length }) => sum + length, 0),
        nowMs,
      );
      void this.#run(peer, call);
    }
  }

  async #ask(peer: Peer, ids: readonly ChunkId[]): Promise<void> {
    const { planner } = this.#parts;
    try {
      const call = { method: peerMethods.have, request: encodeHaveRequest({ ids }) };
      const reply = await callUnary(peer.rpc, call, { deadlineMs: time.callMs });
      const { bitmap } = decodeHaveReply(reply);
      planner.answer(peer.device, ids, (index) => hasBit(bitmap, index));
    } catch (error) {
      planner.answer(peer.device, ids, undefined);
      this.#failed(peer, toVaultError(error, 'replication.have'));
    }
    this.pump();
  }

  async #run(peer: Peer, call: FetchCall): Promise<void> {
    const { planner, clock } = this.#parts;
    const lane = planner.lane(peer.device);
    const writes: Promise<void>[] = [];
    try {
      await fetchChunks(
        peer.rpc,
        call.chunks.map(({ id }) => id),
        {
          signal: call.abort.signal,
          bytes: call.chunks.reduce((sum, { length }) => sum + length, 0),
          onProgress: (bytes) => {
            const nowMs = clock.monotonicMs();
            onProgress(lane, call, { bytes, nowMs });
            planner.progress(call, nowMs);
          },
          allocate: (length) => this.#bodies.take(length),
          onChunk: (index, body) => {
            writes.push(this.#take(peer, call, { index, body }));
          },
        },
      );
      call.complete = true;
    } catch (error) {
      if (!call.abort.signal.aborted) this.#failed(peer, toVaultError(error, 'replication.fetch'));
    }
    await Promise.all(writes);
    planner.endCall(call);
    this.pump();
  }

  async #take(
    peer: Peer,
    call: FetchCall,
    answer: { readonly index: number; readonly body: Buffer | undefined },
  ): Promise<void> {
    const { planner, door } = this.#parts;
    const chunk = call.chunks[answer.index];
    if (chunk === undefined || chunk.settled) return;
    const { body } = answer;
    if (body === undefined) {
      planner.lacks(call, chunk);
      return;
    }
    try {
      await door.accept(chunk.id, body, () => {
        this.#events.onRight(chunk.id, () => this.#bodies.lend(body));
      });
      this.#bodies.give(body);
    } catch (error) {
      this.#refusedByDoor(peer, toVaultError(error, 'replication.accept'));
      return;
    }
    const lane = planner.lane(peer.device);
    if (lane !== undefined) {
      lane.chunksDone += 1;
      lane.bytesDone += body.length;
    }
    planner.settle(chunk.id);
    if (planner.stuck) door.commitSoon();
    this.#events.onArrived(peer.device, chunk.id, body.length);
    this.pump();
  }

  #refusedByDoor(peer: Peer, error: VaultError): void {
    if (error.code === 'peer-misbehaved') {
      this.#events.onMisbehaviour(peer.device, error);
      return;
    }
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs >= this.#storePausedUntilMs) {
      this.#parts.log.warn(
        { code: error.code, detail: error.message },
        'fetching pauses: the store refuses',
      );
    }
    this.#storePausedUntilMs = nowMs + pauseAfterStoreErrorMs;
  }

  #failed(peer: Peer, error: VaultError): void {
    if (error.code === 'peer-misbehaved' || error.code === 'malformed') {
      this.#events.onMisbehaviour(peer.device, error);
      return;
    }
    const lane = this.#parts.planner.lane(peer.device);
    if (lane === undefined) return;
    lane.pausedUntilMs = this.#parts.clock.monotonicMs() + pauseAfterErrorMs;
    this.#parts.log.debug({ device: peer.device, code: error.code }, 'a fetch failed');
  }

  /** One timer: whoever waits for the pace waits for the same moment. */
  #pumpAfter(waitMs: number): void {
    this.#pacing ??= this.#parts.clock.after(waitMs, () => {
      this.#pacing = undefined;
      this.pump();
    });
  }

  #keepTicking(): void {
    const { planner, clock } = this.#parts;
    const everyMs = planner.stuck ? unparkEveryMs : tickMs;
    if (everyMs < this.#timerMs) this.#timer?.cancel();
    else if (this.#timer !== undefined) return;
    this.#timerMs = everyMs;
    this.#timer = clock.after(everyMs, () => {
      this.#timer = undefined;
      this.#timerMs = 0;
      const nowMs = clock.monotonicMs();
      planner.tick(nowMs);
      if (nowMs - this.#unparkedAtMs >= unparkEveryMs) {
        this.#unparkedAtMs = nowMs;
        planner.unpark();
      }
      this.pump();
    });
  }
}

function onProgress(
  lane: Lane | undefined,
  call: FetchCall,
  progress: { readonly bytes: number; readonly nowMs: number },
): void {
  if (call.lastProgressMs === call.startedAtMs) {
    lane?.meter.sampleFirstByte(progress.nowMs - call.startedAtMs);
  }
  if (progress.bytes > 0) lane?.meter.add(progress.bytes, progress.nowMs);
}

/** Bit i, least significant first. */
function hasBit(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}
