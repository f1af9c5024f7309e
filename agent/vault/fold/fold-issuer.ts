/**
 * The second half of folding, done by a device that speaks for the vault: when all devices that may write
 * have agreed to a checkpoint, it stores the state, sealed, as chunks, and says in a statement that the
 * bodies of what the state stands for may go.
 *
 * Order of writes: the pages MUST be durable before the batch that names them, that batch before they are
 * read back, and all of it before the statement: whoever hears of the fold can get its state.
 */
import { splitJournalId, type JournalId, type StatementId } from '../../../protocol/ids.ts';
import type { NamedChunk } from '../../../protocol/messages/op.ts';
import { members as limits } from '../../../protocol/limits.ts';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import type { CountedCheckpoint, CountedFold, EpochKeys } from '../../members/membership.ts';
import type { SignKey } from '../../members/sign-key.ts';
import type { Log, Random, Clock, Timer } from '../../ports.ts';
import type { ChunkStore } from '../../store/store.ts';
import type { Vector } from '../batch-times.ts';
import type { MembersService } from '../members-service.ts';
import type { Publisher } from '../publisher.ts';
import { Retried } from '../retention/retried.ts';
import type { FoldedState } from './base-file.ts';
import { readPages, type FoldBaseParts } from './fold-base.ts';
import { sealNonceBytes, sealPage } from './sealed-pages.ts';
import { isWithin } from '../is-within.ts';

export interface FoldIssuerParts extends Pick<FoldBaseParts, 'opKeyOf'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly chunks: ChunkStore;
  readonly members: Pick<MembersService, 'issue'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** The one that stands, and that all who may write have agreed to; undefined: there is none. */
  readonly agreed: () => CountedCheckpoint | undefined;
  /** What is folded. */
  readonly fold: () => CountedFold | undefined;
  /** Whether it is for this device to say so, and with which key. */
  readonly key: () => SignKey | undefined;
  readonly epoch: () => EpochKeys;
  /** Somebody is about to name a chunk. */
  readonly use: (id: NamedChunk['id']) => void;
  /** Whether all beyond has seen it, and nothing below it has to stay: asked at the last moment. */
  readonly mayGo: (vector: Vector, signal: AbortSignal) => Promise<boolean>;
  readonly statePages: (vector: Vector, signal: AbortSignal) => AsyncIterable<Buffer>;
  /** When the latest of these batches was written: Unix ms. */
  readonly latestMs: (vector: Vector, signal: AbortSignal) => Promise<number>;
}

/** What has to stay is asked for again, each time after twice as long: it reads all journals. */
const firstWaitMs = 5_000;
const waitMsMax = 3_600_000;
/** At most what one place of a vector takes in a statement, and what else stands there. */
const positionBytes = 80;
const otherBytes = 2_000;
const namedChunkBytes = 36;

export class FoldIssuer {
  readonly #parts: FoldIssuerParts;
  readonly #looks: Retried;
  readonly #ended = new AbortController();
  /** What has to stay for now, or is too large: asked again after a while or never, and not with every batch. */
  #stays: StatementId | undefined;
  #waited: { readonly checkpoint: StatementId; readonly waitMs: number } | undefined;
  #timer: Timer | undefined;
  /** Its pages are stored and named for good: another try does not do so again. */
  #stored: { readonly checkpoint: StatementId; readonly state: FoldedState } | undefined;

  constructor(parts: FoldIssuerParts) {
    this.#parts = parts;
    this.#looks = new Retried({
      ...parts,
      work: () => this.#look(),
      failure: 'old history could not be folded; it is tried again',
    });
  }

  /** An agreement may have come. */
  look(): void {
    const due = this.#due();
    if (due !== undefined && due.id !== this.#stays) this.#looks.look();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#timer?.cancel();
    await this.#looks.close();
  }

  /** What all agree to and nobody has folded yet. */
  #due(): CountedCheckpoint | undefined {
    const { agreed, fold } = this.#parts;
    const checkpoint = agreed();
    if (checkpoint === undefined) return undefined;
    const folded = fold()?.places ?? new Map<JournalId, number>();
    const { places } = checkpoint;
    return !isWithin(places, folded) && isWithin(folded, places) ? checkpoint : undefined;
  }

  /** @returns whether nothing is left to do before there is news */
  async #look(): Promise<boolean> {
    const { key, mayGo, log } = this.#parts;
    const { signal } = this.#ended;
    const checkpoint = this.#due();
    const issuer = key();
    this.#stays = undefined;
    if (checkpoint === undefined || issuer === undefined) return true;
    if (!(await mayGo(checkpoint.places, signal))) {
      log.info({ checkpoint: checkpoint.id }, 'what was agreed on is not folded: it has to stay');
      this.#askLater(checkpoint.id);
      return true;
    }
    try {
      await this.#fold(checkpoint, issuer);
    } catch (error) {
      if (!isVaultError(error, 'too-large')) throw error;
      // The next try would fill the disk with the same pages once more.
      log.warn({ checkpoint: checkpoint.id, detail: error.detail }, 'old history cannot be folded');
      this.#stays = checkpoint.id;
    }
    return true;
  }

  #askLater(checkpoint: StatementId): void {
    if (this.#ended.signal.aborted) return;
    const before = this.#waited?.checkpoint === checkpoint ? this.#waited.waitMs : 0;
    const waitMs = Math.min(Math.max(firstWaitMs, 2 * before), waitMsMax);
    this.#stays = checkpoint;
    this.#waited = { checkpoint, waitMs };
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(waitMs, () => {
      this.#stays = undefined;
      this.look();
    });
  }

  async #fold(checkpoint: CountedCheckpoint, issuer: SignKey): Promise<void> {
    if (this.#stored?.checkpoint !== checkpoint.id) {
      this.#stored = { checkpoint: checkpoint.id, state: await this.#store(checkpoint) };
    }
    const { state } = this.#stored;
    for await (const opened of readPages(this.#parts, state)) void opened;
    // Another device may have been faster.
    if (this.#due()?.id !== checkpoint.id) return;
    await this.#say(state, issuer);
  }

  async #store(checkpoint: CountedCheckpoint): Promise<FoldedState> {
    const { chunks, publisher, epoch, use } = this.#parts;
    const { opKey, id } = epoch();
    const pages: NamedChunk[] = [];
    const pagesMax = pagesBeside(checkpoint.vector.length);
    for await (const page of this.#sealed(checkpoint, opKey)) {
      use(page.id);
      await chunks.write([page]);
      pages.push({ id: page.id, length: page.body.length });
      if (pages.length > pagesMax) throw tooLarge(pagesMax);
    }
    await chunks.commit();
    await publisher.publish({ keys: [], build: () => ({ ops: [], chunksAdded: pages }) });
    return { ...checkpoint, pages, epoch: id };
  }

  async *#sealed(
    { places, stateRoot }: CountedCheckpoint,
    opKey: Buffer,
  ): AsyncGenerator<{ readonly id: NamedChunk['id']; readonly body: Buffer }> {
    const { statePages, random } = this.#parts;
    const latestMs = await this.#parts.latestMs(places, this.#ended.signal);
    let index = 0;
    for await (const page of statePages(places, this.#ended.signal)) {
      const place = { opKey, root: stateRoot, index };
      yield sealPage(place, { page, latestMs }, random.bytes(sealNonceBytes));
      index += 1;
    }
  }

  async #say(state: FoldedState, issuer: SignKey): Promise<void> {
    const { members, log } = this.#parts;
    const fold = await sayFold(members, state, issuer);
    log.info({ fold, pages: state.pages.length }, 'old history was folded');
  }
}

/** Issues the statement that bodies may go for this state. @returns its id */
export async function sayFold(
  members: Pick<MembersService, 'issue'>,
  { vector, stateRoot, pages, epoch }: FoldedState,
  issuer: SignKey,
): Promise<StatementId | undefined> {
  const kind = {
    type: 'checkpoint' as const,
    vector: vector.map(({ journal, ...place }) => ({ ...splitJournalId(journal), ...place })),
    stateRoot,
    excluded: [],
    fold: { pages, epoch },
  };
  const [issued] = await members.issue((known) => [known.issue(issuer, kind)]);
  return issued?.statement.id;
}

/** How many pages a statement can name beside so many places. */
function pagesBeside(places: number): number {
  const room = limits.statementBytesMax - otherBytes - places * positionBytes;
  return Math.min(limits.foldPagesMax, Math.max(0, Math.floor(room / namedChunkBytes)));
}

function tooLarge(pagesMax: number): VaultError {
  return new VaultError('too-large', {
    op: 'vault.fold',
    subject: 'the state of the vault',
    detail: `it has more than ${String(pagesMax)} pages`,
  });
}
