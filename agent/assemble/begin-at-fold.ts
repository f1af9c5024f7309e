/**
 * What the journals of this device begin with, put together: the fold that it heeds, and the tree of that.
 * Where nothing says any more which one that is, it is found again, or the device waits like one that joins.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { OpKeyLookup } from '../journal/batch.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../namespace/tree.ts';
import type { Ports } from '../ports.ts';
import type { IndexedStore } from '../store/store.ts';
import type { CountedFold } from '../members/membership.ts';
import type { CountingJournals } from '../vault/counting-journals.ts';
import { foldFile } from '../vault/fold/base-file.ts';
import { findBase } from '../vault/fold/find-base.ts';
import { FoldBase, type FoldBaseParts } from '../vault/fold/fold-base.ts';
import { Slices } from '../vault/slices.ts';
import type { Teller } from './tell-events.ts';

export interface Beginning {
  readonly base: FoldBase;
  /** Throws as long as pages of the state are missing. */
  readonly treeOf: (options: TreeOptions) => Promise<JournaledTree>;
  /** The same; an empty one as long as pages are missing. */
  readonly treeOrEmpty: (options: TreeOptions) => Promise<JournaledTree>;
}

interface BeginParts {
  readonly counting: CountingJournals;
  readonly opKeyOf: OpKeyLookup;
  readonly look: FoldBaseParts['look'];
  /** All that count. */
  readonly folds: () => readonly CountedFold[];
  readonly tell: Pick<Teller, 'beginning'>;
}

/** Which batches count is known when it resolves. */
export async function beginAtFold(
  store: IndexedStore,
  { disk, clock, log }: Ports,
  parts: BeginParts,
): Promise<Beginning> {
  const base = await FoldBase.open({ ...parts, disk, clock, chunks: store.chunks });
  // What went counts, whatever is said of it since.
  parts.counting.beginAt(base);
  await parts.counting.refresh();
  const [damaged] = base.damaged;
  if (base.id === undefined) await findAgain(store, { ...parts, base, clock });
  else if (damaged !== undefined) parts.tell.beginning('copied', damaged);
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

async function findAgain(
  { chunks, journals }: IndexedStore,
  {
    base,
    clock,
    ...parts
  }: BeginParts & { readonly base: FoldBase; readonly clock: Ports['clock'] },
): Promise<void> {
  const { counting, opKeyOf, tell } = parts;
  const folds = parts.folds();
  const hashAt = counting.hashAt.bind(counting);
  const found = await findBase(
    { chunks, journals, opKeyOf, folds, hashAt, isDamaged: base.damaged.length > 0 },
    new Slices(clock),
  );
  if (found === undefined) return;
  const [file = foldFile] = base.damaged;
  if (found === 'lost') {
    base.lose();
    // Who joins has bodies to wait for as well, and never had the file.
    if (base.damaged.length > 0) tell.beginning('lost', file);
    return;
  }
  await base.recall(found.fold, found.latestMs);
  await counting.refresh();
  tell.beginning('found', file);
}
