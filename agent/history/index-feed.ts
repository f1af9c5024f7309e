/**
 * Keeps the rows up with the journals: takes in what is published and what arrives, reads what it
 * missed from the journals in the background, and writes in short pieces. What it cannot take now it
 * leaves out, and reads later: it never holds anybody up, and its memory is bounded.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { Clock, Index, IndexChange } from '../ports.ts';
import { collectRows } from './collect-rows.ts';
import type { BatchSource } from './history.types.ts';
import { KnownJournals } from './known-journals.ts';
import { Pace } from './pace.ts';
import { everything, formKey, rowsForm } from './rows.ts';

export interface FeedParts {
  /** Of its own: it may be empty, or what was written before. */
  readonly index: Index;
  readonly source: BatchSource;
  readonly clock: Clock;
  /** The index refused or the journals could not be read; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** A piece of writing that does not hold the event loop for long. */
const rowsPerWrite = 1000;
/** More than these wait only when the index is slower than whoever writes. */
const rowsWaitingMax = 50_000;
/** What comes within this time is written together. */
const gatherMs = 50;
const retryMs = 30_000;
/** Rows that are thrown away this often at once would be for ever. */
const forgottenMax = 3;
/** So long a question waits for what was missed. */
const waitMs = 20_000;

export class IndexFeed {
  readonly #parts: FeedParts;
  #known: KnownJournals | undefined;
  #rows: IndexChange[] = [];
  #writing: Promise<void> | undefined;
  #catchingUp: Promise<void> | undefined;
  #rebuilding: Promise<void> = Promise.resolve();
  #isBehind = true;
  /** The rows are about another branch of a journal. */
  #isStale = false;
  #isClosed = false;
  /** Ends the wait for more to write together. */
  #hurry: () => void = () => undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Once `start` has found out what is known already; before that everything is read later. */
  observe(batches: readonly OpenedBatch[]): void {
    const known = this.#known;
    if (known === undefined || this.#isClosed) return;
    for (const batch of batches) if (!this.#take(known, batch)) this.#isBehind = true;
    if (this.#isBehind) this.#wake();
    void this.#write();
  }

  /** Begins, in the background. */
  start(): void {
    this.#isBehind = true;
    this.#wake();
  }

  /** Throws the rows away and makes them again: the journals say something else than before. */
  rebuild(): Promise<void> {
    this.#rebuilding = this.#rebuilding.then(async () => {
      this.#isStale = true;
      this.start();
      await this.#catchingUp;
    });
    return this.#rebuilding;
  }

  /**
   * Resolves when everything that is in the journals is in the rows, with the numbers of journals.
   * @throws VaultError `overload` when that takes long
   */
  async ready(): Promise<KnownJournals> {
    if (this.#isBehind) this.#wake();
    this.#hurry();
    const { clock } = this.#parts;
    let isLate = false;
    const late = Promise.withResolvers<undefined>();
    const timer = clock.after(waitMs, () => {
      isLate = true;
      late.resolve(undefined);
    });
    try {
      while (!isLate && (this.#catchingUp ?? this.#writing) !== undefined) {
        await Promise.race([this.#catchingUp, late.promise]);
        await Promise.race([this.#write(), late.promise]);
      }
    } finally {
      timer.cancel();
    }
    if (this.#known !== undefined && !isLate && !this.#isBehind) return this.#known;
    throw this.#notReady();
  }

  /** Batches that are in the journals and not in the rows. */
  behindBatches(): number {
    let behind = 0;
    for (const { journal, sequence } of this.#parts.source.tips()) {
      behind += Math.max(0, sequence - (this.#known?.sequenceOf(journal) ?? 0));
    }
    return behind;
  }

  /** Writes what waits, and takes in nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#hurry();
    while (this.#catchingUp !== undefined || this.#writing !== undefined) {
      await this.#catchingUp;
      await this.#writing;
    }
  }

  #notReady(): VaultError {
    return new VaultError('overload', {
      op: 'history.ready',
      subject: 'history',
      detail: `it is being read: ${String(this.behindBatches())} batches are left`,
      next: 'try again in a moment',
    });
  }

  /** False when it was left out. */
  #take(known: KnownJournals, batch: OpenedBatch): boolean {
    const { journal, sequence } = batch.header;
    const before = known.sequenceOf(journal);
    if (sequence <= before) return true;
    if (sequence > before + 1 || this.#rows.length > rowsWaitingMax) return false;
    const { previous } = batch.header;
    if (before > 0 && previous !== undefined && previous !== known.hashOf(journal)) {
      this.#isStale = true;
      return false;
    }
    collectRows(this.#rows, batch, known.numberOf(journal));
    known.advance(journal, sequence, batch.hash);
    return true;
  }

  #wake(): void {
    if (this.#isClosed) return;
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
    });
  }

  async #catchUp(): Promise<void> {
    try {
      let moved = true;
      for (let forgotten = 0; moved && !this.#isClosed;) {
        if (this.#isStale && ++forgotten > forgottenMax) throw contradiction();
        if (this.#isStale) await this.#forget();
        this.#known ??= await this.#load();
        moved = (await this.#readMissed(this.#known)) || this.#isStale;
      }
      // What cannot be opened yet is observed when its key has come.
      this.#isBehind = this.#isClosed;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #forget(): Promise<void> {
    this.#known = undefined;
    this.#rows = [];
    await this.#writing;
    this.#isStale = false;
    await clear(this.#parts.index);
  }

  async #load(): Promise<KnownJournals> {
    const { index, source } = this.#parts;
    const known = await KnownJournals.load(index);
    const isOurs = index.get(formKey)?.[0] === rowsForm;
    if (isOurs && fits(known, source)) return known;
    await clear(index);
    await index.write([{ key: formKey, value: Buffer.of(rowsForm) }]);
    return new KnownJournals();
  }

  /** One look at all journals; true when there was something to read. */
  async #readMissed(known: KnownJournals): Promise<boolean> {
    const { clock, source } = this.#parts;
    let moved = false;
    const pace = new Pace(clock);
    for (const { journal, sequence } of source.tips()) {
      const beginning = source.beginningOf?.(journal);
      // What was folded before it was taken in has no rows: the state answers for it.
      if (beginning !== undefined && known.sequenceOf(journal) < beginning.sequence)
        known.advance(journal, beginning.sequence, beginning.hash);
      if (known.sequenceOf(journal) >= sequence) continue;
      for await (const batch of source.read(journal, known.sequenceOf(journal))) {
        if (this.#isClosed) return false;
        if (this.#rows.length >= 2 * rowsPerWrite) await this.#write();
        if (this.#known !== known || this.#isStale) return false;
        moved = this.#take(known, batch) || moved;
        await pace.look();
      }
    }
    await this.#write();
    return moved;
  }

  /** Writes what waits now and what comes meanwhile. */
  #write(): Promise<void> {
    if (this.#rows.length === 0 && this.#writing === undefined) return Promise.resolve();
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    // While it catches up, whoever reads waits for this.
    if (this.#catchingUp === undefined && !this.#isClosed) await this.#gather();
    try {
      while (this.#rows.length > 0) {
        const rows = this.#rows;
        this.#rows = [];
        const marks = this.#known?.takeChanges() ?? [];
        for (let at = 0; at < rows.length; at += rowsPerWrite) {
          await this.#parts.index.write(rows.slice(at, at + rowsPerWrite));
        }
        // Last: rows without their mark are made again, a mark without its rows would hide them.
        await this.#parts.index.write(marks);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What was not written is read from the journals again. */
  #fail(error: unknown): void {
    this.#rows = [];
    this.#known = undefined;
    this.#isBehind = true;
    if (this.#isClosed) return;
    this.#parts.onTrouble(error);
    this.#parts.clock.after(retryMs, () => {
      this.#wake();
    });
  }

  /** Waits for what comes soon, unless somebody asks. */
  async #gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(gatherMs, resolve);
      this.#hurry = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#hurry = () => undefined;
  }
}

function contradiction(): VaultError {
  return new VaultError('damaged', {
    op: 'history.catchUp',
    subject: 'journals',
    detail: 'their batches do not continue each other',
    next: 'vault doctor says more',
  });
}

/** Whether the rows are about these journals: none is shorter, and none ends with another batch. */
function fits(known: KnownJournals, source: BatchSource): boolean {
  const tips = new Map(source.tips().map((tip) => [tip.journal, tip]));
  for (const journal of known.journals()) {
    const tip = tips.get(journal);
    const sequence = known.sequenceOf(journal);
    if (tip === undefined || tip.sequence < sequence) return false;
    if (tip.sequence === sequence && tip.hash !== known.hashOf(journal)) return false;
  }
  return true;
}

async function clear(index: Index): Promise<void> {
  let keys: IndexChange[] = [];
  for await (const [key] of index.range(...everything)) {
    keys.push({ key, value: undefined });
    if (keys.length < rowsPerWrite) continue;
    await index.write(keys);
    keys = [];
  }
  await index.write(keys);
}
