/**
 * Who has what, journal by journal: which batches each device has applied, and up to which of them it
 * holds every chunk. What a device said stays known after it left, so that an error can name who
 * would have a chunk. Pure.
 */
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import { replication as limits } from '../../protocol/limits.ts';
import type { NamedBy } from './want-list.ts';

export type Vector = ReadonlyMap<JournalId, number>;

export interface DeviceHoldings {
  readonly applied: Vector;
  readonly complete: Vector;
  readonly freeBytes: number;
}

interface MutableHoldings {
  readonly applied: Map<JournalId, number>;
  readonly complete: Map<JournalId, number>;
  freeBytes: number;
}

export class HoldingsTable {
  readonly #devices = new Map<DeviceId, MutableHoldings>();

  /** A device's announcement: for the journals that it names, the newest word counts. */
  merge(device: DeviceId, announced: DeviceHoldings): void {
    const known = this.#of(device);
    for (const [journal, sequence] of announced.applied) note(known.applied, journal, sequence);
    for (const [journal, sequence] of announced.complete) note(known.complete, journal, sequence);
    known.freeBytes = announced.freeBytes;
  }

  /** The device has this batch: it sent it. */
  sawBatch(device: DeviceId, journal: JournalId, sequence: number): void {
    const { applied } = this.#of(device);
    if (sequence > (applied.get(journal) ?? 0)) note(applied, journal, sequence);
  }

  /**
   * The device asks for everything after `vector`: that is all it has now. It may be less than it said
   * before, because its disk lost something.
   */
  startsFrom(device: DeviceId, vector: Vector): void {
    const { applied, complete } = this.#of(device);
    applied.clear();
    for (const [journal, sequence] of vector) applied.set(journal, sequence);
    for (const [journal, sequence] of complete) {
      complete.set(journal, Math.min(sequence, vector.get(journal) ?? 0));
    }
  }

  appliedBy(device: DeviceId, journal: JournalId): number {
    return this.#devices.get(device)?.applied.get(journal) ?? 0;
  }

  /** Whether the device has said that it holds every chunk of one of these batches. */
  holdsOneOf(device: DeviceId, batches: readonly NamedBy[]): boolean {
    const complete = this.#devices.get(device)?.complete;
    if (complete === undefined) return false;
    return batches.some(({ journal, sequence }) => (complete.get(journal) ?? 0) >= sequence);
  }

  all(): ReadonlyMap<DeviceId, DeviceHoldings> {
    return this.#devices;
  }

  /** A device broke the protocol: what it said means nothing. */
  forget(device: DeviceId): void {
    this.#devices.delete(device);
  }

  /** Batches that one of the devices has and a vector lacks, of journals that are taken in. */
  behind(own: (journal: JournalId) => number, isTaken: (journal: JournalId) => boolean): number {
    const most = new Map<JournalId, number>();
    for (const { applied } of this.#devices.values()) {
      for (const [journal, sequence] of applied) {
        if (sequence > (most.get(journal) ?? 0)) most.set(journal, sequence);
      }
    }
    let count = 0;
    for (const [journal, sequence] of most) {
      if (isTaken(journal)) count += Math.max(0, sequence - own(journal));
    }
    return count;
  }

  #of(device: DeviceId): MutableHoldings {
    let known = this.#devices.get(device);
    if (known === undefined) {
      known = { applied: new Map(), complete: new Map(), freeBytes: 0 };
      this.#devices.set(device, known);
    }
    return known;
  }
}

/** A device that names journals without end is not remembered without end. */
function note(vector: Map<JournalId, number>, journal: JournalId, sequence: number): void {
  if (vector.size < limits.holdingsJournalsMax || vector.has(journal))
    vector.set(journal, sequence);
}
