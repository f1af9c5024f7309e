/** What the composition root hands from one of its steps to the next. */
import type { MemberDesk } from '../control/context.ts';
import type { IndexedChronicle } from '../history/chronicle.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { ReleaseBook } from '../replication/release-book.ts';
import type { ConnectedReplication } from '../replication/replication-parts.ts';
import type { Publisher } from '../vault/publisher.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { JournalLines } from '../replication/journal-lines.ts';
import type { ReadBudget } from '../store/read-budget.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import type { MembersService } from '../vault/members-service.ts';
import type { Vault } from '../vault/vault.ts';
import type { KeptTree } from './counting-tree.ts';
import type { FreeSpace } from './free-space.ts';
import type { Ground } from './ground.ts';
import type { SavedFlow } from './saved-flow.ts';

export interface Base extends Ground {
  readonly reads: ReadBudget;
  readonly savedFlow: SavedFlow;
  readonly members: MembersService;
  readonly tree: JournaledTree;
  readonly history: IndexedChronicle;
  readonly lines: JournalLines;
  readonly counting: CountingJournals;
  readonly kept: KeptTree;
  readonly base: FoldBase;
  readonly releases: ReleaseBook;
  /** Hears of statements, batches and forks: releases may count, or be settled. */
  readonly changed: { look: () => void; chunks: () => void };
}

export interface Connected {
  readonly vault: Vault;
  readonly peers: PeerSet;
  readonly replication: ConnectedReplication;
  readonly publisher: Publisher;
  readonly desk: MemberDesk;
  readonly space: FreeSpace;
}
