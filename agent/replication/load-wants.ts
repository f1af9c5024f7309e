/**
 * At start: reads every journal once and derives what is missing. Nothing of it is saved, so nothing
 * of it can be wrong after a crash. A journal that cannot be read is reported by the store; what could
 * be read of it counts.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../protocol/messages/op.ts';
import type { Log } from '../ports.ts';
import type { Store } from '../store/store.ts';
import type { NamedBytes } from './named-bytes.ts';
import type { ReleaseBook } from './release-book.ts';
import type { NamingBatch, WantList } from './want-list.ts';

interface Sources {
  readonly store: Store;
  readonly releases: ReleaseBook;
  readonly log: Log;
}

interface Loaded {
  readonly wants: WantList;
  readonly named: NamedBytes;
}

/** Fills an empty want list, the sums of what was named and what is released from the journals of a store. */
export async function loadWants(sources: Sources, loaded: Loaded): Promise<void> {
  const { store, releases, log } = sources;
  let whole = true;
  for (const { journal } of [...store.journals.tips(), ...store.journals.branches()]) {
    try {
      await loadJournal(sources, loaded, journal);
    } catch (error) {
      whole = false;
      const { code, message } = toVaultError(error, 'replication.loadWants', journal);
      log.warn({ journal, code, message }, 'a journal was not read to its end');
    }
  }
  releases.loaded(whole);
}

async function loadJournal(
  { store, releases }: Sources,
  { wants, named }: Loaded,
  journal: JournalId,
): Promise<void> {
  for await (const batch of store.journals.read(journal, 0)) {
    const { header } = decodeBatchHeader(decodeBatch(batch.bytes).header);
    releases.note(journal, header);
    const isNoWant = noWants({ store, releases }, journal, header.sequence);
    wants.addBatch(namingBatch(header, journal, batch.small), isNoWant);
    named.note(journal, header);
  }
}

/** What a batch names and nobody has to fetch: it is here, or was released. Small records may be among it. */
export function noWants(
  { store, releases }: { readonly store: Store; readonly releases: ReleaseBook },
  line: JournalId,
  sequence: number,
): (id: ChunkId) => boolean {
  const { chunks, journals } = store;
  return (id) => chunks.has(id) || journals.hasSmall(id) || releases.isCovered(id, line, sequence);
}

/**
 * What a header says about chunks, and about small records that are not with it: those are fetched like
 * chunks. @param line the journal, or the branch of it that it stands on
 */
export function namingBatch(
  { sequence, chunksAdded, chunksReused, smallRecords }: BatchHeader,
  line: JournalId,
  small: readonly { readonly id: ChunkId }[],
): NamingBatch {
  const chunks = [...chunksAdded, ...chunksReused];
  if (small.length < smallRecords.length) {
    const here = new Set(small.map(({ id }) => id));
    chunks.push(...smallRecords.filter(({ id }) => !here.has(id)));
  }
  return { journal: line, sequence, chunks };
}
