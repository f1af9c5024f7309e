/**
 * Answers releases: once everything that was under way when a release came is done, it names what this
 * device needs of the released chunks, and says in the same journal that it has. From then on whatever
 * uses one of them again names it, because it is known here that it was released.
 */
import type { DeviceId } from '../../../protocol/ids.ts';
import { journal as journalLimits } from '../../../protocol/limits.ts';
import type { NamedChunk } from '../../../protocol/messages/op.ts';
import type { CountedRelease } from '../../members/membership.ts';
import type { Log } from '../../ports.ts';
import type { ReleaseBook } from '../../replication/release-book.ts';
import type { Publisher } from '../publisher.ts';
import { neededOf, type ObjectionParts } from './objections.ts';
import { Retried } from './retried.ts';

export interface AcknowledgerParts extends ObjectionParts {
  readonly device: DeviceId;
  readonly releases: ReleaseBook;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly log: Log;
  /** Whether this device may write now. */
  readonly mayWrite: () => boolean;
  /** Of the state that this device's journals begin with. */
  readonly pages: () => readonly NamedChunk[];
  /** Everything that clients and the mount do at the moment is over, and in the journal. */
  readonly settled: () => Promise<void>;
}

const namedPerPublication = 8_192;

export class Acknowledger {
  readonly #parts: AcknowledgerParts;
  readonly #looks: Retried;

  constructor(parts: AcknowledgerParts) {
    this.#parts = parts;
    this.#looks = new Retried({
      ...parts,
      work: () => this.#answerAll(),
      failure: 'releases were not acknowledged; it is tried again',
    });
  }

  /** Something may be to acknowledge. */
  look(): void {
    this.#looks.look();
  }

  /** Resolves when nothing is being answered. */
  idle(): Promise<void> {
    return this.#looks.idle();
  }

  close(): Promise<void> {
    return this.#looks.close();
  }

  /** @returns whether nothing is left to answer */
  async #answerAll(): Promise<boolean> {
    const { releases, device, mayWrite, settled } = this.#parts;
    await releases.refresh();
    const open = releases.unacknowledgedBy(device);
    if (open.length === 0 || !mayWrite()) return open.length === 0;
    await settled();
    // What it was decided upon has to be in the tree here: what it does not show is not missed.
    const ready = open.filter((release) => this.#hasSeen(release) && !this.#beginsAt(release));
    if (ready.length > 0) await this.#answer(ready);
    return ready.length === open.length;
  }

  #hasSeen({ vector }: CountedRelease): boolean {
    const applied = this.#parts.tree.vector();
    return vector.every(({ journal, sequence }) => (applied.get(journal) ?? 0) >= sequence);
  }

  /** It goes on to the fold that stands, and agrees then. */
  #beginsAt({ chunks }: CountedRelease): boolean {
    const pages = new Set(this.#parts.pages().map(({ id }) => id));
    return pages.size > 0 && chunks.some((id) => pages.has(id));
  }

  async #answer(open: readonly CountedRelease[]): Promise<void> {
    const needed = await neededOf(this.#parts, open);
    for (let at = 0; at < needed.length; at += namedPerPublication) {
      await this.#publish({ chunksReused: needed.slice(at, at + namedPerPublication) });
    }
    for (let at = 0; at < open.length; at += journalLimits.acknowledgesPerBatchMax) {
      const some = open.slice(at, at + journalLimits.acknowledgesPerBatchMax);
      await this.#publish({ acknowledges: some.map(({ id }) => id) });
    }
    const { log } = this.#parts;
    log.info({ releases: open.length, needed: needed.length }, 'releases were acknowledged');
  }

  async #publish(said: {
    readonly chunksReused?: readonly NamedChunk[];
    readonly acknowledges?: readonly CountedRelease['id'][];
  }): Promise<void> {
    await this.#parts.publisher.publish({ keys: [], build: () => ({ ops: [], ...said }) });
  }
}
