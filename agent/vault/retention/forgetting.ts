/**
 * Letting versions go: the plan, and the statements that say to every device which chunks it may drop.
 * Only the owner and admins issue them, since what they release is gone for good.
 */
import { VaultError } from '../../../protocol/errors.ts';
import type { ForgetReport } from '../../../protocol/control/retention-reports.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { members as limits } from '../../../protocol/limits.ts';
import type { SignKey } from '../../members/sign-key.ts';
import type { Issuing } from '../issuing.ts';
import type { MembersService } from '../members-service.ts';
import type { VaultPath } from '../path.ts';
import { forgetReport } from './forget-report.ts';
import { planForgetting, type ForgetPlan, type PlanParts } from './plan.ts';
import { statementPositions, type PositionParts } from './statement-positions.ts';

export interface ForgettingParts extends PlanParts, PositionParts {
  readonly members: Pick<MembersService, 'current' | 'issue'>;
  readonly issuing: Pick<Issuing, 'key' | 'keyOrNone'>;
  /** Versions went. */
  readonly onForgotten: (versions: number, bytes: number) => void;
}

const op = 'vault.forget';
/** A statement has room for its vector beside the chunks. */
const positionBytes = 72;
const statementBytes = limits.statementBytesMax - 2_000;

export class Forgetting {
  readonly #parts: ForgettingParts;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: ForgettingParts) {
    this.#parts = parts;
  }

  /** Whether this device may let versions go. */
  get isAllowed(): boolean {
    return this.#parts.issuing.keyOrNone() !== undefined;
  }

  /** What would go. @throws VaultError see `planForgetting` */
  async dryRun(below: VaultPath, signal?: AbortSignal): Promise<ForgetReport> {
    return forgetReport(await planForgetting(this.#parts, below, signal), undefined);
  }

  /**
   * Lets go what no rule keeps. One run at a time.
   * @throws VaultError `denied`, `overload`, `too-large`, and see `planForgetting`
   */
  forget(below: VaultPath, signal?: AbortSignal): Promise<ForgetReport> {
    const forgotten = this.#running.then(() => this.#forget(below, signal));
    this.#running = forgotten.catch(() => undefined);
    return forgotten;
  }

  async #forget(below: VaultPath, signal: AbortSignal | undefined): Promise<ForgetReport> {
    const issuer = this.#parts.issuing.key('let versions go for good');
    const plan = await planForgetting(this.#parts, below, signal);
    const releases = plan.chunks.size === 0 ? [] : await this.#release(plan, issuer);
    const report = forgetReport(plan, releases);
    if (releases.length > 0) this.#parts.onForgotten(report.versions, report.bytes);
    return report;
  }

  async #release({ vector, chunks }: ForgetPlan, issuer: SignKey): Promise<readonly string[]> {
    const positions = await statementPositions(this.#parts, vector, 'a release');
    const room = Math.floor((statementBytes - positions.length * positionBytes) / 32);
    const perStatement = Math.min(limits.releasedChunksMax, room);
    const ids = [...chunks.keys()].sort();
    const { members } = this.#parts;
    const left = limits.releasesMax - members.current().releases.length;
    if (Math.ceil(ids.length / perStatement) > left) throw tooMany();
    const issued = await members.issue((log) => {
      const signed = [];
      for (let at = 0; at < ids.length; at += perStatement) {
        const some: readonly ChunkId[] = ids.slice(at, at + perStatement);
        signed.push(log.issue(issuer, { type: 'release', chunks: some, vector: positions }));
      }
      return signed;
    });
    return issued.map(({ statement }) => statement.id);
  }
}

function tooMany(): VaultError {
  return new VaultError('overload', {
    op,
    subject: 'the membership log',
    detail: `it takes at most ${String(limits.releasesMax)} releases`,
    next: 'give a path, so that less goes',
  });
}
