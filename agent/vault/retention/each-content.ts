/** Every content that the tree shows, in slices: one that changes meanwhile is looked at again. */
import type { Content } from '../../../protocol/messages/op.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Slices } from '../slices.ts';

/** After so many the loop is held once, for as long as it takes. */
const attemptsMax = 3;

/** @param visit may see a content several times */
export async function eachContent(
  tree: Tree,
  slices: Slices,
  visit: (content: Content) => void,
): Promise<void> {
  for (let attempt = 1; attempt < attemptsMax; attempt++) {
    const before = versionOf(tree);
    let changed = false;
    for (const { content } of tree.contents()) {
      visit(content);
      if (!slices.isOver) continue;
      await slices.rest();
      changed = versionOf(tree) !== before;
      if (changed) break;
    }
    if (!changed) return;
  }
  for (const { content } of tree.contents()) visit(content);
}

/** What changes with every batch that the tree takes in. */
function versionOf(tree: Tree): number {
  let sum = 0;
  for (const sequence of tree.vector().values()) sum += sequence;
  return sum;
}
