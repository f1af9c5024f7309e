/** Folding old history, put together: what could be folded, agreeing to it, and heeding it. */
import type { StatementId } from '../../protocol/ids.ts';
import { writersOf } from '../members/membership.ts';
import type { SignKey } from '../members/sign-key.ts';
import type { IndexedStore } from '../store/store.ts';
import type { Vector } from '../vault/batch-times.ts';
import { FoldIssuer } from '../vault/fold/fold-issuer.ts';
import { FoldKeeper } from '../vault/fold/fold-keeper.ts';
import { OpenedJournals } from '../vault/opened-journals.ts';
import { CheckpointKeeper } from '../vault/retention/checkpoint-keeper.ts';
import { foldFloor } from '../vault/retention/fold-floor.ts';
import { Folding } from '../vault/retention/folding.ts';
import type { Forgetting } from '../vault/retention/forgetting.ts';
import { rootOfTree, statePages } from '../vault/retention/state-root.ts';
import type { RetentionSources } from './create-retention.ts';

export interface FoldingSources extends RetentionSources {
  readonly forgetting: Forgetting;
  /** Whether it is for this device to speak, of all that may. */
  readonly isOurTurn: () => boolean;
}

interface FoldingSet {
  readonly folding: Folding;
  readonly checkpoints: CheckpointKeeper;
  readonly folds: FoldKeeper;
  readonly foldIssuer: FoldIssuer;
}

export function createFolding(store: IndexedStore, sources: FoldingSources): FoldingSet {
  const { ports, members, issuing, releases, vault, tell } = sources;
  const log = ports.log.child('folding');
  const shared = createShared(sources);
  const { writers, hashAt } = shared;
  const checkpoint = () => members.current().checkpoint;
  const isAgreed = (id: StatementId) =>
    writers().every((device) => releases.hasAcknowledged(device, id));
  const checkpoints = new CheckpointKeeper({
    ...shared,
    ...{ log, checkpoint, publisher: vault.publisher },
    readsNames: () => members.keyring().vault !== undefined,
    hasAcknowledged: (device, id) => releases.hasAcknowledged(device, id),
    onDiffers: (id) => {
      tell.checkpointDiffers(id);
    },
  });
  const folds = createFolds(store, sources, shared);
  const folding = new Folding({
    ...shared,
    ...{ members, issuing, isAgreed, publisher: vault.publisher },
    forget: (signal) => sources.forgetting.forget([], signal),
    standing: () => checkpoint()?.places,
    foldedMs: () => sources.base.latestMs,
    unsaid: () => (folds.isUnsaid && sources.base.isWhole ? sources.base.state : undefined),
    announced: (device) => vault.replication.state().holdings.get(device)?.applied,
  });
  const foldIssuer = new FoldIssuer({
    ...{ log, members, hashAt, clock: ports.clock, random: ports.random, chunks: store.chunks },
    ...{ opKeyOf: shared.opKeyOf, publisher: vault.publisher },
    agreed: () => {
      const standing = checkpoint();
      return standing !== undefined && isAgreed(standing.id) ? standing : undefined;
    },
    fold: () => members.current().fold,
    key: (): SignKey | undefined => (sources.isOurTurn() ? issuing.keyOrNone() : undefined),
    epoch: () => members.writeKeys().epoch,
    use: (id) => {
      releases.use(id);
    },
    mayGo: (vector, signal) => folding.mayGo(vector, signal),
    latestMs: (vector, signal) => folding.latestMs(vector, signal),
    statePages: shared.statePages,
  });
  return { folding, checkpoints, foldIssuer, folds };
}

type Shared = ReturnType<typeof createShared>;

function createShared(sources: FoldingSources) {
  const { ports, identity, members, counting, moments, releases, vault, base } = sources;
  const { clock } = ports;
  const opKeyOf = (epoch: Parameters<ReturnType<typeof members.keyring>['epoch']>[0]) =>
    members.keyring().epoch(epoch)?.opKey;
  const source = new OpenedJournals(counting, opKeyOf);
  const parts = {
    ...{ clock, source, opKeyOf },
    writers: () => writersOf(members.current()),
    device: identity.device,
    tree: vault.tree,
    hashAt: counting.hashAt.bind(counting),
  };
  return {
    ...parts,
    floor: (signal: AbortSignal | undefined) =>
      foldFloor(
        {
          ...parts,
          folded: () => base.pastTree(),
          isReleased: (id) => releases.isReleased(id),
          prefixOf: counting.prefixOf.bind(counting),
        },
        signal,
      ),
    stateRoot: async (vector: Vector, signal?: AbortSignal) =>
      rootOfTree({ ...vault, clock }, await moments.treeOf(vector, { signal }), signal),
    async *statePages(vector: Vector, signal: AbortSignal) {
      yield* statePages({ ...vault, clock }, await moments.treeOf(vector, { signal }), signal);
    },
  };
}

function createFolds(
  store: IndexedStore,
  { ports, members, lines, base, vault, kept, moments, tell }: FoldingSources,
  shared: Shared,
): FoldKeeper {
  return new FoldKeeper({
    ...shared,
    ...{ base, chunks: store.chunks, journals: store.journals, log: ports.log.child('folding') },
    tree: vault.tree,
    fold: () => members.current().fold,
    hurry: (chunks) => {
      vault.replication.prefetch(chunks, 'first');
    },
    readsNames: () => members.keyring().vault !== undefined,
    ownHashAt: (journal, sequence) => lines.hashAt(journal, sequence),
    onAdopted: async () => {
      moments.forget();
      await kept.refresh();
    },
    onDiffers: (id) => {
      tell.checkpointDiffers(id);
    },
    onDone: (freedBytes) => {
      tell.folded(freedBytes);
    },
  });
}
