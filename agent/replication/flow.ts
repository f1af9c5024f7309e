/**
 * What people have said about transfers: how many bytes a second may come and go, and which transfers
 * wait until they are let on. Chunks only: changes are small and always travel. Pure but for its clock.
 */
import type { DeviceId } from '../../protocol/ids.ts';

export type Direction = 'in' | 'out';

/** As it is kept over a restart. */
export interface FlowSettings {
  /** undefined: no limit. */
  readonly inBytesPerSecond?: number | undefined;
  readonly outBytesPerSecond?: number | undefined;
  /** Those that wait. */
  readonly held: readonly { readonly direction: Direction; readonly device: DeviceId }[];
}

/** Of a limit. */
export const bytesPerSecondBounds = { min: 1024, max: 1024 ** 4 } as const;

/** So much of a second may be used up at once. */
const burstSeconds = 0.25;

/** So many bytes a second. What was taken too much is waited for afterwards, so that nothing is too large. */
export class Pace {
  #bytesPerSecond: number | undefined;
  #freeBytes = 0;
  #atMs = 0;

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  set(bytesPerSecond: number | undefined, nowMs: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#freeBytes = 0;
    this.#atMs = nowMs;
  }

  take(bytes: number, nowMs: number): void {
    this.#refill(nowMs);
    if (this.#bytesPerSecond !== undefined) this.#freeBytes -= bytes;
  }

  /** How long until something may be taken; 0: now. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    if (this.#bytesPerSecond === undefined || this.#freeBytes >= 0) return 0;
    return Math.ceil((-this.#freeBytes * 1000) / this.#bytesPerSecond);
  }

  #refill(nowMs: number): void {
    const rate = this.#bytesPerSecond;
    if (rate === undefined) return;
    const gained = ((nowMs - this.#atMs) * rate) / 1000;
    this.#freeBytes = Math.min(rate * burstSeconds, this.#freeBytes + gained);
    this.#atMs = nowMs;
  }
}

export class Flow {
  readonly in = new Pace();
  readonly out = new Pace();
  readonly #held = new Map<string, FlowSettings['held'][number]>();
  readonly #listeners = new Set<() => void>();

  /** @param nowMs monotonic */
  constructor(saved: FlowSettings, nowMs: number) {
    this.in.set(saved.inBytesPerSecond, nowMs);
    this.out.set(saved.outBytesPerSecond, nowMs);
    for (const each of saved.held) this.#held.set(keyOf(each.direction, each.device), each);
  }

  settings(): FlowSettings {
    return {
      inBytesPerSecond: this.in.bytesPerSecond,
      outBytesPerSecond: this.out.bytesPerSecond,
      held: [...this.#held.values()],
    };
  }

  isHeld(direction: Direction, device: DeviceId): boolean {
    return this.#held.has(keyOf(direction, device));
  }

  /** @returns whether it was otherwise before */
  hold(direction: Direction, device: DeviceId, on: boolean): boolean {
    const key = keyOf(direction, device);
    if (this.#held.has(key) === on) return false;
    if (on) this.#held.set(key, { direction, device });
    else this.#held.delete(key);
    this.#tell();
    return true;
  }

  limit(direction: Direction, bytesPerSecond: number | undefined, nowMs: number): void {
    this[direction].set(bytesPerSecond, nowMs);
    this.#tell();
  }

  /** Hears of every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Everything as fast as it goes. */
export function freeFlow(): Flow {
  return new Flow({ held: [] }, 0);
}

function keyOf(direction: Direction, device: DeviceId): string {
  return `${direction} ${device}`;
}
