/**
 * The past of the vault, answered from the rows and the journals. Rows are only pointers: every
 * operation is looked at before it counts as an answer.
 */
import type { JournalId, NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { Index } from '../ports.ts';
import { BatchReader } from './batch-reader.ts';
import { replacedBy } from './collect-rows.ts';
import { compareChanges } from './compare-changes.ts';
import type {
  BatchSource,
  Change,
  Chronicle,
  DepartureNote,
  FoldedHistory,
  NodeSet,
  Note,
} from './history.types.ts';
import { IndexFeed, type FeedParts } from './index-feed.ts';
import type { KnownJournals } from './known-journals.ts';
import { nodeSetOf } from './node-set.ts';
import { Pace } from './pace.ts';
import { placeBefore } from './place-before.ts';
import {
  arrivalRange,
  decodeArrivals,
  decodeDepartures,
  departureRange,
  nodeRange,
  readArrivalKey,
  readDepartureKey,
  readNodeKey,
  type OpPlace,
} from './rows.ts';

export interface ChronicleParts extends FeedParts {
  /** Whether a batch counts for what the vault is. */
  readonly counts: (journal: JournalId, sequence: number) => boolean;
  /** Absent where nothing is ever folded. */
  readonly folded?: FoldedHistory;
}

/** Of one question, the latest; earlier ones are left out. */
export const changesMax = 20_000;
export const notesMax = 100_000;
const lineageMax = 1000;

export class IndexedChronicle implements Chronicle {
  readonly #index: Index;
  readonly #feed: IndexFeed;
  readonly #reader: BatchReader;
  readonly #clock: ChronicleParts['clock'];
  readonly #folded: FoldedHistory | undefined;
  readonly #beginningOf: BatchSource['beginningOf'];

  constructor(parts: ChronicleParts) {
    this.#index = parts.index;
    this.#clock = parts.clock;
    this.#folded = parts.folded;
    this.#beginningOf = parts.source.beginningOf?.bind(parts.source);
    this.#feed = new IndexFeed(parts);
    this.#reader = new BatchReader(parts.source, parts.counts);
  }

  /** Reads in the background what the rows lack. */
  start(): void {
    this.#feed.start();
  }

  observe(batches: readonly OpenedBatch[]): void {
    this.#feed.observe(batches);
  }

  /** The journals say something else than before: another branch of one counts now. */
  rebuild(): Promise<void> {
    this.#reader.forget();
    return this.#feed.rebuild();
  }

  /** Batches that the rows lack. */
  behindBatches(): number {
    return this.#feed.behindBatches();
  }

  close(): Promise<void> {
    return this.#feed.close();
  }

  async change(op: OpId): Promise<Change | undefined> {
    return (await this.#reader.change(op)) ?? this.#folded?.change(op);
  }

  async changesOf(node: NodeId): Promise<readonly Change[]> {
    const known = await this.#feed.ready();
    const places: OpPlace[] = [];
    for await (const [key] of this.#index.range(...nodeRange(node))) {
      places.push(readNodeKey(key));
      if (places.length >= 2 * changesMax) places.splice(0, changesMax);
    }
    const changes: Change[] = [...((await this.#folded?.changesOf(node)) ?? [])];
    const pace = new Pace(this.#clock);
    for (const place of places.slice(-changesMax)) {
      await pace.look();
      const op = opOf(known, place);
      const change = op && (await this.#reader.change(op));
      if (change !== undefined && isAbout(change, node)) changes.push(change);
    }
    return changes.sort(compareChanges);
  }

  async lineageOf(node: NodeId): Promise<readonly NodeId[]> {
    const found = new Set<NodeId>([node]);
    for (const each of found) {
      for (const { body } of await this.changesOf(each)) {
        const replaced = 'node' in body && body.node === each ? replacedBy(body) : undefined;
        if (replaced !== undefined && found.size < lineageMax) found.add(replaced);
      }
    }
    return [...found];
  }

  async arrivalsIn(directory: NodeId): Promise<readonly Note[]> {
    const known = await this.#feed.ready();
    const notes: Note[] = [];
    const pace = new Pace(this.#clock);
    for await (const [key, value] of this.#index.range(...arrivalRange(directory))) {
      const { wallMs, ...batch } = readArrivalKey(key);
      for (const { index, node } of decodeArrivals(value)) {
        const op = opOf(known, { ...batch, index });
        if (op !== undefined) notes.push({ op, wallMs, node });
        const rest = pace.step();
        if (rest !== undefined) await rest;
      }
      if (notes.length >= 2 * notesMax) notes.splice(0, notesMax);
    }
    const folded = (await this.#folded?.arrivalsIn(directory)) ?? [];
    const latest = notes.slice(-notesMax);
    if (folded.length === 0) return latest;
    // Rows of this device may still point to what the state says now.
    const isKnown = new Set(latest.map(({ op }) => nameOf(op)));
    return [...folded.filter(({ op }) => !isKnown.has(nameOf(op))), ...latest];
  }

  async *departures(): AsyncGenerator<DepartureNote> {
    yield* this.#departures(undefined);
  }

  async *departuresOf(nodes: NodeSet): AsyncGenerator<DepartureNote> {
    yield* this.#departures(nodes);
  }

  async departuresFrom(directory: NodeId): Promise<readonly Change[]> {
    const arrived = nodeSetOf((await this.arrivalsIn(directory)).map(({ node }) => node));
    const left: Change[] = [];
    if (arrived.size === 0) return left;
    for await (const note of this.departuresOf(arrived)) {
      const change = await this.#departure(directory, note);
      if (change !== undefined) left.push(change);
      if (left.length >= 2 * changesMax) left.splice(0, changesMax);
    }
    return left.sort(compareChanges).slice(-changesMax);
  }

  /** The operation, when it took something out of the directory. */
  async #departure(
    directory: NodeId,
    { op, node, kind }: DepartureNote,
  ): Promise<Change | undefined> {
    // Where something else has the name now, nothing went.
    if (kind === 'replace') return undefined;
    const changes = await this.changesOf(node);
    const change = changes.find((each) => isSameOp(each.op, op));
    if (change === undefined || placeBefore(changes, change)?.parent !== directory)
      return undefined;
    const { body } = change;
    return body.type === 'move' && body.parent === directory ? undefined : change;
  }

  /** Rows outlast what they point to: a device that made its rows later has none of these. */
  #isFolded({ journal, sequence }: OpId): boolean {
    return sequence <= (this.#beginningOf?.(journal)?.sequence ?? 0);
  }

  async *#departures(nodes: NodeSet | undefined): AsyncGenerator<DepartureNote> {
    const known = await this.#feed.ready();
    const pace = new Pace(this.#clock);
    for await (const [key, value] of this.#index.range(...departureRange)) {
      const { wallMs, ...batch } = readDepartureKey(key);
      for (const { index, kind, node } of decodeDepartures(value)) {
        const rest = pace.step();
        if (rest !== undefined) await rest;
        if (nodes?.mayHave(node) === false) continue;
        const op = opOf(known, { ...batch, index });
        if (op !== undefined && !this.#isFolded(op)) yield { op, wallMs, node, kind };
      }
    }
  }
}

function opOf(known: KnownJournals, place: Omit<OpPlace, 'wallMs'>): OpId | undefined {
  const journal = known.journalOf(place.journal);
  if (journal === undefined) return undefined;
  return { journal, sequence: place.sequence, index: place.index };
}

function isAbout({ body }: Change, node: NodeId): boolean {
  return 'node' in body && (body.node === node || replacedBy(body) === node);
}

function nameOf({ journal, sequence, index }: OpId): string {
  return `${journal} ${String(sequence)} ${String(index)}`;
}

function isSameOp(a: OpId, b: OpId): boolean {
  return a.index === b.index && a.sequence === b.sequence && a.journal === b.journal;
}
