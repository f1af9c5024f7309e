/**
 * Heeds a fold on this device: when everything that it folds is here, and the pages of its state, it makes
 * sure that they are right, lets the journals begin at the state from then on, and takes the bodies of
 * what is folded out of the journals' files. A device that joins, or was away for long, gets batches
 * without bodies from others and comes to its tree the same way.
 *
 * Order of writes: all pages MUST have been read back, and that the journals begin at the state MUST be
 * durable, before the first body goes. A blind device cannot check a state, so it keeps what it has.
 */
import type { FoldHere } from '../../../protocol/control/retention-reports.ts';
import type { BatchHash, JournalId, StatementId } from '../../../protocol/ids.ts';
import type { NamedChunk } from '../../../protocol/messages/op.ts';
import { bareBatch } from '../../journal/bare-batch.ts';
import type { CountedFold } from '../../members/membership.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Clock, Log } from '../../ports.ts';
import type { JournalStore } from '../../store/store.ts';
import type { Vector } from '../batch-times.ts';
import { Retried } from '../retention/retried.ts';
import { Slices } from '../slices.ts';
import { lastGone } from './find-base.ts';
import { readPages, type FoldBase, type FoldBaseParts } from './fold-base.ts';
import { isWithin } from '../is-within.ts';

export interface FoldKeeperParts extends Pick<FoldBaseParts, 'chunks' | 'opKeyOf'> {
  readonly base: FoldBase;
  readonly tree: Pick<Tree, 'vector'>;
  readonly journals: Pick<JournalStore, 'slim' | 'tips' | 'read'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What is folded, as owner and admins said. */
  readonly fold: () => CountedFold | undefined;
  /** These chunks are needed before all others: nothing is shown without them. */
  readonly hurry: (chunks: readonly NamedChunk[]) => void;
  /** Whether this device can open batches. */
  readonly readsNames: () => boolean;
  /** Of a batch that counts. */
  readonly hashAt: (journal: JournalId, sequence: number) => Promise<BatchHash | undefined>;
  /** Of a batch in the journal's own files, branches left out. */
  readonly ownHashAt: (journal: JournalId, sequence: number) => Promise<BatchHash | undefined>;
  /** 32 bytes: what exactly these batches amount to. */
  readonly stateRoot: (vector: Vector, signal?: AbortSignal) => Promise<Buffer>;
  /** The journals begin at another state: the tree has to be made anew when it lacks it. */
  readonly onAdopted: () => Promise<void>;
  /** Other devices fold what amounts to something else here. */
  readonly onDiffers: (id: StatementId) => void;
  /** So many bytes of the journals' files came back. */
  readonly onDone: (freedBytes: number) => void;
}

export class FoldKeeper {
  readonly #parts: FoldKeeperParts;
  readonly #looks: Retried;
  readonly #ended = new AbortController();
  #differs: StatementId | undefined;
  /** It does not stand for all bodies that are gone here. */
  #tooShort: StatementId | undefined;
  #hurried: StatementId | undefined;
  #freedBytes = 0;

  constructor(parts: FoldKeeperParts) {
    this.#parts = parts;
    this.#looks = new Retried({
      ...parts,
      work: () => this.#look(),
      failure: 'a fold was not heeded to the end; it is tried again',
    });
  }

  /** A fold may have come, or what it needs. */
  look(): void {
    const fold = this.#parts.fold();
    const { base } = this.#parts;
    const isNews = fold !== undefined && this.#isNews(fold);
    if (!base.isDone || isNews || this.#lacksBase()) this.#looks.look();
  }

  /** Resolves when nothing is being done. */
  idle(): Promise<void> {
    return this.#looks.idle();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#looks.close();
  }

  /** What is folded by the word of an admin, and what of it this device has heeded. */
  get standing():
    | {
        readonly fold: CountedFold;
        readonly freedBytes: number;
        readonly latestMs: number | undefined;
      }
    | undefined {
    const fold = this.#parts.fold();
    const freedBytes = this.#freedBytes;
    return fold && { fold, freedBytes, latestMs: this.#parts.base.latestMs };
  }

  /** Whether the files are damaged that say what stands for the bodies that went, and nothing else does. */
  get isLost(): boolean {
    const { isLost, damaged } = this.#parts.base;
    return isLost && damaged.length > 0;
  }

  /** Whether the word of who folded what this device begins with does not count any more. */
  get isUnsaid(): boolean {
    const { base, fold } = this.#parts;
    return base.id !== undefined && !isWithin(base.places, fold()?.places ?? new Map());
  }

  /** Whether the tree lacks what others have folded: changes come, and what they are about does not. */
  get isMissing(): boolean {
    const { base, fold, tree, readsNames } = this.#parts;
    if (!readsNames()) return false;
    if (base.isLost) return true;
    const applied = tree.vector();
    return !base.isWithin(applied) || !isWithin(fold()?.places ?? new Map(), applied);
  }

  /** How the fold that stands is heeded. */
  async here(counted: CountedFold): Promise<FoldHere> {
    const { base, readsNames } = this.#parts;
    if (!readsNames()) return 'blind';
    if (this.#differs === counted.id) return 'other-state';
    if (this.#tooShort === counted.id) return 'behind';
    if (!this.#isNews(counted)) return base.isDone ? 'done' : 'working';
    if (!(await this.#isAllHere(counted))) return 'behind';
    return this.#hasPages(counted) ? 'working' : 'pages';
  }

  /** Whether it folds what is not folded here. */
  #isNews(fold: CountedFold): boolean {
    const { base } = this.#parts;
    if ([base.id, this.#differs, this.#tooShort].includes(fold.id)) return false;
    if (!this.#parts.readsNames()) return false;
    return !isWithin(fold.places, base.places) && isWithin(base.places, fold.places);
  }

  /** @returns whether nothing is left to do before there is news */
  async #look(): Promise<boolean> {
    const { base } = this.#parts;
    const fold = this.#parts.fold();
    if (fold !== undefined && this.#isNews(fold) && !(await this.#adopt(fold))) return false;
    // Pages of it were lost, and are here again.
    if (this.#lacksBase() && base.isWhole) await this.#parts.onAdopted();
    else if (this.#lacksBase()) this.#hurry(base.id, base.pages);
    if (!base.isDone && !this.#lacksBase()) await this.#cut();
    return !this.#lacksBase();
  }

  #lacksBase(): boolean {
    return !this.#parts.base.isWithin(this.#parts.tree.vector());
  }

  /** @returns false when something is not here yet */
  async #adopt(fold: CountedFold): Promise<boolean> {
    const { base, log } = this.#parts;
    if (!this.#hasPages(fold)) this.#hurry(fold.id, fold.pages);
    if (!this.#hasPages(fold) || !(await this.#isAllHere(fold))) return false;
    if (!(await this.#standsForAll(fold))) {
      log.warn({ fold: fold.id }, 'a fold does not stand for all bodies that are gone here');
      this.#tooShort = fold.id;
      return true;
    }
    const latestMs = await this.#readBack(fold);
    if (await this.#isOtherHere(fold)) {
      this.#differs = fold.id;
      this.#parts.onDiffers(fold.id);
      return true;
    }
    await base.adopt(fold, latestMs);
    log.info({ fold: fold.id }, 'the journals begin at the state of a fold');
    await this.#parts.onAdopted();
    return true;
  }

  /** Bodies that went by the word of somebody whose word does not count any more are in no other state. */
  async #standsForAll({ places }: CountedFold): Promise<boolean> {
    const slices = new Slices(this.#parts.clock, this.#ended.signal);
    return isWithin(await lastGone(this.#parts.journals, slices), places);
  }

  async #isAllHere({ vector }: CountedFold): Promise<boolean> {
    for (const { journal, sequence, hash } of vector) {
      if ((await this.#parts.hashAt(journal, sequence)) !== hash) return false;
    }
    return true;
  }

  #hasPages({ pages }: CountedFold): boolean {
    return pages.every(({ id }) => this.#parts.chunks.has(id));
  }

  #hurry(id: StatementId | undefined, pages: readonly NamedChunk[]): void {
    if (id === this.#hurried) return;
    this.#hurried = id;
    this.#parts.hurry(pages);
  }

  async #readBack(fold: CountedFold): Promise<number> {
    const slices = new Slices(this.#parts.clock, this.#ended.signal);
    let latest = 0;
    for await (const { latestMs } of readPages(this.#parts, fold)) {
      latest = latestMs;
      await slices.step();
    }
    return latest;
  }

  /** Whether a device that has all bodies comes to another state than was signed. */
  async #isOtherHere({ places, stateRoot }: CountedFold): Promise<boolean> {
    const { base, tree } = this.#parts;
    if (base.isLost || !isWithin(places, tree.vector())) return false;
    return !(await this.#parts.stateRoot(places, this.#ended.signal)).equals(stateRoot);
  }

  async #cut(): Promise<void> {
    const { base, journals, ownHashAt } = this.#parts;
    let freedBytes = 0;
    await base.mend();
    for (const [journal, upTo] of base.places) {
      if ((await ownHashAt(journal, upTo)) !== base.hashAt(journal)) continue;
      freedBytes += await journals.slim({
        ...{ journal, upTo, slim: bareBatch },
        pace: () => this.#pace(),
      });
    }
    await base.done();
    this.#freedBytes += freedBytes;
    this.#parts.onDone(freedBytes);
  }

  async #pace(): Promise<void> {
    await new Slices(this.#parts.clock, this.#ended.signal).rest();
  }
}
