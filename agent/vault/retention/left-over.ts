/**
 * What folding leaves: chunks and small records that folded batches name and no content needs any more.
 * What was kept below the fold is in its state, so what neither the state nor a batch beyond it needs was
 * copied and removed, announced for a file that never came, or too much for one release. Pages of
 * earlier folds go too, and of those that were never said.
 *
 * Batches beyond the fold keep what they name, whether they count or not, and a journal that forked keeps
 * all of it: no release covers it. Whatever cannot be read ends the look, and nothing goes.
 */
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import type { BatchHash, ChunkId, JournalId, StatementId } from '../../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../../protocol/messages/batch-wire.ts';
import type { Content, NamedChunk } from '../../../protocol/messages/op.ts';
import type { OpKeyLookup } from '../../journal/batch.ts';
import type { CountedFold } from '../../members/membership.ts';
import { livingContents } from '../../namespace/state/state-versions.ts';
import type { Clock } from '../../ports.ts';
import type { JournalStore, StoredBatch } from '../../store/store.ts';
import type { FoldBase } from '../fold/fold-base.ts';
import { isWithin } from '../is-within.ts';
import { openStored } from '../load-tree.ts';
import { rootOf } from '../content-root.ts';
import { inspectContent } from '../local-content.ts';
import type { ReadParts } from '../read-content.ts';
import { Slices } from '../slices.ts';
import { IdFilter } from './id-filter.ts';

export interface LeftOverParts extends ReadParts {
  readonly clock: Clock;
  readonly opKeyOf: OpKeyLookup;
  /** As they are on the disk. */
  readonly journals: Pick<JournalStore, 'tips' | 'branches' | 'read'>;
  readonly base: Pick<FoldBase, 'id' | 'isDone' | 'places' | 'hashAt' | 'pastTree'>;
  /** All that count. */
  readonly folds: () => readonly CountedFold[];
  readonly isForked: (journal: JournalId) => boolean;
  /** Of a batch in the journal's own files. */
  readonly ownHashAt: (journal: JournalId, sequence: number) => Promise<BatchHash | undefined>;
  /** Whether a release names it, needed or not. */
  readonly isKnown: (id: ChunkId) => boolean;
  /** Whether it was released, and no batch has named it since. */
  readonly isReleased: (id: ChunkId) => boolean;
}

/** More than this is left to the next look. */
const chunksMax = 500_000;

export class LeftOver {
  readonly #parts: LeftOverParts;
  /** Everything that this fold left was found and released. */
  #doneFor: StatementId | undefined;
  /** The one that was looked through to the end last. */
  #lookedAt: StatementId | undefined;
  #turn = 0;

  constructor(parts: LeftOverParts) {
    this.#parts = parts;
  }

  /** Whether there may be something that was not released yet. */
  get isDue(): boolean {
    const { base } = this.#parts;
    return base.id !== undefined && base.isDone && base.id !== this.#doneFor;
  }

  /** With sealed lengths; empty also while it cannot be told. @throws VaultError `damaged`, `io`, `cancelled` */
  async find(signal?: AbortSignal): Promise<ReadonlyMap<ChunkId, number>> {
    this.#lookedAt = undefined;
    const fold = this.#parts.folds().find(({ id }) => id === this.#parts.base.id);
    if (!this.isDue || fold === undefined) return new Map();
    this.#turn += 1;
    const look = new Look(this.#parts, fold, { turn: this.#turn, signal });
    try {
      const found = await look.run();
      if (found.size < chunksMax) this.#lookedAt = fold.id;
      return found;
    } catch (error) {
      // What is not here, or cannot be opened, may need any of it.
      if (isVaultError(error, 'chunk-missing', 'no-key')) return new Map();
      throw error;
    }
  }

  /** What was found last is released. */
  released(): void {
    this.#doneFor = this.#lookedAt ?? this.#doneFor;
  }
}

class Look {
  readonly #parts: LeftOverParts;
  readonly #fold: CountedFold;
  readonly #slices: Slices;
  readonly #needed: IdFilter;
  readonly #found = new Map<ChunkId, number>();
  /** Of states that nobody begins at any more: that a batch names them keeps them no longer. */
  readonly #earlier: ReadonlyMap<ChunkId, number>;

  constructor(
    parts: LeftOverParts,
    fold: CountedFold,
    { turn, signal }: { readonly turn: number; readonly signal: AbortSignal | undefined },
  ) {
    this.#parts = parts;
    this.#fold = fold;
    this.#slices = new Slices(parts.clock, signal);
    this.#needed = new IdFilter(2 * parts.store.report().chunks + 4_096, turn);
    this.#earlier = earlierPages(parts.folds(), fold);
  }

  async run(): Promise<ReadonlyMap<ChunkId, number>> {
    await this.#needState();
    await this.#eachLine((line, batch) => this.#needBeyond(line, batch));
    for (const [id, length] of this.#earlier)
      if (!this.#parts.isKnown(id)) this.#take({ id, length });
    await this.#eachLine((line, batch) => {
      if (line.mayGo(batch)) for (const named of namesOf(batch)) this.#take(named);
    });
    return this.#found;
  }

  async #needState(): Promise<void> {
    for (const { pages } of this.#parts.folds())
      for (const { id } of pages) if (!this.#earlier.has(id)) this.#needed.add(id);
    const tree = await this.#parts.base.pastTree();
    for (const content of tree === undefined ? [] : livingContents(tree))
      await this.#needContent(content);
  }

  async #needBeyond(line: Line, batch: StoredBatch): Promise<void> {
    if (line.mayGo(batch)) return;
    for (const { id } of namesOf(batch)) if (!this.#earlier.has(id)) this.#needed.add(id);
    // Its body may be gone: what it says is in the state.
    if (line.isFolded(batch)) return;
    const opened = openStored(batch, this.#parts.opKeyOf);
    if (opened === undefined) throw notHere('a batch beyond it cannot be opened here');
    for (const op of opened.body.ops)
      if ('content' in op && op.content !== undefined) await this.#needContent(op.content);
  }

  async #needContent(content: Content): Promise<void> {
    await this.#slices.step();
    const root = rootOf(content);
    if (root !== undefined && this.#parts.isReleased(root)) return;
    const { known } = await inspectContent(this.#parts, content, ({ id }) => {
      this.#needed.add(id);
    });
    if (!known) throw notHere('the list of chunks of a file that stays is not here');
  }

  #take({ id, length }: NamedChunk): void {
    if (this.#found.size >= chunksMax || this.#needed.has(id)) return;
    if (!this.#parts.isReleased(id)) this.#found.set(id, length);
  }

  async #eachLine(visit: (line: Line, batch: StoredBatch) => Promise<void> | void): Promise<void> {
    const { journals } = this.#parts;
    for (const { journal } of journals.branches())
      await this.#eachBatch(journal, (batch) => visit(noneFolded, batch));
    for (const { journal } of journals.tips()) {
      const line = await this.#lineOf(journal);
      await this.#eachBatch(journal, (batch) => visit(line, batch));
    }
  }

  async #eachBatch(
    line: JournalId,
    visit: (batch: StoredBatch) => Promise<void> | void,
  ): Promise<void> {
    for await (const batch of this.#parts.journals.read(line, 0)) {
      await visit(batch);
      await this.#slices.step();
    }
  }

  async #lineOf(journal: JournalId): Promise<Line> {
    const { isForked, ownHashAt } = this.#parts;
    const place = this.#fold.vector.find((each) => each.journal === journal);
    if (place === undefined) return noneFolded;
    if ((await ownHashAt(journal, place.sequence)) !== place.hash) return noneFolded;
    const isFolded: Line['isFolded'] = ({ sequence }) => sequence <= place.sequence;
    return { isFolded, mayGo: (batch) => isFolded(batch) && !isForked(journal) };
  }
}

interface Line {
  /** Whether the fold stands for it. */
  readonly isFolded: (batch: StoredBatch) => boolean;
  /** Whether a release covers it as well. */
  readonly mayGo: (batch: StoredBatch) => boolean;
}

const noneFolded: Line = { isFolded: () => false, mayGo: () => false };

function* namesOf({ bytes }: StoredBatch): Generator<NamedChunk> {
  const { header } = decodeBatchHeader(decodeBatch(bytes).header);
  yield* header.chunksAdded;
  yield* header.chunksReused;
  yield* header.smallRecords;
}

/** Of folds that fold less than the one that stands, where it does not have them as well. */
function earlierPages(
  folds: readonly CountedFold[],
  fold: CountedFold,
): ReadonlyMap<ChunkId, number> {
  const isEarlier = ({ id, places }: CountedFold): boolean =>
    id !== fold.id && isWithin(places, fold.places) && !isWithin(fold.places, places);
  const others = folds.filter((each) => !isEarlier(each)).flatMap(({ pages }) => pages);
  const kept = new Set(others.map(({ id }) => id));
  const pages = folds.filter(isEarlier).flatMap((each) => each.pages);
  return new Map(pages.flatMap(({ id, length }) => (kept.has(id) ? [] : [[id, length]])));
}

function notHere(detail: string): VaultError {
  return new VaultError('chunk-missing', {
    op: 'vault.findLeftOver',
    subject: 'what folding left',
    detail,
  });
}
