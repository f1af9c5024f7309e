/**
 * A progress bar on standard error, for what takes longer than half a second on a terminal. The line
 * is pure; the clock, the timer and the stream are given.
 */
import { formatBytes, formatDuration } from './format.ts';
import type { OutputStream } from './output.ts';

export interface ProgressState {
  readonly bytesDone: number;
  /** undefined: not known yet. */
  readonly bytesTotal: number | undefined;
  readonly bytesPerSecond: number;
  /** What is counted in the place of bytes. */
  readonly unit?: string | undefined;
}

export interface Progress {
  /** So many more bytes are done. */
  advance(bytes: number): void;
  /** What there is to do in all, as far as it is known. */
  total(bytes: number): void;
  /** Makes room for a line of text; the bar is drawn again below it. */
  hide(): void;
  /** Takes the bar away. */
  finish(): void;
}

export interface ProgressClock {
  nowMs(): number;
  /** Calls `action` again and again without keeping the process alive. */
  every(periodMs: number, action: () => void): { cancel(): void };
  /** What is counted in the place of bytes. */
  readonly unit?: string | undefined;
}

const delayMs = 500;
const periodMs = 100;
/** The rate is that of about the last three seconds. */
const rateMemoryMs = 3000;
const clearLine = '\r\u001b[K';

/** For scripts, pipes and `--quiet`. */
export const noProgress: Progress = {
  advance: () => undefined,
  total: () => undefined,
  hide: () => undefined,
  finish: () => undefined,
};

export function startProgress(stream: OutputStream, clock: ProgressClock): Progress {
  const startMs = clock.nowMs();
  let bytesDone = 0;
  let bytesTotal: number | undefined;
  let bytesPerSecond = 0;
  let shown = false;
  let last = { ms: startMs, bytes: 0 };

  const draw = (): void => {
    const nowMs = clock.nowMs();
    bytesPerSecond = nextRate(bytesPerSecond, {
      bytes: bytesDone - last.bytes,
      elapsedMs: nowMs - last.ms,
      isFirst: last.ms === startMs,
    });
    last = { ms: nowMs, bytes: bytesDone };
    if (nowMs - startMs < delayMs) return;
    shown = true;
    const state = { bytesDone, bytesTotal, bytesPerSecond, unit: clock.unit };
    stream.write(clearLine + progressLine(state, stream.columns ?? 80));
  };
  const hide = (): void => {
    if (shown) stream.write(clearLine);
    shown = false;
  };
  const timer = clock.every(periodMs, draw);

  return {
    advance(bytes) {
      bytesDone += bytes;
    },
    total(bytes) {
      bytesTotal = bytes;
    },
    hide,
    finish() {
      timer.cancel();
      hide();
    },
  };
}

/** Exponential average, so that the number can be read. */
export function nextRate(
  rate: number,
  step: { readonly bytes: number; readonly elapsedMs: number; readonly isFirst: boolean },
): number {
  if (step.elapsedMs <= 0) return rate;
  const now = (step.bytes * 1000) / step.elapsedMs;
  if (step.isFirst) return now;
  const weight = 1 - Math.exp(-step.elapsedMs / rateMemoryMs);
  return rate + (now - rate) * weight;
}

/** `[#####.....]  45%  1.2 GiB of 2.7 GiB  310 MiB/s  0:05 left`, within `columns`. */
export function progressLine(state: ProgressState, columns: number): string {
  const { bytesDone, bytesTotal, bytesPerSecond, unit } = state;
  const format = (amount: number): string =>
    unit === undefined ? formatBytes(amount) : `${String(Math.round(amount))} ${unit}`;
  const rate = `${format(bytesPerSecond)}/s`;
  if (bytesTotal === undefined || bytesTotal === 0) {
    return `${format(bytesDone)}  ${rate}`.slice(0, columns - 1);
  }
  const share = Math.min(1, bytesDone / bytesTotal);
  const left = bytesPerSecond > 0 ? (bytesTotal - bytesDone) / bytesPerSecond : undefined;
  const words = [
    `${String(Math.floor(share * 100)).padStart(3)}%`,
    `${format(bytesDone)} of ${format(bytesTotal)}`,
    rate,
    left === undefined ? '' : `${formatDuration(left)} left`,
  ];
  const text = words.filter((word) => word !== '').join('  ');
  const barWidth = Math.min(30, columns - 1 - text.length - 4);
  if (barWidth < 5) return text.slice(0, columns - 1);
  const filled = Math.floor(share * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]  ${text}`;
}
