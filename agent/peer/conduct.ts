/**
 * How the devices of the vault behave on the wire: what each may make us do, how often it may connect,
 * and which of them broke the rules a moment ago. Kept by device and not by connection, so that nobody
 * begins anew by coming back. Pure.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { flood as limits } from '../../protocol/limits.ts';
import { FloodGuard } from '../../protocol/rpc/flood-guard.ts';
import type { GoodbyeReason } from '../../protocol/rpc/rpc.ts';

/** A device that broke the protocol is not let in again for so long, whoever dials. */
const bannedMs = 60_000;
/** So long a person is told of it. */
const rememberedMs = 10 * 60_000;

/** What is known against a device. */
export interface Trouble {
  /** It is slowed down at the moment, or was lately; monotonic. */
  readonly slowedAtMs: number | undefined;
  /** It was thrown out lately. */
  readonly thrownOut: ThrownOut | undefined;
}

export interface ThrownOut {
  /** Monotonic. */
  readonly atMs: number;
  readonly reason: string;
}

/** Why a connection is not taken. */
export interface Refusal {
  readonly goodbye: GoodbyeReason;
  readonly detail: string;
}

interface Record {
  readonly guard: FloodGuard;
  /** Connections that it may begin now. */
  connects: number;
  countedAtMs: number;
  slowedAtMs: number | undefined;
  thrownOut: ThrownOut | undefined;
}

export class Conduct {
  readonly #records = new Map<DeviceId, Record>();

  guardOf(device: DeviceId, nowMs: number): FloodGuard {
    return this.#of(device, nowMs).guard;
  }

  /** How a connection with it is turned away, if it is; one that it began itself is counted. */
  connect(device: DeviceId, nowMs: number, { isOurs = false } = {}): Refusal | undefined {
    const record = this.#of(device, nowMs);
    const { thrownOut } = record;
    if (thrownOut !== undefined && nowMs - thrownOut.atMs < bannedMs) {
      return { goodbye: 'protocol-error', detail: 'it broke the protocol a moment ago' };
    }
    if (isOurs) return undefined;
    const earned = (nowMs - record.countedAtMs) / limits.connectEveryMs;
    record.connects = Math.min(limits.connectsAtOnceMax, record.connects + earned);
    record.countedAtMs = nowMs;
    if (record.connects < 1) return { goodbye: 'overload', detail: 'it connects too often' };
    record.connects -= 1;
    return undefined;
  }

  /** It was slowed down; whether that is news. */
  slowed(device: DeviceId, nowMs: number): boolean {
    const record = this.#of(device, nowMs);
    const isNews = record.slowedAtMs === undefined || nowMs - record.slowedAtMs > bannedMs;
    record.slowedAtMs = nowMs;
    return isNews;
  }

  /** It broke the rules. */
  throwOut(device: DeviceId, reason: string, nowMs: number): void {
    this.#of(device, nowMs).thrownOut = { atMs: nowMs, reason };
  }

  /** What a person should know of a device; undefined when there is nothing. */
  troubleOf(device: DeviceId, nowMs: number): Trouble | undefined {
    const record = this.#records.get(device);
    if (record === undefined) return undefined;
    const isRecent = (atMs: number | undefined): boolean =>
      atMs !== undefined && nowMs - atMs < rememberedMs;
    const slowedAtMs = isRecent(record.slowedAtMs) ? record.slowedAtMs : undefined;
    const thrownOut = isRecent(record.thrownOut?.atMs) ? record.thrownOut : undefined;
    return slowedAtMs === undefined && thrownOut === undefined
      ? undefined
      : { slowedAtMs, thrownOut };
  }

  #of(device: DeviceId, nowMs: number): Record {
    const known = this.#records.get(device);
    if (known !== undefined) return known;
    const record: Record = {
      guard: new FloodGuard(),
      connects: limits.connectsAtOnceMax,
      countedAtMs: nowMs,
      slowedAtMs: undefined,
      thrownOut: undefined,
    };
    this.#records.set(device, record);
    return record;
  }
}
