/**
 * Where devices can be reached, as far as anybody has said: by a person, by the device itself in a
 * signed record, by a beacon on the local network, and by where it was last. Which of these hold is
 * found out by dialling.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { isDialable, joinAddress, splitAddress } from '../../protocol/messages/address.ts';
import { isWildcardHost } from './address.ts';

const lanAddressesMax = 4;
const candidatesMax = 24;
const devicesMax = 512;
const unknownMax = 64;

/** A device's own word. */
export interface KnownRecord {
  readonly counter: number;
  readonly addresses: readonly string[];
  readonly bytes: Buffer;
}

/** What the file keeps of a device. */
export interface BookEntry {
  readonly device: DeviceId;
  /** Given by a person. */
  readonly given: readonly string[];
  readonly record: KnownRecord | undefined;
  /** Where dialling worked last. */
  readonly lastGood: string | undefined;
  /** Wall clock. */
  readonly lastSeenMs: number | undefined;
}

interface MutableEntry extends BookEntry {
  given: string[];
  record: KnownRecord | undefined;
  lastGood: string | undefined;
  lastSeenMs: number | undefined;
  /** Heard on the local network since the start; newest first. */
  lan: string[];
  /** Host that it connected from. */
  seenHost: string | undefined;
}

export class AddressBook {
  readonly #entries = new Map<DeviceId, MutableEntry>();
  /** Given by a person, and nobody has answered there yet. */
  readonly #unknown = new Set<string>();

  constructor(entries: readonly BookEntry[] = [], unknown: readonly string[] = []) {
    for (const entry of entries)
      Object.assign(this.#of(entry.device), entry, { given: [...entry.given] });
    for (const address of unknown) this.#unknown.add(address);
  }

  devices(): DeviceId[] {
    return [...this.#entries.keys()];
  }

  entries(): readonly BookEntry[] {
    return [...this.#entries.values()];
  }

  entry(device: DeviceId): BookEntry | undefined {
    return this.#entries.get(device);
  }

  unknown(): string[] {
    return [...this.#unknown];
  }

  /** By a person. @returns whether it was new */
  give(address: string, device: DeviceId | undefined): boolean {
    if (device === undefined) {
      const known = [...this.#entries.values()].some(({ given }) => given.includes(address));
      if (known || this.#unknown.has(address) || this.#unknown.size >= unknownMax) return false;
      this.#unknown.add(address);
      return true;
    }
    const { given } = this.#of(device);
    this.#unknown.delete(address);
    if (given.includes(address)) return false;
    given.push(address);
    return true;
  }

  take(address: string): void {
    this.#unknown.delete(address);
    for (const entry of this.#entries.values()) {
      entry.given = entry.given.filter((given) => given !== address);
      if (entry.lastGood === address) entry.lastGood = undefined;
    }
  }

  /** By the device; the caller has checked the signature. @returns whether it was news */
  learn(device: DeviceId, record: KnownRecord): boolean {
    if (!this.#entries.has(device) && this.#entries.size >= devicesMax) return false;
    const entry = this.#of(device);
    if (entry.record !== undefined && entry.record.counter >= record.counter) return false;
    entry.record = record;
    return true;
  }

  /** By a beacon. @returns whether it was new */
  heard(device: DeviceId, address: string): boolean {
    if (!this.#entries.has(device) && this.#entries.size >= devicesMax) return false;
    const entry = this.#of(device);
    const known = entry.lan.includes(address);
    entry.lan = [address, ...entry.lan.filter((other) => other !== address)].slice(
      0,
      lanAddressesMax,
    );
    return !known;
  }

  /** A connection is up. `dialled` is the address when we dialled it. */
  connected(
    device: DeviceId,
    at: { readonly dialled: string | undefined; readonly remote: string; readonly nowMs: number },
  ): void {
    const entry = this.#of(device);
    entry.lastSeenMs = at.nowMs;
    if (at.dialled === undefined) {
      entry.seenHost = isDialable(at.remote) ? splitAddress(at.remote).host : undefined;
      return;
    }
    entry.lastGood = at.dialled;
    if (!this.#unknown.delete(at.dialled)) return;
    if (!entry.given.includes(at.dialled)) entry.given.push(at.dialled);
  }

  /** A connection has ended: until now it was there. */
  left(device: DeviceId, nowMs: number): void {
    const entry = this.#entries.get(device);
    if (entry !== undefined) entry.lastSeenMs = nowMs;
  }

  /** What to try, likeliest first. */
  candidates(device: DeviceId): string[] {
    const entry = this.#entries.get(device);
    if (entry === undefined) return [];
    const { lastGood, given, lan, record, seenHost } = entry;
    const signed = record?.addresses ?? [];
    const behindHost =
      seenHost === undefined || isWildcardHost(seenHost)
        ? []
        : signed.map((address) => joinAddress(seenHost, splitAddress(address).port));
    const all = [
      ...(lastGood === undefined ? [] : [lastGood]),
      ...given,
      ...lan,
      ...signed,
      ...behindHost,
    ];
    return [...new Set(all)].slice(0, candidatesMax);
  }

  records(): Buffer[] {
    return [...this.#entries.values()].flatMap(({ record }) => record?.bytes ?? []);
  }

  #of(device: DeviceId): MutableEntry {
    let entry = this.#entries.get(device);
    if (entry === undefined) {
      entry = {
        device,
        given: [],
        record: undefined,
        lastGood: undefined,
        lastSeenMs: undefined,
        lan: [],
        seenHost: undefined,
      };
      this.#entries.set(device, entry);
    }
    return entry;
  }
}
