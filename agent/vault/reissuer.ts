/**
 * Issues again what only a hidden branch of our own journal says. A device that was restored from an
 * old backup, or copied, wrote behind the backup what nobody counts now: it says it again in its new
 * journal, in the same order, each batch with a note of what it repeats. The notes are what makes it
 * safe to stop anywhere: the next run goes on behind the last one.
 */
import { isVaultError, toVaultError } from '../../protocol/errors.ts';
import type { BatchHash, DeviceId, JournalId } from '../../protocol/ids.ts';
import type { NamedChunk, OpId, Reissued } from '../../protocol/messages/op.ts';
import type { OpenedBatch, OpKeyLookup } from '../journal/batch.ts';
import { opsAgain, rangesOf, type OpRange } from '../journal/reissue.ts';
import type { Log } from '../ports.ts';
import type { JournalStore, SmallRecord } from '../store/store.ts';
import { isOf, type CountingJournals } from './counting-journals.ts';
import { openStored } from './load-tree.ts';
import type { Contribution, Publisher } from './publisher.ts';

export interface ReissuerParts {
  readonly device: DeviceId;
  readonly journals: JournalStore;
  readonly counting: Pick<CountingJournals, 'prefixOf'>;
  readonly publisher: Pick<Publisher, 'publish' | 'writing'>;
  readonly opKeyOf: OpKeyLookup;
  readonly log: Log;
  /** So many operations of an old journal were issued again. */
  readonly onReissued: (journal: JournalId, ops: number) => void;
}

export class Reissuer {
  readonly #parts: ReissuerParts;
  #running: Promise<void> | undefined;

  constructor(parts: ReissuerParts) {
    this.#parts = parts;
  }

  /** Looks whether there is something to issue again, and does so. Never rejects. */
  async run(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#runAll()
      .catch((error: unknown) => {
        // A full disk, or a role that does not write any more: the next run goes on here.
        const { code, message } = toVaultError(error, 'vault.reissue');
        this.#parts.log.warn({ code, message }, 'what a hidden branch says was not issued again');
      })
      .finally(() => {
        this.#running = undefined;
      });
    await this.#running;
  }

  async #runAll(): Promise<void> {
    const hidden = this.#own().filter((journal) => this.#hiddenAfter(journal) !== undefined);
    if (hidden.length === 0) return;
    const notes = await this.#notes();
    for (const journal of hidden) {
      const count = await this.#reissue(journal, notes);
      if (count > 0) this.#parts.onReissued(journal, count);
    }
  }

  #own(): readonly JournalId[] {
    const { journals, device } = this.#parts;
    return journals.tips().flatMap(({ journal }) => (isOf(journal, device) ? journal : []));
  }

  /**
   * Up to where our own line of a journal counts, when what follows is hidden by a fork. What a
   * revocation hides is not ours to say again.
   */
  #hiddenAfter(journal: JournalId): number | undefined {
    const { journals, counting, publisher } = this.#parts;
    const prefix = counting.prefixOf(journal);
    if (prefix === undefined || publisher.writing() === journal) return undefined;
    const why = prefix.stop?.type;
    if (why === 'cut-off' || why === 'no-right') return undefined;
    const upTo = prefix.route.find(({ line }) => line.name === journal)?.upTo ?? 0;
    return upTo < (journals.tip(journal)?.sequence ?? 0) ? upTo : undefined;
  }

  /** What was issued again before, in any journal of ours. */
  async #notes(): Promise<Notes> {
    const notes = new Notes();
    for (const journal of this.#own()) {
      for await (const stored of this.#parts.journals.read(journal, 0)) {
        const batch = openStored(stored, this.#parts.opKeyOf);
        if (batch !== undefined) notes.learn(batch);
      }
    }
    return notes;
  }

  async #reissue(journal: JournalId, notes: Notes): Promise<number> {
    let count = 0;
    const after = this.#hiddenAfter(journal) ?? 0;
    for await (const stored of this.#parts.journals.read(journal, after)) {
      const batch = openStored(stored, this.#parts.opKeyOf);
      if (batch === undefined) return count;
      const ranges = batch.body.ops.length === 0 ? [nothing] : rangesOf(batch.body.ops);
      for (const range of ranges) {
        if (notes.has(batch, range)) continue;
        // Somebody may have named our branch meanwhile: then it counts as it is.
        const hiddenAfter = this.#hiddenAfter(journal);
        if (hiddenAfter === undefined || hiddenAfter >= stored.sequence) return count;
        await this.#sayAgain(batch, range, { notes, hiddenAfter });
        count += range.count;
      }
    }
    return count;
  }

  async #sayAgain(batch: OpenedBatch, range: OpRange, known: Known): Promise<void> {
    const { notes, hiddenAfter } = known;
    const { header, body } = batch;
    const { journal, sequence } = header;
    const old = { journal, sequence, ops: body.ops };
    const note = { journal, sequence, hash: batch.hash, ...range };
    const small = await this.#smallRecords(batch, range);
    const contribution: Contribution = {
      ops: opsAgain(old, range, (id) => {
        const isHidden = id.journal === journal && id.sequence > hiddenAfter;
        return notes.standIn(id) ?? (isHidden ? undefined : id);
      }),
      // What a batch needs may be named by any batch before it: once is enough.
      chunksReused: range.first === 0 ? chunksOf(batch) : [],
      small,
      reissued: [note],
    };
    try {
      const ids = await this.#parts.publisher.publish({ keys: [], build: () => contribution });
      notes.add(note, ids);
    } catch (error) {
      if (!isVaultError(error, 'too-large') || range.count < 2) throw error;
      // Names of operations in another journal take more bytes than those in the own one.
      for (const half of halvesOf(range)) await this.#sayAgain(batch, half, known);
    }
  }

  /** The small records that the operations of a range name, as far as they can be read. */
  async #smallRecords({ body }: OpenedBatch, { first, count }: OpRange): Promise<SmallRecord[]> {
    const records = new Map<string, SmallRecord>();
    for (const op of body.ops.slice(first, first + count)) {
      const content = op.type === 'make' || op.type === 'write' ? op.content : undefined;
      if (content?.type !== 'small') continue;
      const id = content.small.record;
      if (records.has(id) || !this.#parts.journals.hasSmall(id)) continue;
      const read = await this.#parts.journals.readSmall(id).catch(() => undefined);
      if (read !== undefined) records.set(id, { id, body: read });
    }
    return [...records.values()];
  }
}

interface Known {
  readonly notes: Notes;
  /** Behind it our own line of the journal does not count. */
  readonly hiddenAfter: number;
}

function halvesOf({ first, count }: OpRange): readonly OpRange[] {
  const half = Math.ceil(count / 2);
  return [
    { first, count: half },
    { first: first + half, count: count - half },
  ];
}

/** Of a batch without operations: only its chunks are named again. */
const nothing: OpRange = { first: 0, count: 0 };

function chunksOf({ header }: OpenedBatch): readonly NamedChunk[] {
  const chunks = new Map(
    [...header.chunksAdded, ...header.chunksReused].map((chunk) => [chunk.id, chunk]),
  );
  return [...chunks.values()];
}

/** Which operations were said again, and where. */
class Notes {
  readonly #done = new Set<string>();
  /** By name of an old operation. */
  readonly #standIns = new Map<string, OpId>();

  learn({ header, body }: OpenedBatch): void {
    const { journal, sequence } = header;
    for (const { at, ...note } of body.reissued ?? []) {
      const ids = Array.from({ length: note.count }, (_, offset) => ({
        journal,
        sequence,
        index: at + offset,
      }));
      this.add(note, ids);
    }
  }

  add(note: Omit<Reissued, 'at'>, ids: readonly OpId[]): void {
    const { journal, sequence, hash, first, count } = note;
    this.#done.add(hash);
    ids.slice(0, count).forEach((id, offset) => {
      this.#done.add(placeOf(hash, first + offset));
      this.#standIns.set(keyOf({ journal, sequence, index: first + offset }), id);
    });
  }

  has({ hash }: OpenedBatch, { first, count }: OpRange): boolean {
    if (count === 0) return this.#done.has(hash);
    const indexes = Array.from({ length: count }, (_, offset) => first + offset);
    return indexes.every((index) => this.#done.has(placeOf(hash, index)));
  }

  /** What says `id` now, however often it was said again; undefined when it never was. */
  standIn(id: OpId): OpId | undefined {
    let at = id;
    for (;;) {
      const next = this.#standIns.get(keyOf(at));
      if (next === undefined) break;
      at = next;
    }
    return at === id ? undefined : at;
  }
}

function placeOf(hash: BatchHash, index: number): string {
  return `${hash} ${String(index)}`;
}

function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal} ${String(sequence)} ${String(index)}`;
}
