/**
 * What was done to names and attributes and is not in the vault's journal yet: written down before it is
 * answered, so that a killed agent loses none of it. When nothing is on its way the log begins anew; when
 * it has become long, with what is on its way at the moment.
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

/** What the records of each group say goes into the vault as one change. */
interface Begun {
  readonly op: 'begun';
  readonly groups: readonly (readonly number[])[];
}

/** The same for one group, as it was written before. */
interface BegunAlone {
  readonly op: 'begun';
  readonly serials: readonly number[];
}

/** What these records say is in the vault, or has become void. */
interface Done {
  readonly op: 'done';
  readonly serials: readonly number[];
}

/** A record with the number by which it is told to be done. */
export type Numbered = NamesRecord & { readonly serial: number };

const prefix = 'names-';
const bytesMax = 4 * 1024 * 1024;

export class NamesLog {
  readonly #scratch: Scratch;
  #file: ScratchFile | undefined;
  /** Those before it, until what they left to do is carried over and on the medium. */
  #older: ScratchFile[] = [];
  /** It is long then. */
  #longBytes = bytesMax;
  #serial = 0;
  #busy = 0;
  #lastRecord = 0;
  /** On their way, and which of them go together. */
  readonly #open = new Map<number, Numbered>();
  readonly #groups = new Set<readonly number[]>();
  readonly #beginning = new Moment<readonly number[]>((groups) =>
    this.#note({ op: 'begun', groups }),
  );
  readonly #ending = new Moment<number>((serials) => this.#note({ op: 'done', serials }));
  #renewing = false;

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
    const numbered = { ...record, serial };
    this.#open.set(serial, numbered);
    try {
      await this.#file.append([namesRecord(numbered)]).done;
      return apply(serial);
    } catch (error) {
      // A log that began anew meanwhile has it all the same.
      this.done([serial]);
      throw error;
    } finally {
      this.#busy -= 1;
      this.#renewIfLong();
    }
  }

  /** What these records say is on its way: to be awaited before it is. */
  async begin(serials: readonly number[]): Promise<void> {
    if (serials.length === 0) return;
    this.#groups.add(serials);
    await this.#beginning.add(serials);
  }

  /** What these records say need not be said again. Losing this costs a second look after a crash. */
  done(serials: readonly number[]): void {
    this.#groups.delete(serials);
    for (const serial of serials) {
      if (this.#open.delete(serial)) this.#ending.add(serial).catch(() => undefined);
    }
  }

  /** Goes on from what was recovered, in one record: all of it counts, or none. */
  async carry(records: readonly Numbered[]): Promise<void> {
    if (records.length === 0) return;
    this.#file ??= this.#next();
    for (const record of records) this.#open.set(record.serial, record);
    const carried: Carried = { op: 'carried', records };
    await this.#file.append([namesRecord(carried)]).done;
  }

  /** A change was written down and is not made yet. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  async sync(): Promise<void> {
    await Promise.all([...this.#older, this.#file].map(async (file) => file?.sync()));
  }

  /** Nothing of it is needed any more. */
  async reset(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#open.clear();
    this.#groups.clear();
    await this.#forgetOlder();
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
        const value = record.value as Numbered | Carried | Begun | BegunAlone | Done;
        if ('node' in value) records.push(value);
        else if (value.op === 'carried') records = [...value.records];
        else if (value.op === 'begun')
          begun.push(...('groups' in value ? value.groups : [value.serials]));
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

  async #note(progress: Begun | Done): Promise<void> {
    await this.#file?.append([namesRecord(progress)]).done;
  }

  /** Goes on in another file with what is on its way; the one before goes when that is on the medium. */
  #renewIfLong(): void {
    const long = this.#file;
    if (long === undefined || long.bytes < this.#longBytes || this.#renewing) return;
    this.#renewing = true;
    this.#renew(long)
      .catch(() => undefined)
      .finally(() => {
        this.#renewing = false;
      });
  }

  async #renew(long: ScratchFile): Promise<void> {
    const next = this.#next();
    this.#older.push(long);
    this.#file = next;
    const carried: Carried = { op: 'carried', records: [...this.#open.values()] };
    const begun: Begun = { op: 'begun', groups: [...this.#groups] };
    const written = [next.append([namesRecord(carried)]), next.append([namesRecord(begun)])];
    // So that much on its way is not carried again and again.
    this.#longBytes = Math.max(bytesMax, 2 * next.bytes);
    await Promise.all(written.map(({ done }) => done));
    await next.sync();
    await this.#forgetOlder();
  }

  async #forgetOlder(): Promise<void> {
    for (const file of this.#older.splice(0)) await file.remove();
  }

  #next(): ScratchFile {
    this.#serial += 1;
    return this.#scratch.create(`${prefix}${String(this.#serial)}`, { shared: true });
  }
}

/** Says what comes in one moment together. */
class Moment<Item> {
  readonly #say: (items: readonly Item[]) => Promise<void>;
  #items: Item[] = [];
  #saying: Promise<void> | undefined;

  constructor(say: (items: readonly Item[]) => Promise<void>) {
    this.#say = say;
  }

  add(item: Item): Promise<void> {
    this.#items.push(item);
    this.#saying ??= Promise.resolve().then(() => {
      const items = this.#items;
      this.#items = [];
      this.#saying = undefined;
      return this.#say(items);
    });
    return this.#saying;
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
