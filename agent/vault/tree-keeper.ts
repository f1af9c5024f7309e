/**
 * Keeps the tree in the index, so that a start does not have to read every journal. What is kept is a
 * copy that can be thrown away: it is written some time after a change, all of a save or nothing, with
 * the last batch of each journal that it knows; it is believed at start only when it is whole and the
 * journals hold those batches. Anything odd about it, and it is made again from the journals.
 */
import type { AppliedJournal } from '../namespace/saved-head.ts';
import type { JournalId } from '../../protocol/ids.ts';
import { headKey, type SavedValue } from '../namespace/saved-values.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { Clock, Index, IndexChange, Log, Random, Timer } from '../ports.ts';
import type { JournalStore } from '../store/store.ts';
import { openValue, sealNonceBytes, sealValue } from './sealed-values.ts';
import { Slices } from './slices.ts';

export interface TreeKeeperParts {
  /** Of its own. */
  readonly index: Index;
  /** 32 bytes, of this device alone. */
  readonly secret: Uint8Array;
  readonly journals: Pick<JournalStore, 'tip' | 'read'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Whether what a tree has reaches over what the journals lack at their beginning. @default always */
  readonly reachesBase?: (applied: ReadonlyMap<JournalId, number>) => boolean;
  /** What conflict names are made with, in a few bytes. */
  readonly labels: () => string;
  /** More than these are not written at once. @default 4000 */
  readonly valuesPerWriteMax?: number;
}

/** A save waits for this long without a change. */
const quietMs = 5_000;
/** A save does not wait when so many values differ: it is one write of the index. */
const valuesWaitingMax = 1_000;
/** After a save that failed; then all of the tree has to be written. */
const retryMs = 60_000;
const everything = [Buffer.alloc(0), Buffer.alloc(64, 0xff)] as const;
const keysPerWrite = 1_000;

export class TreeKeeper {
  readonly #parts: TreeKeeperParts;
  #tree: JournaledTree | undefined;
  #timer: Timer | undefined;
  #saving: Promise<void> | undefined;
  #isClosed = false;
  #hasFailed = false;

  constructor(parts: TreeKeeperParts) {
    this.#parts = parts;
  }

  /**
   * The tree that was kept; `fresh` itself when there is none, or none that can be believed.
   * @param fresh gives empty trees
   * @param begin gives the one that the journals begin with
   */
  async load(
    fresh: () => JournaledTree,
    begin: () => JournaledTree | Promise<JournaledTree> = fresh,
  ): Promise<JournaledTree> {
    try {
      const tree = await this.#read(fresh());
      if (tree !== undefined) return tree;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { message } = error;
      this.#parts.log.warn({ message }, 'the kept tree is not believed; it is made again');
      await this.#clear();
    }
    return begin();
  }

  /** Saves `tree` from now on; hashes of what it shows are made beside everything else. */
  keep(tree: JournaledTree): void {
    this.#tree = tree;
    this.changed();
    void this.#prepareHash(tree);
  }

  /** To be called after every change of the tree. */
  changed(): void {
    if (this.#tree === undefined || this.#tree.unsaved === 0 || this.#isClosed) return;
    this.#timer?.cancel();
    const delayMs = this.#hasFailed ? retryMs : quietMs;
    this.#timer = this.#parts.clock.after(delayMs, () => void this.save());
    if (!this.#hasFailed && this.#tree.unsaved > valuesWaitingMax) void this.save();
  }

  /** Writes what differs. Resolves when it is written, or was given up: what is kept can be lost. */
  async save(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
    this.#timer?.cancel();
    this.#timer = undefined;
    const tree = this.#tree;
    if (tree === undefined || tree.unsaved === 0) return;
    this.#saving = this.#write(tree).finally(() => {
      this.#saving = undefined;
    });
    await this.#saving;
  }

  /** Saves `tree` when much of it is not saved: for whoever fills it. */
  async saveLarge(tree: JournaledTree): Promise<void> {
    if (tree.unsaved <= valuesWaitingMax) return;
    this.#tree = tree;
    await this.save();
  }

  /**
   * Batches that are in the tree do not count any more: throws away what is kept, makes the tree anew,
   * and lets it become what it is then, all at once.
   * @param fill applies all batches that count
   */
  async rebuild(
    fresh: () => JournaledTree | Promise<JournaledTree>,
    fill: (tree: JournaledTree) => Promise<unknown>,
  ): Promise<void> {
    const tree = this.#tree;
    this.#tree = undefined;
    tree?.prepareToBecome();
    await this.#saving;
    await this.#clear();
    try {
      const anew = await fresh();
      await fill(anew);
      tree?.become(anew);
    } finally {
      tree?.stayItself();
      tree?.forgetSaved();
      if (tree !== undefined) this.keep(tree);
    }
  }

  /** The last save. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.save();
    this.#timer?.cancel();
  }

  /** Of a large tree that was made anew that takes seconds; whoever asks first would wait. */
  async #prepareHash(tree: JournaledTree): Promise<void> {
    const slices = new Slices(this.#parts.clock);
    while (!this.#isClosed && this.#tree === tree && !tree.prepareHash(() => slices.isOver)) {
      await slices.rest();
    }
    this.changed();
  }

  async #read(tree: JournaledTree): Promise<JournaledTree | undefined> {
    const { index, secret } = this.#parts;
    const loader = tree.load();
    let isChecked = false;
    for await (const [key, sealed] of index.range(...everything)) {
      const value = openValue(secret, key, sealed);
      if (value === undefined) throw new RangeError('a value of it does not open');
      loader.add(key, value);
      if (isChecked) continue;
      await this.#checkJournals(loader.applied ?? []);
      const reached = new Map(loader.applied?.map((each) => [each.journal, each.sequence]));
      if (this.#parts.reachesBase?.(reached) === false)
        throw new RangeError('it ends before the journals begin');
      isChecked = true;
    }
    if (!isChecked) return undefined;
    const { labels } = loader.finish();
    if (labels !== this.#parts.labels()) tree.relabel();
    return tree;
  }

  /** The journals are the truth: each has to hold the last batch that the tree knows of it. */
  async #checkJournals(applied: readonly AppliedJournal[]): Promise<void> {
    for (const { journal, sequence, hash } of applied) {
      // A batch that cannot be read is another one, as far as this goes.
      const held = await this.#hashAt(journal, sequence).catch(() => undefined);
      if (held === hash) continue;
      throw new RangeError(`journal ${journal} holds another batch ${String(sequence)}`);
    }
  }

  async #hashAt(
    journal: AppliedJournal['journal'],
    sequence: number,
  ): Promise<AppliedJournal['hash'] | undefined> {
    const { journals } = this.#parts;
    const tip = journals.tip(journal);
    if (tip === undefined || tip.sequence <= sequence) {
      return tip?.sequence === sequence ? tip.hash : undefined;
    }
    for await (const batch of journals.read(journal, sequence - 1)) return batch.hash;
    return undefined;
  }

  async #write(tree: JournaledTree): Promise<void> {
    const { index, labels, log, valuesPerWriteMax = 4000 } = this.#parts;
    try {
      const values = tree.takeUnsaved(labels());
      // What takes several writes has no head before the last one: half of it is not believed.
      if (values.length > valuesPerWriteMax)
        await index.write([{ key: headKey, value: undefined }]);
      for (let at = 0; at < values.length; at += valuesPerWriteMax) {
        await index.write(await this.#sealAll(values.slice(at, at + valuesPerWriteMax)));
      }
      this.#hasFailed = false;
    } catch (error) {
      log.warn({ error: String(error) }, 'the tree was not saved; the next save is a whole one');
      this.#hasFailed = true;
      tree.forgetSaved();
      await this.#clear().catch(() => undefined);
    }
  }

  async #sealAll(values: readonly SavedValue[]): Promise<IndexChange[]> {
    const slices = new Slices(this.#parts.clock);
    const changes: IndexChange[] = [];
    for (const { key, value } of values) {
      changes.push({ key, value: value && this.#seal(key, value) });
      await slices.step();
    }
    return changes;
  }

  #seal(key: Buffer, value: readonly Buffer[]): Buffer {
    const nonce = this.#parts.random.bytes(sealNonceBytes);
    return sealValue(this.#parts.secret, { key, value, nonce });
  }

  async #clear(): Promise<void> {
    const { index } = this.#parts;
    let keys: IndexChange[] = [];
    for await (const [key] of index.range(...everything)) {
      keys.push({ key, value: undefined });
      if (keys.length < keysPerWrite) continue;
      await index.write(keys);
      keys = [];
    }
    await index.write(keys);
  }
}
