/**
 * The head of a saved tree: up to which batch of which journal it goes, the names behind the numbers
 * in packed records, what is counted, and what tells a whole tree from one that lacks a part.
 */
import type { BatchHash, DeviceId, EpochId, JournalId, NodeId } from '../../protocol/ids.ts';
import type { OpId, Stamp } from '../../protocol/messages/op.ts';
import type { ByteSink } from './frozen/byte-sink.ts';
import type { ByteSource } from './frozen/byte-source.ts';
import type { NoteRef } from './notes.ts';
import type { Snapshot } from './snapshots.ts';
import type { Totals } from './state.ts';

/** Changes when a saved value changes its form: a tree of another version is made again. */
export const savedVersion = 2;

export interface SavedHead {
  /** Number of the save. */
  readonly generation: number;
  /** What conflict names were made with. */
  readonly labels: string;
  readonly applied: readonly AppliedJournal[];
  readonly epochs: readonly EpochId[];
  /** By number; those of `applied` among them. */
  readonly journals: readonly JournalId[];
  readonly totals: Totals;
  readonly rejected: number;
  readonly stamps: readonly Stamp[];
  readonly snapshots: readonly Snapshot[];
  /** Ids of snapshots that stay dropped. */
  readonly dropped: readonly string[];
  readonly notes: readonly NoteRef[];
  readonly parts: PartCounts;
}

/** How far a journal is in the tree, and the last batch of it; empty in trees of tests. */
export interface AppliedJournal {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly hash: BatchHash | '';
}

/** Of the other values, so that one that is missing or older than the head is noticed. */
export interface PartCounts {
  images: number;
  moves: number;
  pages: number;
  /** Modulo 2^32, over images and pages, of who they are and in which save they were written. */
  sum: number;
}

export function packHead(sink: ByteSink, head: SavedHead): void {
  const { totals, parts } = head;
  sink.count(savedVersion);
  sink.count(head.generation);
  sink.text(head.labels);
  sink.count(head.journals.length);
  for (const journal of head.journals) sink.hex(journal);
  sink.count(head.epochs.length);
  for (const epoch of head.epochs) sink.hex(epoch);
  sink.count(head.applied.length);
  for (const { journal, sequence, hash } of head.applied) {
    sink.hex(journal);
    sink.count(sequence);
    sink.count(hash.length / 2);
    sink.hex(hash);
  }
  for (const count of [totals.files, totals.directories, totals.symlinks, totals.bytes]) {
    sink.count(count);
  }
  sink.count(head.rejected);
  sink.count(head.stamps.length);
  for (const { wallMs, counter } of head.stamps) {
    sink.count(wallMs);
    sink.count(counter);
  }
  sink.count(head.snapshots.length);
  for (const snapshot of head.snapshots) packSnapshot(sink, snapshot);
  sink.count(head.dropped.length);
  for (const id of head.dropped) sink.hex(id);
  sink.count(head.notes.length);
  for (const note of head.notes) packNote(sink, note);
  for (const count of [parts.images, parts.moves, parts.pages, parts.sum]) sink.count(count);
}

/** @throws RangeError for another version, and for bytes that `packHead` did not write */
export function unpackHead(source: ByteSource): SavedHead {
  if (source.count() !== savedVersion) throw new RangeError('a saved tree of another version');
  return {
    generation: source.count(),
    labels: source.text(),
    journals: list(source, () => source.hex(24) as JournalId),
    epochs: list(source, () => source.hex(32) as EpochId),
    applied: list(source, () => ({
      journal: source.hex(24) as JournalId,
      sequence: source.count(),
      hash: source.hex(source.count()) as BatchHash,
    })),
    totals: {
      files: source.count(),
      directories: source.count(),
      symlinks: source.count(),
      bytes: source.count(),
    },
    rejected: source.count(),
    stamps: list(source, () => ({ wallMs: source.count(), counter: source.count() })),
    snapshots: list(source, () => unpackSnapshot(source)),
    dropped: list(source, () => source.hex(16)),
    notes: list(source, () => unpackNote(source)),
    parts: {
      images: source.count(),
      moves: source.count(),
      pages: source.count(),
      sum: source.count(),
    },
  };
}

function packSnapshot(sink: ByteSink, { id, name, vector, op, stamp }: Snapshot): void {
  sink.hex(id);
  sink.bytes(Buffer.from(name));
  sink.count(vector.size);
  for (const [journal, sequence] of vector) {
    sink.hex(journal);
    sink.count(sequence);
  }
  packPlace(sink, op, stamp);
}

function unpackSnapshot(source: ByteSource): Snapshot {
  return {
    id: source.hex(16),
    name: source.bytes().toString(),
    vector: new Map(list(source, () => [source.hex(24) as JournalId, source.count()] as const)),
    ...unpackPlace(source),
  };
}

function packNote(sink: ByteSink, { id, about, to, op, stamp }: NoteRef): void {
  sink.hex(id);
  for (const optional of [about, to]) {
    sink.count(optional === undefined ? 0 : 1);
    sink.hex(optional ?? '');
  }
  packPlace(sink, op, stamp);
}

function unpackNote(source: ByteSource): NoteRef {
  return {
    id: source.hex(16),
    about: source.count() === 0 ? undefined : (source.hex(16) as NodeId),
    to: source.count() === 0 ? undefined : (source.hex(16) as DeviceId),
    ...unpackPlace(source),
  };
}

function packPlace(sink: ByteSink, op: OpId, stamp: Stamp): void {
  sink.hex(op.journal);
  for (const count of [op.sequence, op.index, stamp.wallMs, stamp.counter]) sink.count(count);
}

function unpackPlace(source: ByteSource): { readonly op: OpId; readonly stamp: Stamp } {
  return {
    op: {
      journal: source.hex(24) as JournalId,
      sequence: source.count(),
      index: source.count(),
    },
    stamp: { wallMs: source.count(), counter: source.count() },
  };
}

function list<T>(source: ByteSource, read: () => T): T[] {
  const items: T[] = [];
  for (let left = source.count(); left > 0; left -= 1) items.push(read());
  return items;
}
