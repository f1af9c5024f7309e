/**
 * Folding old history, first half: the owner or an admin says in a `Checkpoint` up to where it is to be
 * folded and what it amounts to. Every device that may write finds out by itself whether that is so
 * (`checkpoint-keeper.ts`). When all agree, `fold/fold-issuer.ts` goes on.
 */
import { VaultError } from '../../../protocol/errors.ts';
import { journalId, type StatementId } from '../../../protocol/ids.ts';
import type { JournalPosition } from '../../../protocol/messages/statement.ts';
import type { SignKey } from '../../members/sign-key.ts';
import type { FoldedState } from '../fold/base-file.ts';
import { sayFold } from '../fold/fold-issuer.ts';
import type { Issuing } from '../issuing.ts';
import type { MembersService } from '../members-service.ts';
import type { Vector } from '../batch-times.ts';
import type { Publisher } from '../publisher.ts';
import { planFold, type FoldPlan, type FoldPlanParts } from './fold-plan.ts';
import { Slices } from '../slices.ts';
import { readSights } from './sights.ts';
import { statementPositions, type PositionParts } from './statement-positions.ts';
import { isWithin } from '../is-within.ts';

export interface FoldingParts extends FoldPlanParts, PositionParts {
  readonly members: Pick<MembersService, 'current' | 'issue'>;
  readonly issuing: Pick<Issuing, 'key'>;
  readonly publisher: Pick<Publisher, 'flushed'>;
  /** Releases what rules let go: once it is folded, nobody finds it any more. */
  readonly forget: (signal: AbortSignal | undefined) => Promise<unknown>;
  /** When the latest of what is folded already was written; undefined: nothing is. */
  readonly foldedMs: () => number | undefined;
  /** 32 bytes: what exactly these batches amount to. */
  readonly stateRoot: (vector: Vector, signal?: AbortSignal) => Promise<Buffer>;
  /** Whether every device that may write has agreed to it. */
  readonly isAgreed: (id: StatementId) => boolean;
  /** The state that this device begins with, when no fold that counts says so any more, and it is whole here. */
  readonly unsaid: () => FoldedState | undefined;
}

export interface Folded {
  readonly plan: FoldPlan;
  /** The checkpoint; undefined: none that folds more than the one that stands. */
  readonly issued: StatementId | undefined;
}

export class Folding {
  readonly #parts: FoldingParts;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: FoldingParts) {
    this.#parts = parts;
  }

  /** @throws VaultError see `planFold` */
  async dryRun(signal?: AbortSignal): Promise<Folded> {
    return { plan: await planFold(this.#parts, signal), issued: undefined };
  }

  /**
   * Issues a checkpoint. One run at a time.
   * @throws VaultError `denied`, `too-large`, `conflict`, and see `planFold`
   */
  fold(signal?: AbortSignal): Promise<Folded> {
    const folded = this.#running.then(() => this.#fold(signal));
    this.#running = folded.catch(() => undefined);
    return folded;
  }

  /** Whether all beyond has seen these batches, and nothing below has to stay for the sake of the past. */
  async mayGo(vector: Vector, signal: AbortSignal): Promise<boolean> {
    const { standingIsStable, floor } = await planFold(this.#parts, signal);
    return standingIsStable === true && isWithin(vector, floor);
  }

  /** When the latest of these batches was written: Unix ms by its author's clock. */
  async latestMs(vector: Vector, signal: AbortSignal): Promise<number> {
    const { source, clock, foldedMs } = this.#parts;
    const sights = await readSights(source, vector, new Slices(clock, signal));
    const latest = [...sights.values()].map(({ latestMs }) => latestMs.at(-1) ?? 0);
    return Math.max(foldedMs() ?? 0, ...latest);
  }

  async #fold(signal: AbortSignal | undefined): Promise<Folded> {
    const { members, issuing, publisher, stateRoot } = this.#parts;
    const issuer = issuing.key('fold old history');
    const unsaid = this.#parts.unsaid();
    if (unsaid !== undefined) return this.#sayAgain(unsaid, issuer, signal);
    await this.#parts.forget(signal);
    // What is on its way has not seen all that is here: planned without it, this device itself could not agree.
    await publisher.flushed();
    const plan = await planFold(this.#parts, signal);
    if (!plan.isMore || !this.#mayFollow(plan.vector)) return { plan, issued: undefined };
    const vector = await statementPositions(this.#parts, plan.vector, 'a checkpoint');
    const root = await stateRoot(plan.vector, signal);
    await this.#checkUnchanged(vector);
    const [issued] = await members.issue((log) => [
      log.issue(issuer, { type: 'checkpoint', vector, stateRoot: root, excluded: [] }),
    ]);
    return { plan, issued: issued?.statement.id };
  }

  /** All had agreed to it, and bodies went: whoever joins needs somebody whose word about it counts. */
  async #sayAgain(
    state: FoldedState,
    issuer: SignKey,
    signal: AbortSignal | undefined,
  ): Promise<Folded> {
    const issued = await sayFold(this.#parts.members, state, issuer);
    return { plan: await planFold(this.#parts, signal), issued };
  }

  /** The state was made of what counted while it was made. */
  async #checkUnchanged(vector: readonly JournalPosition[]): Promise<void> {
    for (const { device, incarnation, sequence, hash } of vector) {
      const now = await this.#parts.hashAt(journalId(device, incarnation), sequence);
      if (now !== hash) throw changedMeanwhile();
    }
  }

  /** What all have agreed to is only ever folded further. */
  #mayFollow(vector: Vector): boolean {
    const standing = this.#parts.members.current().checkpoint;
    if (standing === undefined || !this.#parts.isAgreed(standing.id)) return true;
    return isWithin(standing.places, vector);
  }
}

function changedMeanwhile(): VaultError {
  return new VaultError('conflict', {
    op: 'vault.fold',
    subject: 'the vault',
    detail: 'other branches of its journals count than when it began',
    next: 'run the command again',
  });
}
