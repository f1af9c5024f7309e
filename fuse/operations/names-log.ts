/**
 * What was done to names and attributes and is not in the vault's journal yet: written down before it is
 * answered, so that a killed agent loses none of it. When nothing is on its way the log begins anew.
 */
import type { Attributes, NodeId, NodeKind, Place, Scratch, ScratchFile } from './port.ts';
import { namesRecord, parseRecord } from './scratch-records.ts';

export type NamesRecord =
  | {
      readonly op: 'create';
      readonly kind: NodeKind;
      readonly node: NodeId;
      readonly place: Place | undefined;
      readonly attributes: Attributes;
      readonly target?: Buffer | undefined;
    }
  | { readonly op: 'link'; readonly node: NodeId; readonly place: Place }
  | {
      readonly op: 'rename';
      readonly node: NodeId;
      readonly from: Place;
      readonly to: Place;
      readonly exchange: boolean;
      /** What had the new name. */
      readonly over: NodeId | undefined;
    }
  | { readonly op: 'remove'; readonly node: NodeId; readonly place: Place }
  | { readonly op: 'attributes'; readonly node: NodeId; readonly attributes: Attributes };

/** What a log before this one had left to do: that one is not needed any more. */
interface Carried {
  readonly op: 'carried';
  readonly records: readonly Numbered[];
}

/** What these records say goes into the vault as one change (`begun`), is in it or has become void (`done`). */
interface Progress {
  readonly op: 'begun' | 'done';
  readonly serials: readonly number[];
}

/** A record with the number by which it is told to be done. */
export type Numbered = NamesRecord & { readonly serial: number };

const prefix = 'names-';

export class NamesLog {
  readonly #scratch: Scratch;
  #file: ScratchFile | undefined;
  #serial = 0;
  #busy = 0;
  #lastRecord = 0;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /**
   * Writes a change down, then makes it: between the two the log cannot begin anew.
   * @param apply runs in the same turn in which the record is known to be written
   */
  async append<Result>(record: NamesRecord, apply: (serial: number) => Result): Promise<Result> {
    this.#file ??= this.#next();
    this.#busy += 1;
    this.#lastRecord += 1;
    const serial = this.#lastRecord;
    try {
      await this.#file.append([namesRecord({ ...record, serial })]).done;
      return apply(serial);
    } finally {
      this.#busy -= 1;
    }
  }

  /** What these records say is on its way: to be awaited before it is. */
  async begin(serials: readonly number[]): Promise<void> {
    if (this.#file === undefined || serials.length === 0) return;
    const begun: Progress = { op: 'begun', serials };
    await this.#file.append([namesRecord(begun)]).done;
  }

  /** What these records say need not be said again. Losing this costs a second look after a crash. */
  done(serials: readonly number[]): void {
    if (this.#file === undefined || serials.length === 0) return;
    const done: Progress = { op: 'done', serials };
    this.#file.append([namesRecord(done)]).done.catch(() => undefined);
  }

  /** Goes on from what was recovered, in one record: all of it counts, or none. */
  async carry(records: readonly Numbered[]): Promise<void> {
    if (records.length === 0) return;
    this.#file ??= this.#next();
    const carried: Carried = { op: 'carried', records };
    await this.#file.append([namesRecord(carried)]).done;
  }

  /** A change was written down and is not made yet. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  /** Nothing of it is needed any more. */
  async reset(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.remove();
  }

  /** What earlier logs hold, in order; they stay until `forget`. */
  async recover(): Promise<{
    records: readonly Numbered[];
    /** Which of them went together; some may not have arrived. */
    begun: readonly (readonly number[])[];
    forget: () => Promise<void>;
  }> {
    let records: Numbered[] = [];
    const begun: (readonly number[])[] = [];
    const names = (await this.#scratch.list())
      .filter((name) => name.startsWith(prefix))
      .sort(bySerial);
    for (const name of names) {
      this.#serial = Math.max(this.#serial, serialOf(name));
      for await (const { plain } of this.#scratch.records(name)) {
        const record = parseRecord(plain);
        if (record?.type !== 'names') continue;
        const value = record.value as Numbered | Carried | Progress;
        if ('node' in value) records.push(value);
        else if (value.op === 'carried') records = [...value.records];
        else if (value.op === 'begun') begun.push(value.serials);
        else records = without(records, value.serials);
      }
    }
    for (const { serial } of records) this.#lastRecord = Math.max(this.#lastRecord, serial);
    return {
      records,
      begun,
      forget: async () => {
        for (const name of names) await this.#scratch.existing(name).remove();
      },
    };
  }

  #next(): ScratchFile {
    this.#serial += 1;
    return this.#scratch.create(`${prefix}${String(this.#serial)}`);
  }
}

export function serialOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

export function bySerial(a: string, b: string): number {
  return serialOf(a) - serialOf(b);
}

function without(records: readonly Numbered[], serials: readonly number[]): Numbered[] {
  const gone = new Set(serials);
  return records.filter(({ serial }) => !gone.has(serial));
}
