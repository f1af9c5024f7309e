/**
 * What the journals of this device begin with: the state that stands for batches whose bodies were folded
 * away, or are about to be. Which one that is stands in a file of its own, and MUST be durable there before
 * the first body goes; its pages are chunks like all others.
 */
import { VaultError } from '../../../protocol/errors.ts';
import {
  type BatchHash,
  type ChunkId,
  type EpochId,
  type JournalId,
  type StatementId,
} from '../../../protocol/ids.ts';
import type { NamedChunk, NoteOp } from '../../../protocol/messages/op.ts';
import type { CountedFold } from '../../members/membership.ts';
import { readJson, writeJson } from '../../members/json-file.ts';
import { StateLoader, type LoadedState } from '../../namespace/state/load-state.ts';
import { statePageHash, stateRoot } from '../../namespace/state/state-root.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../../namespace/tree.ts';
import type { OpKeyLookup } from '../../journal/batch.ts';
import type { Clock, Disk, Timer } from '../../ports.ts';
import type { ChunkStore } from '../../store/store.ts';
import type { Vector } from '../batch-times.ts';
import { inSlices, Slices } from '../slices.ts';
import { openPage } from './sealed-pages.ts';
import { isWithin } from '../is-within.ts';

export const foldFile = 'journals/fold.json';
const format = 1;
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

/** What has to be known of a fold to read its state. */
export type FoldedState = Pick<CountedFold, 'id' | 'vector' | 'stateRoot' | 'pages' | 'epoch'>;

interface Base extends FoldedState {
  readonly places: ReadonlyMap<JournalId, number>;
  /** When the latest of what it folds was written: Unix time by its author's clock, or when it was here. */
  readonly latestMs: number;
  /** Bodies were cut away. */
  isDone: boolean;
}

const nothing: Vector = new Map();

export class FoldBase {
  readonly #parts: FoldBaseParts;
  #base: Base | undefined;
  #past: Promise<LoadedState> | undefined;
  #idle: Timer | undefined;

  constructor(parts: FoldBaseParts) {
    this.#parts = parts;
  }

  /** @throws VaultError `damaged`, `home-newer`, `io` */
  static async open(parts: FoldBaseParts): Promise<FoldBase> {
    const base = new FoldBase(parts);
    base.#base = await readBase(parts.disk);
    return base;
  }

  /** Which fold; undefined: the journals are whole. */
  get id(): StatementId | undefined {
    return this.#base?.id;
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

  /** Nothing is written upon a tree that lacks its beginning. @throws VaultError `chunk-missing` */
  requireIn(tree: Pick<JournaledTree, 'vector'>): void {
    if (this.isWithin(tree.vector())) return;
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
    const base = baseOf(fold, Math.min(latestMs, Math.floor(this.#parts.clock.nowMs())));
    await this.#write(base);
    this.#base = base;
    this.#forgetPast();
  }

  /** The bodies went. Durable when it resolves. */
  async done(): Promise<void> {
    if (this.#base === undefined) return;
    await this.#write({ ...this.#base, isDone: true });
    this.#base.isDone = true;
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

  async #write({
    id,
    vector,
    stateRoot: root,
    pages,
    epoch,
    latestMs,
    isDone,
  }: Base): Promise<void> {
    const row = { format, id, stateRoot: root.toString('hex'), epoch, latestMs, isDone };
    await writeJson(this.#parts.disk, foldFile, { ...row, vector, pages });
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

function baseOf(fold: FoldedState, latestMs: number): Base {
  const places = new Map(fold.vector.map(({ journal, sequence }) => [journal, sequence]));
  return { ...fold, places, latestMs, isDone: false };
}

async function readBase(disk: Disk): Promise<Base | undefined> {
  const fields = await readJson(disk, foldFile);
  if (fields === undefined) return undefined;
  fields.checkFormat(format);
  const hex = (field: string, of = fields): string => of.hex(field, 32).toString('hex');
  const fold: FoldedState = {
    id: hex('id') as StatementId,
    stateRoot: fields.hex('stateRoot', 32),
    epoch: hex('epoch') as EpochId,
    vector: fields.list('vector').map((row) => ({
      journal: row.hex('journal', journalBytes).toString('hex') as JournalId,
      sequence: row.count('sequence'),
      hash: hex('hash', row) as BatchHash,
    })),
    pages: fields
      .list('pages')
      .map((row) => ({ id: hex('id', row) as ChunkId, length: row.count('length') })),
  };
  return { ...baseOf(fold, fields.count('latestMs')), isDone: fields.flag('isDone') };
}

const journalBytes = 24;

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
