/**
 * Whether something that was deleted has a name again. A file with several names that lost one of them
 * has not come back: only a name that it got after the deletion counts. (Renaming one of the others
 * later looks the same; it is there in any case.)
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { Tree } from '../namespace/tree.types.ts';

/** @param removedMs when it was deleted, by the stamp of the operation */
export function cameBack(tree: Tree, node: NodeId, removedMs: number): boolean {
  return tree.placesOf(node).some(({ isListed, sinceMs }) => isListed && sinceMs >= removedMs);
}
