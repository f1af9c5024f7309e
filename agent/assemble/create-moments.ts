/** The past of the tree, put together: whose journals, which of their batches count, whose keys. */
import type { Tree } from '../namespace/tree.types.ts';
import type { Ports } from '../ports.ts';
import type { Store } from '../store/store.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import type { MembersService } from '../vault/members-service.ts';
import { Moments } from '../vault/moments.ts';
import { OpenedJournals } from '../vault/opened-journals.ts';

interface MomentSources {
  readonly members: MembersService;
  readonly counting: CountingJournals;
  /** The present one, whose batches are all that count. */
  readonly tree: () => Tree;
  readonly base: FoldBase;
}

export function createMoments(
  { journals }: Store,
  { clock, random }: Ports,
  { members, counting, tree, base }: MomentSources,
): Moments {
  const moments = new Moments({
    ...{ tree, base },
    journals,
    source: new OpenedJournals(counting, (epoch) => members.keyring().epoch(epoch)?.opKey),
    clock,
    hasKey: (epoch) => members.keyring().epoch(epoch) !== undefined,
    deviceName: (device) => members.nameOf(device),
    seed: () => random.bytes(4).readUInt32LE(),
  });
  // Other names for devices make other names of conflicts.
  members.onChange(() => {
    moments.forget();
  });
  return moments;
}
