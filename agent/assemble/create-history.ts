/** The history of the vault, put together: its part of the index, and the journals that it is made from. */
import { IndexedChronicle } from '../history/chronicle.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Ports } from '../ports.ts';
import { indexSpace } from '../store/index-space.ts';
import { prefixes } from '../store/keyspace.ts';
import type { IndexedStore } from '../store/store.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import { FoldedPast } from '../vault/fold/folded-past.ts';
import type { MembersService } from '../vault/members-service.ts';
import { OpenedJournals } from '../vault/opened-journals.ts';

interface HistorySources {
  readonly members: MembersService;
  readonly counting: CountingJournals;
  /** What is not in it does not count. */
  readonly tree: () => Tree;
  readonly base: FoldBase;
}

export function createHistory(
  store: IndexedStore,
  ports: Ports,
  { members, counting, tree, base }: HistorySources,
): IndexedChronicle {
  const log = ports.log.child('history');
  return new IndexedChronicle({
    index: indexSpace(store.index, prefixes.history),
    source: new OpenedJournals(counting, (epoch) => members.keyring().epoch(epoch)?.opKey),
    clock: ports.clock,
    counts: (journal, sequence) => sequence <= (tree().vector().get(journal) ?? 0),
    folded: new FoldedPast(base),
    onTrouble: (error) => {
      log.warn({ error: String(error) }, 'the history was not indexed; it is tried again');
    },
  });
}
