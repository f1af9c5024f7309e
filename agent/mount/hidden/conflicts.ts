/** `conflicts/`: every version of each name that several versions want, under the names that they are shown by. */
import type { HiddenDirectory } from '../../../fuse/operations/port.ts';
import { clashesIn } from '../../vault/conflicts.ts';
import { joinPath } from '../../vault/path.ts';
import { hiddenOf, type HiddenParts } from './hidden.ts';
import { sparseDirectory, type Placed } from './sparse.ts';

export function conflictsDirectory(parts: HiddenParts): HiddenDirectory {
  return sparseDirectory('conflicts', () => placesOf(parts));
}

async function placesOf({ vault, conflicts }: HiddenParts): Promise<readonly Placed[]> {
  const { tree } = vault;
  const places: Placed[] = [];
  for (const node of await conflicts.directories(tree)) {
    const directory = tree.pathOf(node);
    if (directory === undefined) continue;
    for (const row of clashesIn(tree, { node, directory }).flatMap(({ rows }) => rows)) {
      const path = [...directory, row.name];
      const key = `conflicts:${joinPath(path).toString('latin1')}`;
      const shown = hiddenOf(row, { key, below: () => Promise.resolve([]) });
      if (shown !== undefined) places.push({ path, node: shown });
    }
  }
  return places;
}
