/** Index entries of a journal: every small record, and the place of one batch in so many. */
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import type { IndexChange } from '../ports.ts';
import type { WalkedBatch } from './journal-file.ts';
import {
  encodeJournalPlace,
  journalPlaceEvery,
  journalPlaceKey,
  smallKey,
  type JournalPlace,
} from './keyspace.ts';

export interface InJournal {
  readonly journal: JournalId;
  /** Number of the file. */
  readonly file: number;
}

type PlacedBatch = Pick<WalkedBatch, 'offset'> & {
  readonly prefix: { readonly sequence: number };
  readonly small: readonly {
    readonly id: ChunkId;
    readonly offset: number;
    readonly body: Uint8Array;
  }[];
};

/** What the index gets to know when a batch is durable. */
export function batchChanges(where: InJournal, batch: PlacedBatch): IndexChange[] {
  const { sequence } = batch.prefix;
  const changes = batch.small.map(({ id, offset, body }) =>
    smallChange(id, { ...where, offset, length: body.length }),
  );
  if (sequence % journalPlaceEvery === 0) {
    const key = journalPlaceKey(where.journal, sequence);
    const place = { ...where, offset: batch.offset, length: 0 };
    changes.push({ key, value: encodeJournalPlace(key, place) });
  }
  return changes;
}

/** Place of a small record; undefined takes it out. */
export function smallChange(id: string, place: JournalPlace | undefined): IndexChange {
  const key = smallKey(id as ChunkId);
  return { key, value: place && encodeJournalPlace(key, place) };
}
