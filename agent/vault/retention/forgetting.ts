/**
 * Letting versions go: the plan, and the statements that say to every device which chunks it may drop.
 * Only the owner and admins issue them, since what they release is gone for good.
 */
import { VaultError } from '../../../protocol/errors.ts';
import type { ForgetReport } from '../../../protocol/control/retention-reports.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { members as limits } from '../../../protocol/limits.ts';
import type { CountedFold } from '../../members/membership.ts';
import type { SignKey } from '../../members/sign-key.ts';
import type { Issuing } from '../issuing.ts';
import type { MembersService } from '../members-service.ts';
import type { VaultPath } from '../path.ts';
import { forgetReport } from './forget-report.ts';
import type { LeftOver } from './left-over.ts';
import { planForgetting, type ForgetPlan, type PlanParts } from './plan.ts';
import { statementPositions, type PositionParts } from './statement-positions.ts';

export interface ForgettingParts extends PlanParts, PositionParts {
  readonly members: Pick<MembersService, 'current' | 'issue'>;
  readonly issuing: Pick<Issuing, 'key' | 'keyOrNone'>;
  readonly leftOver: Pick<LeftOver, 'find' | 'released'>;
  /** Versions went. */
  readonly onForgotten: (versions: number, bytes: number) => void;
}

type Chunks = ForgetPlan['chunks'];

interface Planned {
  readonly plan: ForgetPlan;
  /** What folding left. */
  readonly left: Chunks;
}

interface Released {
  /** Of what folding left, what was released. */
  readonly left: Chunks;
  /** Ids of the statements. */
  readonly releases: readonly string[];
}

const op = 'vault.forget';
/** So many stay free for what rules let go. */
const releasesKept = limits.releasesMax / 8;
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
    const { plan, left } = await this.#plan(below, signal);
    return forgetReport(plan, { left, releases: undefined });
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
    const planned = await this.#plan(below, signal);
    const { plan } = planned;
    const { left, releases } = await this.#release(planned, issuer);
    const isAll = below.length === 0 && left.size === planned.left.size;
    if (isAll) this.#parts.leftOver.released();
    const report = forgetReport(plan, { left, releases });
    if (releases.length > 0) this.#parts.onForgotten(report.versions, report.bytes);
    return report;
  }

  /** What folding left is of no path, so it goes only where nothing is said about paths. */
  async #plan(below: VaultPath, signal: AbortSignal | undefined): Promise<Planned> {
    const plan = await planForgetting(this.#parts, below, signal);
    if (below.length > 0) return { plan, left: new Map() };
    const left = [...(await this.#parts.leftOver.find(signal))];
    return { plan, left: new Map(left.filter(([id]) => !plan.chunks.has(id))) };
  }

  async #release({ plan, left: found }: Planned, issuer: SignKey): Promise<Released> {
    const { vector, chunks } = plan;
    if (chunks.size + found.size === 0) return { left: found, releases: [] };
    const positions = await statementPositions(this.#parts, vector, 'a release');
    const room = Math.floor((statementBytes - positions.length * positionBytes) / 32);
    const perStatement = Math.min(limits.releasedChunksMax, room);
    const { members } = this.#parts;
    const { releases: said, folds } = members.current();
    const free = limits.releasesMax - said.length;
    if (Math.ceil(chunks.size / perStatement) > free) throw tooMany();
    // What folding left must not keep rules from letting go, nor the next fold from coming.
    const leftMax = (free - releasesKept) * perStatement;
    const isPage = pagesOf(folds);
    const pages = [...found].filter(([id]) => isPage(id));
    const others = [...found].filter(([id]) => !isPage(id));
    const plain = others.slice(0, Math.max(0, leftMax - chunks.size));
    const taken = Math.ceil((chunks.size + plain.length) / perStatement) * perStatement;
    const left = new Map([...plain, ...pages.slice(0, Math.max(0, leftMax - taken))]);
    const ids = [...chunks.keys(), ...left.keys()].sort();
    if (ids.length === 0) return { left, releases: [] };
    // Who begins at an earlier state agrees to none that names its pages: nothing else is to wait for that.
    const groups = [false, true].map((is) => ids.filter((id) => isPage(id) === is));
    const issued = await members.issue((log) =>
      groups
        .flatMap((group) => slicesOf(group, perStatement))
        .map((some) => log.issue(issuer, { type: 'release', chunks: some, vector: positions })),
    );
    return { left, releases: issued.map(({ statement }) => statement.id) };
  }
}

/** Of states that were said. */
function pagesOf(folds: readonly CountedFold[]): (id: ChunkId) => boolean {
  const pages = new Set(folds.flatMap((fold) => fold.pages.map(({ id }) => id)));
  return (id) => pages.has(id);
}

function slicesOf(ids: readonly ChunkId[], length: number): (readonly ChunkId[])[] {
  const count = Math.ceil(ids.length / length);
  return Array.from({ length: count }, (_, at) => ids.slice(at * length, (at + 1) * length));
}

function tooMany(): VaultError {
  return new VaultError('overload', {
    op,
    subject: 'the membership log',
    detail: `it takes at most ${String(limits.releasesMax)} releases`,
    next: 'give a path, so that less goes',
  });
}
