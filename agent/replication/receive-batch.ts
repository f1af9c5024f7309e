/**
 * The one door through which batches of other devices enter the journals. It keeps every journal in
 * order whichever peer a batch comes from, lets many batches share one sync, and files what belongs to
 * another branch of a journal that forked beside the one that was here first. What a batch is by itself
 * was settled in `received-batch.ts`; whether it counts is decided elsewhere, every time anew.
 */
import { toVaultError, type VaultError } from '../../protocol/errors.ts';
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import { journal as limits, MiB } from '../../protocol/limits.ts';
import { checkSuccessor } from '../journal/successor.ts';
import type { JournalStore } from '../store/store.ts';
import type { Line } from '../validity/counting.ts';
import { branchFrom, type Branch, type JournalLines } from './journal-lines.ts';
import { toStoredBatch, type AdmittedBatch } from './received-batch.ts';

const appendGroupMax = 512;
const queueBytesMax = 8 * MiB;

export interface BatchDoorEvents {
  /** Durable now, in the order of their lines. */
  onAppended(batches: readonly PlacedBatch[]): void;
  /** The first batch of a branch is durable: the journal has two batches of one number. */
  onBranch(branch: Branch): void;
  /** The store refused; what was queued and is not durable is forgotten and has to be sent again. */
  onFailure(error: VaultError): void;
}

/** A batch, and the line that it stands on: its journal, or a branch of it. */
export interface PlacedBatch extends AdmittedBatch {
  readonly line: JournalId;
}

/**
 * What became of a batch. `diverged`: it stands on a branch whose beginning is not here, and whoever
 * sent it does not know that; `refused`: the journal has too many branches.
 */
export type Entry = 'queued' | 'known' | 'gap' | 'diverged' | 'refused';

interface Tip {
  readonly sequence: number;
  readonly hash: BatchHash;
}

interface Queued extends PlacedBatch {
  readonly begins: Branch | undefined;
}

export class BatchDoor {
  readonly #store: JournalStore;
  readonly #lines: JournalLines;
  readonly #events: BatchDoorEvents;
  /** Tips as they will be when the queue is appended. */
  readonly #queuedTips = new Map<JournalId, Tip>();
  #queue: Queued[] = [];
  #queueBytes = 0;
  #appending: Promise<void> | undefined;
  #placing: Promise<unknown> = Promise.resolve();
  #room: (() => void)[] = [];

  constructor(store: JournalStore, lines: JournalLines, events: BatchDoorEvents) {
    this.#store = store;
    this.#lines = lines;
    this.#events = events;
  }

  /** The newest batch of a line that is here or about to be. */
  tip(line: JournalId): Tip | undefined {
    return this.#queuedTips.get(line) ?? this.#store.tip(line);
  }

  /**
   * Takes one batch in; waits while too much is queued. Durable only at `onAppended`.
   */
  async enter(batch: AdmittedBatch): Promise<Entry> {
    while (this.#queueBytes > queueBytesMax) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    const { journal } = batch.verified.header;
    const place = checkSuccessor(this.tip(journal), batch.verified);
    if (place === 'known') return 'known';
    if (place === 'next') return this.#take({ ...batch, line: journal, begins: undefined });
    if (place === 'gap' && !this.#isForked(journal)) return 'gap';
    // One at a time: two that begin the same branch must not both begin it.
    const placed = this.#placing.then(() => this.#placeBeside(batch));
    this.#placing = placed.catch(() => undefined);
    return placed;
  }

  /** Resolves when nothing is being appended. */
  async idle(): Promise<void> {
    await this.#placing;
    await this.#appending;
  }

  /** Also by a branch that is not durable yet. */
  #isForked(journal: JournalId): boolean {
    if (this.#lines.isForked(journal)) return true;
    return this.#queue.some(({ begins }) => begins?.journal === journal);
  }

  #take(batch: Queued): 'queued' {
    const { header, hash } = batch.verified;
    this.#queuedTips.set(batch.line, { sequence: header.sequence, hash });
    this.#queue.push(batch);
    this.#queueBytes += sizeOf(batch);
    this.#appending ??= this.#appendQueued();
    return 'queued';
  }

  /** A batch that is not simply the next of its journal. */
  async #placeBeside(batch: AdmittedBatch): Promise<Entry> {
    const { journal, sequence } = batch.verified.header;
    for (;;) {
      const lines = this.#linesOf(journal);
      if (await this.#isHere(batch, lines)) return 'known';
      const before = await this.#lineBehind(batch, lines);
      if (before === undefined) {
        const last = Math.max(0, ...lines.map(({ tip }) => tip));
        return sequence > last + 1 || lines.length === 0 ? 'gap' : 'diverged';
      }
      // While it was looked for, the line may have grown.
      const tip = this.tip(before.name)?.sequence ?? 0;
      if (tip !== before.tip) continue;
      if (tip === sequence - 1) {
        return this.#take({ ...batch, line: before.name, begins: undefined });
      }
      const branches = lines.filter(({ firstHash }) => firstHash !== undefined);
      if (branches.length >= limits.branchesPerJournalMax) return 'refused';
      const begins = branchFrom(batch.verified.header, batch.verified.hash);
      return this.#take({ ...batch, line: begins.name, begins });
    }
  }

  /** Lines as they will be when the queue is appended. */
  #linesOf(journal: JournalId): readonly Line[] {
    const itself = this.tip(journal);
    const queued = this.#queue.flatMap(({ begins }) => (begins?.journal === journal ? begins : []));
    const branches = new Map(
      [...this.#lines.branchesOf(journal), ...queued].map((branch) => [branch.name, branch]),
    );
    const lines: Line[] = [...branches.values()].flatMap((branch) => {
      const tip = this.tip(branch.name);
      return tip === undefined ? [] : [{ ...branch, tip: tip.sequence }];
    });
    if (itself === undefined) return lines;
    const whole = { name: journal, first: 1, firstHash: undefined, previous: undefined };
    return [{ ...whole, tip: itself.sequence }, ...lines];
  }

  async #isHere({ verified }: AdmittedBatch, lines: readonly Line[]): Promise<boolean> {
    const { sequence } = verified.header;
    for (const { name, first, tip } of lines) {
      if (sequence < first || sequence > tip) continue;
      if ((await this.#hashAt(name, sequence)) === verified.hash) return true;
    }
    return false;
  }

  /** The line that has the batch before this one. */
  async #lineBehind(
    { verified }: AdmittedBatch,
    lines: readonly Line[],
  ): Promise<Line | undefined> {
    const { sequence, previous } = verified.header;
    if (previous === undefined) return lines.find(({ firstHash }) => firstHash === undefined);
    for (const line of lines) {
      if (sequence - 1 < line.first || sequence - 1 > line.tip) continue;
      if ((await this.#hashAt(line.name, sequence - 1)) === previous) return line;
    }
    return undefined;
  }

  async #hashAt(line: JournalId, sequence: number): Promise<BatchHash | undefined> {
    const tip = this.tip(line);
    if (tip?.sequence === sequence) return tip.hash;
    const queued = this.#queue.find(
      (each) => each.line === line && each.verified.header.sequence === sequence,
    );
    return queued?.verified.hash ?? (await this.#lines.hashAt(line, sequence));
  }

  async #appendQueued(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.slice(0, appendGroupMax);
      const failure = await this.#append(group);
      if (failure === undefined) this.#finish(group);
      else this.#forgetQueue(await this.#durable(group), failure);
    }
    this.#appending = undefined;
  }

  async #append(group: readonly Queued[]): Promise<VaultError | undefined> {
    try {
      await this.#store.append(group.map((batch) => toStoredBatch(batch, batch.line)));
      return undefined;
    } catch (error) {
      return toVaultError(error, 'replication.append');
    }
  }

  #finish(group: readonly Queued[]): void {
    this.#queue.splice(0, group.length);
    for (const batch of group) {
      const { sequence } = batch.verified.header;
      this.#queueBytes -= sizeOf(batch);
      if (this.#queuedTips.get(batch.line)?.sequence === sequence) {
        this.#queuedTips.delete(batch.line);
      }
    }
    this.#report(group);
    this.#letIn();
  }

  #report(durable: readonly Queued[]): void {
    const begun = durable.flatMap(({ begins }) => begins ?? []);
    for (const branch of begun) this.#lines.begin(branch);
    if (durable.length > 0) this.#events.onAppended(durable);
    for (const branch of begun) this.#events.onBranch(branch);
  }

  /** One line's file may fail while another one's takes its batches: nobody sends those again. */
  async #durable(group: readonly Queued[]): Promise<readonly Queued[]> {
    const durable: Queued[] = [];
    for (const batch of group) {
      const { header, hash } = batch.verified;
      const here = await this.#lines.hashAt(batch.line, header.sequence).catch(() => undefined);
      if (here === hash) durable.push(batch);
    }
    return durable;
  }

  #forgetQueue(durable: readonly Queued[], error: VaultError): void {
    this.#queue = [];
    this.#queueBytes = 0;
    this.#queuedTips.clear();
    this.#report(durable);
    this.#letIn();
    this.#events.onFailure(error);
  }

  #letIn(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const enter of waiting) enter();
  }
}

function sizeOf({ verified, small }: AdmittedBatch): number {
  return small.reduce((bytes, record) => bytes + record.body.length, verified.bytes.length);
}
