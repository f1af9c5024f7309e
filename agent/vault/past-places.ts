/** Places of the past as paths of today: by the directory's present name, or its last one. */
import type { NodeId } from '../../protocol/ids.ts';
import { names } from '../../protocol/limits.ts';
import type { Place } from '../history/place-before.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { VaultPath } from './path.ts';

export function pathOfPlace(tree: Tree, { parent, name }: Place): VaultPath {
  return [...pathOfDirectory(tree, parent), name];
}

/** Where a directory is, or was when it went. */
export function pathOfDirectory(tree: Tree, directory: NodeId): VaultPath {
  const below: Buffer[] = [];
  let at = directory;
  while (below.length < names.depthMax) {
    if (at === tree.root().id) return below.reverse();
    const present = tree.pathOf(at);
    if (present !== undefined) return [...present, ...below.reverse()];
    const [place] = tree.placesOf(at);
    if (place === undefined) break;
    below.push(place.name);
    at = place.parent;
  }
  return below.reverse();
}
