/** What the journals of this device begin with, put together: the fold that it heeds, and the tree of that. */
import { toVaultError } from '../../protocol/errors.ts';
import type { OpKeyLookup } from '../journal/batch.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../namespace/tree.ts';
import type { Ports } from '../ports.ts';
import type { IndexedStore } from '../store/store.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import { FoldBase, type FoldBaseParts } from '../vault/fold/fold-base.ts';
import { Slices } from '../vault/slices.ts';

export interface Beginning {
  readonly base: FoldBase;
  /** Throws as long as pages of the state are missing. */
  readonly treeOf: (options: TreeOptions) => Promise<JournaledTree>;
  /** The same; an empty one as long as pages are missing. */
  readonly treeOrEmpty: (options: TreeOptions) => Promise<JournaledTree>;
}

export async function beginAtFold(
  { chunks }: IndexedStore,
  { disk, clock, log }: Ports,
  parts: {
    readonly counting: CountingJournals;
    readonly opKeyOf: OpKeyLookup;
    readonly look: FoldBaseParts['look'];
  },
): Promise<Beginning> {
  const base = await FoldBase.open({ ...parts, disk, clock, chunks });
  parts.counting.beginAt(base);
  const treeOf = (options: TreeOptions): Promise<JournaledTree> =>
    base.begin(options, new Slices(clock));
  return {
    base,
    treeOf,
    treeOrEmpty: async (options) => {
      try {
        return await treeOf(options);
      } catch (error) {
        const { code, message } = toVaultError(error, 'vault.begin');
        log.error({ code, message }, 'the state that the journals begin with cannot be read yet');
        return createTree(options);
      }
    },
  };
}
