/**
 * Every entry of the store's own part of the index, read from the files while they are in use: chunks
 * from footers and record headers, small records and places of batches from the journals. It changes
 * nothing; what recovery does at a start is another matter.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { IndexChange } from '../ports.ts';
import type { FileCache } from './file-cache.ts';
import { fileHeaderBytes } from './file-header.ts';
import {
  branchStart,
  journalSummaryChange,
  JournalWalk,
  limitOf,
  type JournalState,
} from './journal-file.ts';
import { batchChanges, smallChange } from './journal-places.ts';
import { chunkKey, encodeChunkPlace } from './keyspace.ts';
import { journalPath, segmentPath } from './paths.ts';
import type { Quarantine } from './quarantine.ts';
import { scanRecords } from './record-scan.ts';
import { segmentEntries, summaryChange, type SegmentSummary } from './segment-file.ts';

export interface FilesToIndex {
  readonly files: FileCache;
  readonly quarantine: Quarantine;
  readonly segments: ReadonlyMap<number, SegmentSummary>;
  readonly journals: ReadonlyMap<JournalId, JournalState>;
}

/** @throws VaultError `io` */
export async function* rowsFromFiles(parts: FilesToIndex): AsyncGenerator<IndexChange> {
  for (const [number, summary] of [...parts.segments]) {
    yield* segmentRows(parts, number, summary);
  }
  for (const state of [...parts.journals.values()]) yield* journalRows(parts, state);
}

async function* segmentRows(
  { files, quarantine }: FilesToIndex,
  segment: number,
  summary: SegmentSummary,
): AsyncGenerator<IndexChange> {
  const path = segmentPath(segment);
  const entries = await files.use(path, 'read', (file) => segmentEntries(file, summary.end));
  for (const { id, offset, length } of entries) {
    if (quarantine.holds(path, offset)) continue;
    const key = chunkKey(id);
    yield { key, value: encodeChunkPlace(key, { segment, offset, length }) };
  }
  yield summaryChange(segment, summary);
}

async function* journalRows(
  { files, quarantine }: FilesToIndex,
  state: JournalState,
): AsyncGenerator<IndexChange> {
  // As it is now: what is written from here on waits for the index elsewhere.
  const summary = journalSummaryChange(state);
  const all = state.files.map((file) => ({ ...file }));
  const walk = new JournalWalk({ sequence: branchStart(all), hash: undefined });
  for (const [at, { number, end }] of all.entries()) {
    const path = journalPath(state.journal, number);
    const place = { journal: state.journal, file: number };
    const rows = await files.use(path, 'read', async (file) => {
      const changes: IndexChange[] = [];
      const range = { from: fileHeaderBytes, to: end, bodies: true };
      for await (const found of scanRecords(file, range)) {
        if (found.type === 'bad' || quarantine.holds(path, found.offset)) continue;
        const taken = walk.take(found, limitOf(all, at));
        if (taken === undefined) continue;
        if ('prefix' in taken) changes.push(...batchChanges(place, taken));
        else {
          const { id, offset, body } = taken;
          changes.push(smallChange(id, { ...place, offset, length: body.length }));
        }
      }
      return changes;
    });
    walk.endFile();
    yield* rows;
  }
  yield summary;
}
