/** Folding old history, put together: what could be folded, the statement, and agreeing to it. */
import type { StatementId } from '../../protocol/ids.ts';
import { writersOf } from '../members/membership.ts';
import { OpenedJournals } from '../vault/opened-journals.ts';
import { CheckpointKeeper } from '../vault/retention/checkpoint-keeper.ts';
import { foldFloor } from '../vault/retention/fold-floor.ts';
import { Folding } from '../vault/retention/folding.ts';
import { rootOfTree } from '../vault/retention/state-root.ts';
import type { Vector } from '../vault/batch-times.ts';
import type { RetentionSources } from './create-retention.ts';

export function createFolding(sources: RetentionSources): {
  readonly folding: Folding;
  readonly checkpoints: CheckpointKeeper;
} {
  const { ports, identity, issuing, members, counting, moments, releases, vault, tell } = sources;
  const { clock } = ports;
  const log = ports.log.child('folding');
  const writers = () => writersOf(members.current());
  const shared = {
    ...{ clock, writers },
    device: identity.device,
    tree: vault.tree,
    source: new OpenedJournals(counting, (epoch) => members.keyring().epoch(epoch)?.opKey),
    hashAt: counting.hashAt.bind(counting),
    stateRoot: async (vector: Vector, signal?: AbortSignal) =>
      rootOfTree({ ...vault, clock }, await moments.treeOf(vector, { signal }), signal),
  };
  const checkpoints = new CheckpointKeeper({
    ...shared,
    ...{ log, publisher: vault.publisher },
    checkpoint: () => members.current().checkpoint,
    readsNames: () => members.keyring().vault !== undefined,
    hasAcknowledged: (device, id) => releases.hasAcknowledged(device, id),
    onDiffers: (id) => {
      tell.checkpointDiffers(id);
    },
  });
  const folding = new Folding({
    ...shared,
    ...{ members, issuing, publisher: vault.publisher },
    floor: (signal) =>
      foldFloor(
        {
          ...shared,
          isReleased: (id) => releases.isReleased(id),
          prefixOf: counting.prefixOf.bind(counting),
        },
        signal,
      ),
    standing: () => members.current().checkpoint?.places,
    announced: (device) => vault.replication.state().holdings.get(device)?.applied,
    isAgreed: (id: StatementId) =>
      writers().every((device) => releases.hasAcknowledged(device, id)),
  });
  return { folding, checkpoints };
}
