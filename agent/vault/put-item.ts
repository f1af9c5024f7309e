/** What a put makes of one item that was offered, apart from everything that waits. */
import type { Tree } from '../namespace/tree.types.ts';
import type { IngestedFile } from './file-build.ts';
import type { FileToPublish, OfferedItem } from './item-publisher.ts';

/** Whether storing the item would change what is shown. */
export function wouldChange(tree: Tree, item: OfferedItem, isUnchanged: () => boolean): boolean {
  if (item.kind === 'file') return !isUnchanged();
  const shown = item.path.length === 0 ? { node: tree.root() } : tree.resolve(item.path);
  if (shown?.node.kind !== item.kind) return true;
  if (item.kind === 'directory') return false;
  return item.target === undefined || shown.node.target?.equals(item.target) !== true;
}

/** A file of the put, when its content is stored. */
export function fromIngest(
  { item, number }: { readonly item: OfferedItem; readonly number: number },
  file: IngestedFile,
): FileToPublish {
  const { content, added, reused, small } = file;
  return {
    number,
    item,
    bytes: content.type === 'empty' ? 0 : content.size,
    content,
    contribution: {
      chunksAdded: added,
      chunksReused: reused,
      ...(small !== undefined && { small: [small] }),
    },
  };
}
