/** What is kept of the past, put together: rules, letting go, acknowledging, and giving space back. */
import type { DeviceId } from '../../protocol/ids.ts';
import { capabilities, writersOf } from '../members/membership.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { Mounts } from '../mount/mounts.ts';
import type { Ports } from '../ports.ts';
import type { JournalLines } from '../replication/journal-lines.ts';
import { ReleaseBook } from '../replication/release-book.ts';
import type { IndexedStore, Store } from '../store/store.ts';
import { Activities } from '../vault/activities.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import type { Issuing } from '../vault/issuing.ts';
import type { MembersService } from '../vault/members-service.ts';
import type { Moments } from '../vault/moments.ts';
import { OpenedJournals } from '../vault/opened-journals.ts';
import { Acknowledger } from '../vault/retention/acknowledger.ts';
import { AutomaticForgetting } from '../vault/retention/automatic.ts';
import { CollectionMark } from '../vault/retention/collection-mark.ts';
import { Collector } from '../vault/retention/collector.ts';
import { Forgetting } from '../vault/retention/forgetting.ts';
import { LeftOver } from '../vault/retention/left-over.ts';
import { Retention } from '../vault/retention/retention.ts';
import { UnnamedChunks } from '../vault/retention/unnamed-chunks.ts';
import type { VaultParts } from '../vault/vault.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import type { KeptTree } from './counting-tree.ts';
import { createFolding } from './create-folding.ts';
import type { Teller } from './tell-events.ts';

export function createReleases(
  { journals, chunks }: Store,
  { clock, log }: Ports,
  { lines, members }: { readonly lines: JournalLines; readonly members: MembersService },
): ReleaseBook {
  const releases = new ReleaseBook({
    journals,
    lines,
    membership: () => members.current(),
    clock,
  });
  releases.onNeeded((id) => {
    chunks.revive([id]).catch((error: unknown) => {
      log.warn({ id, error: String(error) }, 'a chunk that is needed again was not looked for');
    });
  });
  return releases;
}

export interface RetentionSources {
  readonly ports: Ports;
  readonly identity: DeviceIdentity;
  readonly issuing: Issuing;
  readonly members: MembersService;
  readonly counting: CountingJournals;
  readonly lines: JournalLines;
  readonly base: FoldBase;
  readonly kept: Pick<KeptTree, 'refresh'>;
  readonly moments: Moments;
  readonly releases: ReleaseBook;
  readonly vault: VaultParts;
  readonly tell: Teller;
  readonly mounts: () => Pick<Mounts, 'contentsInUse' | 'settle'>;
  /** Chunks that nothing names go after so long; 0: they stay. */
  readonly unnamedAfterMs: number;
  /** Whether another device is connected. */
  readonly isOnline: (device: DeviceId) => boolean;
}

export function createRetention(store: IndexedStore, sources: RetentionSources): Retention {
  const { ports, identity, members, counting, moments, releases, vault, tell, base } = sources;
  const { clock } = ports;
  const log = ports.log.child('retention');
  const activities = new Activities();
  const source = new OpenedJournals(counting, (epoch) => members.keyring().epoch(epoch)?.opKey);
  const shared = {
    ...vault,
    source,
    clock,
    folded: () => base.pastTree(),
    treeAt: ({ id }: { readonly id: string }, signal?: AbortSignal) =>
      moments.treeAt({ type: 'snapshot', id }, { signal }),
  };
  const leftOver = new LeftOver({
    ...{ ...vault, clock, base, journals: store.journals },
    opKeyOf: (epoch) => members.keyring().epoch(epoch)?.opKey,
    folds: () => members.current().folds,
    isForked: (journal) => sources.lines.isForked(journal),
    ownHashAt: (journal, sequence) => sources.lines.hashAt(journal, sequence),
    isKnown: (id) => releases.knows(id),
    isReleased: (id) => releases.isReleased(id),
  });
  const pages = () => base.pages;
  const forgetting = new Forgetting({
    ...shared,
    leftOver,
    ...{ members, issuing: sources.issuing },
    isReleased: (id) => releases.isReleased(id),
    hashAt: (journal, sequence) => counting.hashAt(journal, sequence),
    onForgotten: (versions, bytes) => {
      tell.forgotten(versions, bytes);
    },
  });
  const settled = async (): Promise<void> => {
    await activities.settled();
    await sources.mounts().settle();
  };
  const acknowledger = new Acknowledger({
    ...shared,
    ...{ releases, log, pages, device: identity.device, publisher: vault.publisher },
    isOwn: (journal) => journal.startsWith(identity.device),
    mayWrite: () => writersOf(members.current()).includes(identity.device),
    settled,
  });
  const unnamed = new UnnamedChunks({ store, clock, graceMs: sources.unnamedAfterMs, settled });
  releases.onUsed((id) => {
    unnamed.use(id);
  });
  const collector = new Collector({
    ...vault,
    ...{ releases, unnamed, activities, clock, log, pages },
    mark: new CollectionMark(ports.disk, store.journals),
    contentsInUse: () => sources.mounts().contentsInUse(),
    deviceName: (device) => members.nameOf(device),
    onCollected: (report) => {
      tell.collected(report);
    },
    onWaiting: (report) => {
      tell.spaceWaits(report);
    },
  });
  const automatic = new AutomaticForgetting({
    ...{ forgetting, clock, log, tree: vault.tree },
    isOurTurn: () => isOurTurn(sources),
    isLeftOver: () => leftOver.isDue,
    onFailed: (reason) => {
      tell.forgettingFailed(reason);
    },
  });
  return new Retention({
    ...{ releases, activities, forgetting, acknowledger, collector, automatic },
    ...createFolding(store, { ...sources, forgetting, isOurTurn: () => isOurTurn(sources) }),
  });
}

/** Of the admins that are there the one that the log names first lets things go by itself. */
function isOurTurn({ members, identity, isOnline }: RetentionSources): boolean {
  for (const member of members.current().members.values()) {
    if (!member.active || (member.capabilities & capabilities.admin) === 0) continue;
    if (member.device === identity.device) return true;
    if (isOnline(member.device)) return false;
  }
  return false;
}
