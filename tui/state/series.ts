/** Rates over time, from counters that the agent gives. Pure. */
import type { PeerRow } from '../../protocol/control/reports.ts';

export interface Series {
  /** Bytes a second, one sample for each second or so, the latest last. */
  readonly in: readonly number[];
  readonly out: readonly number[];
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

/** Rates between two looks. A counter that went back belongs to a new connection: it began at zero. */
export function ratesBetween(before: Counters, after: Counters): { in: number; out: number } {
  const seconds = (after.atMs - before.atMs) / 1000;
  const sum = { in: 0, out: 0 };
  if (seconds <= 0) return sum;
  for (const [device, now] of after.bytes) {
    const then = before.bytes.get(device);
    const fresh = then === undefined || now.in < then.in || now.out < then.out;
    sum.in += fresh ? now.in : now.in - then.in;
    sum.out += fresh ? now.out : now.out - then.out;
  }
  return { in: sum.in / seconds, out: sum.out / seconds };
}

/** The samples with one more; the same samples when nothing was and nothing is. */
export function sampled(samples: readonly number[], value: number): readonly number[] {
  const quiet = value === 0 && samples.length > 1 && samples.every((each) => each === 0);
  return quiet ? samples : [...samples.slice(-(samplesMax - 1)), value];
}
