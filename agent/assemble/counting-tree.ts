/**
 * Which batches count, tied to the tree, to those who look at the past, and to issuing again: each look
 * at what counts ends with a look at what our own hidden branches say.
 */
import type { Ports } from '../ports.ts';
import { CountingTree, type CountingTreeParts } from '../vault/counting-tree.ts';
import type { Reissuer } from '../vault/reissuer.ts';

export interface KeptTree extends Pick<CountingTree, 'took' | 'refresh'> {
  /** From now on what only a hidden branch of ours says is issued again. */
  reissueWith(reissuer: Reissuer): void;
  /** Resolves when nothing is being looked at or issued again. */
  settled(): Promise<void>;
}

export interface KeptTreeParts extends Pick<
  CountingTreeParts,
  'tree' | 'counting' | 'opKeyOf' | 'rebuildTree' | 'lacksBase'
> {
  /** The tree was made anew of other batches. */
  readonly onRebuilt: () => void;
}

export function createCountingTree(
  { ports }: { readonly ports: Ports },
  parts: KeptTreeParts,
): KeptTree {
  const log = ports.log.child('journals');
  let reissuer: Reissuer | undefined;
  let reissuing: Promise<void> = Promise.resolve();
  const reissue = (): void => {
    if (reissuer !== undefined) reissuing = reissuer.run();
  };
  const tree = new CountingTree({
    ...parts,
    onSettled(rebuilt) {
      if (rebuilt) {
        log.warn(
          {},
          'other batches count, or the journals begin at another state: the tree is anew',
        );
        parts.onRebuilt();
      }
      reissue();
    },
    onTrouble(error) {
      log.error({ error: String(error) }, 'what counts of the journals could not be found out');
    },
  });
  return {
    took: (batches) => {
      tree.took(batches);
    },
    refresh: () => tree.refresh(),
    reissueWith(made) {
      reissuer = made;
      reissue();
    },
    async settled() {
      await tree.refresh();
      await reissuing;
    },
  };
}
