/**
 * What the journals of this device begin with: the state that stands for batches whose bodies were folded
 * away, or are about to be. Which one that is stands in files of its own (`base-file.ts`), and MUST be durable
 * there before the first body goes; its pages are chunks like all others.
 */
import { VaultError } from '../../../protocol/errors.ts';
import type { BatchHash, JournalId, StatementId } from '../../../protocol/ids.ts';
import type { NamedChunk, NoteOp } from '../../../protocol/messages/op.ts';
import { StateLoader, type LoadedState } from '../../namespace/state/load-state.ts';
import { statePageHash, stateRoot } from '../../namespace/state/state-root.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../../namespace/tree.ts';
import type { OpKeyLookup } from '../../journal/batch.ts';
import type { Clock, Disk, Timer } from '../../ports.ts';
import type { ChunkStore } from '../../store/store.ts';
import type { Vector } from '../batch-times.ts';
import { inSlices, Slices } from '../slices.ts';
import {
  baseOf,
  isWritten,
  readBase,
  writeBase,
  type FoldedState,
  type SavedBase,
} from './base-file.ts';
import { openPage } from './sealed-pages.ts';
import { isWithin } from '../is-within.ts';

/** A tree that nobody asked for since then is dropped. */
const idleMs = 300_000;

export interface FoldBaseParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly chunks: Pick<ChunkStore, 'has' | 'read'>;
  readonly opKeyOf: OpKeyLookup;
  /** For trees that answer about the past. */
  readonly look: Pick<TreeOptions, 'deviceName' | 'seed'>;
}

const nothing: Vector = new Map();

export class FoldBase {
  readonly #parts: FoldBaseParts;
  #base: SavedBase | undefined;
  #damaged: readonly string[] = [];
  /** It stands in both files. */
  #isTwice = true;
  #isLost = false;
  #past: Promise<LoadedState> | undefined;
  #idle: Timer | undefined;

  constructor(parts: FoldBaseParts) {
    this.#parts = parts;
  }

  /** @throws VaultError `home-newer`, `io` */
  static async open(parts: FoldBaseParts): Promise<FoldBase> {
    const base = new FoldBase(parts);
    const { saved, damaged, isTwice } = await readBase(parts.disk);
    base.#base = saved;
    base.#isTwice = isTwice;
    base.#damaged = damaged;
    return base;
  }

  /** Files about it that could not be read when it was opened. */
  get damaged(): readonly string[] {
    return this.#damaged;
  }

  /** Bodies went from the journals, and what they begin with is not known here. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Nothing that is here says what the journals begin with. */
  lose(): void {
    this.#isLost = true;
  }

  /** Which fold; undefined: the journals are whole. */
  get id(): StatementId | undefined {
    return this.#base?.id;
  }

  /** Which state, and where its pages are. */
  get state(): FoldedState | undefined {
    return this.#base;
  }

  /** Of its state. */
  get pages(): readonly NamedChunk[] {
    return this.#base?.pages ?? [];
  }

  /** Batches up to here are read from the state, whether or not their bodies are still here. */
  get places(): Vector {
    return this.#base?.places ?? nothing;
  }

  /** When the latest of what is folded was written; undefined: nothing is. */
  get latestMs(): number | undefined {
    return this.#base?.latestMs;
  }

  /** Whether all bodies went that may go. */
  get isDone(): boolean {
    return this.#base?.isDone !== false;
  }

  hashAt(journal: JournalId): BatchHash | undefined {
    return this.#base?.vector.find((place) => place.journal === journal)?.hash;
  }

  /** Whether all of it is in a tree. */
  isWithin(vector: Vector): boolean {
    return isWithin(this.places, vector);
  }

  /** Whether all pages of the state are here. */
  get isWhole(): boolean {
    return this.#base?.pages.every(({ id }) => this.#parts.chunks.has(id)) !== false;
  }

  /**
   * Nothing is written upon a tree that lacks its beginning.
   * @param said what others begin with, when this device has to as well before it writes
   * @throws VaultError `chunk-missing`
   */
  requireIn(tree: Pick<JournaledTree, 'vector'>, said: Vector = nothing): void {
    const applied = tree.vector();
    if (this.isWithin(applied) && isWithin(said, applied)) return;
    throw new VaultError('chunk-missing', {
      op: 'vault.publish',
      subject: 'the state of what was folded',
      detail: 'parts of it are not here, so this device does not know what the vault holds',
      next: 'connect a device that has them; vault status says when they are here',
    });
  }

  /**
   * From now on the journals begin here. Durable when it resolves.
   * @param latestMs as its pages say; whatever a clock that is ahead said, it was here by now
   */
  async adopt(fold: FoldedState, latestMs: number): Promise<void> {
    const base = this.#baseOf(fold, latestMs);
    await writeBase(this.#parts.disk, base);
    this.#begin(base);
  }

  /**
   * They begin here already, and nothing said so any more. On a full disk it is written later.
   * @param latestMs see `adopt`
   */
  async recall(fold: FoldedState, latestMs: number): Promise<void> {
    const base = this.#baseOf(fold, latestMs);
    this.#isTwice = await isWritten(() => writeBase(this.#parts.disk, base));
    this.#begin(base);
  }

  #baseOf(fold: FoldedState, latestMs: number): SavedBase {
    return baseOf(fold, Math.min(latestMs, Math.floor(this.#parts.clock.nowMs())));
  }

  #begin(base: SavedBase): void {
    this.#base = base;
    this.#isLost = false;
    this.#forgetPast();
  }

  /** The bodies went. Durable when it resolves. */
  async done(): Promise<void> {
    if (this.#base === undefined) return;
    const done = { ...this.#base, isDone: true };
    await writeBase(this.#parts.disk, done);
    this.#base = done;
  }

  /** Where the disk was full when it was opened, one file is still missing. Durable, twice, when it resolves. */
  async mend(): Promise<void> {
    if (this.#base === undefined || this.#isTwice) return;
    await writeBase(this.#parts.disk, this.#base);
    this.#isTwice = true;
  }

  /**
   * A new tree of the state.
   * @throws VaultError `chunk-missing`, `no-key`, `damaged`, `cancelled`
   */
  async load(options: TreeOptions, slices: Slices): Promise<LoadedState> {
    const base = this.#base;
    const loader = new StateLoader(options);
    if (base === undefined) throw noBase();
    for await (const { page } of readPages(this.#parts, base)) {
      await inSlices(loader.add(page), slices);
    }
    return inSlices(loader.finish(), slices);
  }

  /** A new tree of what the journals begin with: an empty one where nothing is folded. @throws see `load` */
  async begin(options: TreeOptions, slices: Slices): Promise<JournaledTree> {
    return this.#base === undefined ? createTree(options) : (await this.load(options, slices)).tree;
  }

  /** The tree of the state, for looks at the past: nobody may change it. @throws see `load` */
  past(): Promise<LoadedState> {
    const { clock, look } = this.#parts;
    this.#idle?.cancel();
    this.#idle = clock.after(idleMs, () => {
      this.#forgetPast();
    });
    const past = (this.#past ??= this.load(look, new Slices(clock)));
    past.catch(() => {
      if (this.#past === past) this.#past = undefined;
    });
    return past;
  }

  /** The same without notes; undefined: nothing is folded. @throws see `load` */
  async pastTree(): Promise<JournaledTree | undefined> {
    return this.#base === undefined ? undefined : (await this.past()).tree;
  }

  /** What notes say that were folded, by `opKey`. @throws see `load` */
  async notes(): Promise<ReadonlyMap<string, NoteOp>> {
    return this.#base === undefined ? new Map() : (await this.past()).notes;
  }

  close(): void {
    this.#forgetPast();
  }

  #forgetPast(): void {
    this.#idle?.cancel();
    this.#idle = undefined;
    this.#past = undefined;
  }
}

/**
 * The pages of a state, each opened; the last one only when all together are what was signed.
 * @throws VaultError `chunk-missing`, `no-key`, `damaged`
 */
export async function* readPages(
  { chunks, opKeyOf }: Pick<FoldBaseParts, 'chunks' | 'opKeyOf'>,
  { stateRoot: root, pages, epoch }: FoldedState,
): AsyncGenerator<{ readonly page: Buffer; readonly latestMs: number }> {
  const opKey = opKeyOf(epoch);
  if (opKey === undefined) {
    throw new VaultError('no-key', { op: 'vault.readState', subject: `epoch ${epoch}` });
  }
  const hashes: Buffer[] = [];
  for (const [index, { id }] of pages.entries()) {
    const opened = openPage({ opKey, root, index }, await chunks.read(id));
    hashes.push(statePageHash(opened.page));
    if (hashes.length === pages.length && !stateRoot(hashes).equals(root)) throw otherState();
    yield opened;
  }
}

function noBase(): VaultError {
  return new VaultError('damaged', { op: 'vault.readState', detail: 'nothing is folded here' });
}

function otherState(): VaultError {
  return new VaultError('damaged', {
    op: 'vault.readState',
    subject: 'the state of what was folded',
    detail: 'its pages are not what was signed',
  });
}
