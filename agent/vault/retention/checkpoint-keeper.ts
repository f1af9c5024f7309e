/**
 * What this device thinks of the checkpoint that stands. It agrees, by naming it in `acknowledges` of a
 * batch of its own, when it has made the state of exactly the batches that the checkpoint folds by itself
 * and found the same root, and when everything that it has written beyond has seen all of them. So when
 * every device that may write has agreed, no operation can come any more that belongs between those
 * before. A device that finds another state says so and does not agree.
 */
import { toVaultError } from '../../../protocol/errors.ts';
import { splitJournalId, type DeviceId, type StatementId } from '../../../protocol/ids.ts';
import type { CheckpointHere } from '../../../protocol/control/retention-reports.ts';
import type { BatchSource } from '../../history/history.types.ts';
import type { CountedCheckpoint } from '../../members/membership.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Vector } from '../batch-times.ts';
import type { Publisher } from '../publisher.ts';
import { Slices } from '../slices.ts';
import { Retried } from './retried.ts';
import { nextThatSpeaks, readSights, seenUpTo } from './sights.ts';
import type { PositionParts } from './statement-positions.ts';

export interface CheckpointKeeperParts extends PositionParts {
  readonly device: DeviceId;
  readonly tree: Pick<Tree, 'vector'>;
  readonly source: Pick<BatchSource, 'read' | 'beginningOf'>;
  readonly publisher: Pick<Publisher, 'publish' | 'flushed'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The one that stands. */
  readonly checkpoint: () => CountedCheckpoint | undefined;
  /** Devices that may write. */
  readonly writers: () => readonly DeviceId[];
  /** Whether this device can open batches. */
  readonly readsNames: () => boolean;
  readonly hasAcknowledged: (device: DeviceId, id: StatementId) => boolean;
  /** 32 bytes: what exactly these batches amount to. */
  readonly stateRoot: (vector: Vector, signal?: AbortSignal) => Promise<Buffer>;
  /** It amounts to something else here. */
  readonly onDiffers: (id: StatementId) => void;
}

/** What devices have said of the checkpoint that stands. */
export interface CheckpointStanding {
  readonly checkpoint: CountedCheckpoint;
  readonly waitsFor: readonly DeviceId[];
  /** Why this device does not agree; undefined: it does, or is not asked. */
  readonly here: CheckpointHere | undefined;
}

type Doubt = CheckpointHere['code'];

/** Something may change these without a new checkpoint: it is looked at again when there is news, and after a while. */
const passing: ReadonlySet<Doubt> = new Set<Doubt>(['behind', 'other-branch', 'failed']);

export class CheckpointKeeper {
  readonly #parts: CheckpointKeeperParts;
  readonly #looks: Retried;
  readonly #ended = new AbortController();
  /** What was found out about a checkpoint; undefined of `doubt`: nothing is wrong with it. */
  #found: { readonly id: StatementId; readonly doubt: Doubt | undefined } | undefined;

  constructor(parts: CheckpointKeeperParts) {
    this.#parts = parts;
    this.#looks = new Retried({
      ...parts,
      work: () => this.#look(),
      failure: 'a checkpoint was not looked at to the end; it is tried again',
    });
  }

  /** A checkpoint may have come, or what it folds. */
  look(): void {
    if (this.#parts.checkpoint() !== undefined) this.#looks.look();
  }

  /** Resolves when nothing is being looked at. */
  idle(): Promise<void> {
    return this.#looks.idle();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#looks.close();
  }

  /** undefined: no checkpoint stands. */
  standing(): CheckpointStanding | undefined {
    const checkpoint = this.#parts.checkpoint();
    if (checkpoint === undefined) return undefined;
    const waitsFor = this.#parts
      .writers()
      .filter((device) => !this.#parts.hasAcknowledged(device, checkpoint.id));
    return { checkpoint, waitsFor, here: this.#here(checkpoint) };
  }

  #here({ id }: CountedCheckpoint): CheckpointHere | undefined {
    const found = this.#found?.id === id ? this.#found : undefined;
    if (found?.doubt !== undefined) return { code: found.doubt, message: messages[found.doubt] };
    const isAsked = found === undefined && this.#parts.readsNames();
    if (!isAsked || this.#hasAgreed(id)) return undefined;
    return { code: 'looking', message: messages.looking };
  }

  #hasAgreed(id: StatementId): boolean {
    return this.#parts.hasAcknowledged(this.#parts.device, id);
  }

  /** @returns whether nothing is left to do before there is news */
  async #look(): Promise<boolean> {
    const { checkpoint, readsNames, publisher, log } = this.#parts;
    const standing = checkpoint();
    if (standing === undefined || !readsNames() || this.#hasAgreed(standing.id)) return true;
    const { id } = standing;
    if (this.#isDecided(id)) return true;
    const doubt = await this.#doubtOf(standing);
    if (this.#ended.signal.aborted) return true;
    const isNew = this.#found?.id !== id || this.#found.doubt !== doubt;
    this.#found = { id, doubt };
    if (isNew) log.info({ checkpoint: id, doubt }, 'a checkpoint was looked at');
    if (isNew && doubt === 'other-state') this.#parts.onDiffers(id);
    // Batches that came are in the tree only later, and nobody says so.
    if (doubt !== undefined) return !passing.has(doubt);
    if (!this.#mayWrite()) return true;
    await publisher.publish({ keys: [], build: () => ({ ops: [], acknowledges: [id] }) });
    return true;
  }

  /** What the same batches amount to does not change, nor does what was written before. */
  #isDecided(id: StatementId): boolean {
    if (this.#found?.id !== id) return false;
    const { doubt } = this.#found;
    return doubt === undefined ? !this.#mayWrite() : !passing.has(doubt);
  }

  #mayWrite(): boolean {
    return this.#parts.writers().includes(this.#parts.device);
  }

  /** Why it cannot be agreed to; undefined: it can. */
  async #doubtOf(checkpoint: CountedCheckpoint): Promise<Doubt | undefined> {
    if (checkpoint.leavesOut) return 'leaves-out';
    const place = await this.#placeDoubt(checkpoint);
    if (place !== undefined) return place;
    // It was found before, and could not be said.
    if (this.#found?.id === checkpoint.id && this.#found.doubt === undefined) return undefined;
    try {
      const root = await this.#parts.stateRoot(checkpoint.places, this.#ended.signal);
      // Other branches may have come to count while the state was made.
      const since = await this.#placeDoubt(checkpoint);
      if (since !== undefined) return since;
      if (!root.equals(checkpoint.stateRoot)) return 'other-state';
      return (await this.#hasSeenAll(checkpoint)) ? undefined : 'unseen';
    } catch (error) {
      const { code, message } = toVaultError(error, 'vault.checkpoint');
      this.#parts.log.warn({ code, message }, 'the state of a checkpoint could not be made');
      return 'failed';
    }
  }

  /** Whether the very batches that it folds are in the tree here. */
  async #placeDoubt({ vector, places }: CountedCheckpoint): Promise<Doubt | undefined> {
    const applied = this.#parts.tree.vector();
    for (const [journal, sequence] of places) {
      if ((applied.get(journal) ?? 0) < sequence) return 'behind';
    }
    for (const { journal, sequence, hash } of vector) {
      if ((await this.#parts.hashAt(journal, sequence)) !== hash) return 'other-branch';
    }
    return undefined;
  }

  /**
   * Whether all that this device has written beyond a checkpoint had seen what it folds. What it writes
   * from now on has: the tree shows it.
   */
  async #hasSeenAll({ places }: CountedCheckpoint): Promise<boolean> {
    const { device, tree, source, clock, publisher } = this.#parts;
    // Operations that were made before may still be on their way into the journal.
    await publisher.flushed();
    const own = new Map(
      [...tree.vector()].filter(([journal]) => splitJournalId(journal).device === device),
    );
    const sights = await readSights(source, own, new Slices(clock, this.#ended.signal));
    return [...own.keys()].every((journal) => {
      const next = nextThatSpeaks(sights.get(journal), places.get(journal) ?? 0);
      if (next === undefined) return true;
      return [...places].every(
        ([other, sequence]) =>
          other === journal || seenUpTo(sights.get(journal), next, other) >= sequence,
      );
    });
  }
}

const messages: Readonly<Record<Doubt, string>> = {
  looking: 'this device makes the state by itself and compares',
  behind: 'changes that it folds are not here yet, or cannot be read here',
  'other-branch': 'it folds a branch of a journal that does not count here',
  'other-state': 'the same changes amount to something else on this device',
  unseen:
    'this device wrote something before it had seen all that is folded; a later one takes it in',
  'leaves-out': 'it leaves devices out, and this version agrees to no such',
  failed: 'something that it folds could not be read here',
};
