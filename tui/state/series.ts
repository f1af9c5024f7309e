/** Rates over time, from counters that the agent gives. Pure. */
import type { PeerRow } from '../../protocol/control/reports.ts';

/** Bytes a second. */
export interface Rate {
  readonly in: number;
  readonly out: number;
}

export interface Series {
  /** Bytes a second, one sample for each second or so, the latest last. */
  readonly in: readonly number[];
  readonly out: readonly number[];
  /** The latest of each device that is connected, by its id. */
  readonly devices: ReadonlyMap<string, Rate>;
  /** When the last one was taken; Unix time. undefined: none was. */
  readonly atMs?: number | undefined;
}

/** Five minutes at a sample a second. */
export const samplesMax = 300;

export interface Counters {
  readonly atMs: number;
  /** By device. */
  readonly bytes: ReadonlyMap<string, { readonly in: number; readonly out: number }>;
}

export function countersOf(peers: readonly PeerRow[], atMs: number): Counters {
  const connected = peers.filter(({ online, deviceId }) => online && deviceId !== null);
  return {
    atMs,
    bytes: new Map(
      connected.map((peer) => [peer.deviceId ?? '', { in: peer.bytesIn, out: peer.bytesOut }]),
    ),
  };
}

/**
 * Of each device between two looks. A counter that went back belongs to a new connection: it began at zero.
 */
export function ratesBetween(before: Counters, after: Counters): ReadonlyMap<string, Rate> {
  const seconds = (after.atMs - before.atMs) / 1000;
  const rates = [...after.bytes].map(([device, now]): [string, Rate] => {
    const then = before.bytes.get(device);
    const fresh = then === undefined || now.in < then.in || now.out < then.out;
    const since = fresh ? { in: 0, out: 0 } : then;
    const rate = (end: number, start: number) => (seconds > 0 ? (end - start) / seconds : 0);
    return [device, { in: rate(now.in, since.in), out: rate(now.out, since.out) }];
  });
  return new Map(rates);
}

/** The agent tells of changed counters within about a second, and says nothing while they stand still. */
const toldWithinMs = 1250;

/** Since when what is new has come: after a pause, it has come just now. Unix time. */
export function lastLookMs(series: Series, firstMs: number, nowMs: number): number {
  const lastMs = series.atMs ?? firstMs;
  const stoodStill = (series.in.at(-1) ?? 0) === 0 && (series.out.at(-1) ?? 0) === 0;
  return stoodStill ? Math.max(lastMs, nowMs - toldWithinMs) : lastMs;
}

/** Of all devices together. */
export function sumOf(rates: ReadonlyMap<string, Rate>): Rate {
  const sum = { in: 0, out: 0 };
  for (const rate of rates.values()) {
    sum.in += rate.in;
    sum.out += rate.out;
  }
  return sum;
}

/** The samples with one more; the same samples when nothing was and nothing is. */
export function sampled(samples: readonly number[], value: number): readonly number[] {
  const quiet = value === 0 && samples.length > 1 && samples.every((each) => each === 0);
  return quiet ? samples : [...samples.slice(-(samplesMax - 1)), value];
}
