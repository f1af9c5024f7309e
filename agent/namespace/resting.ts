/**
 * Which nodes rest, packed away (`frozen/`), once the tree has settled: files and symlinks that one
 * directory lists under a name that nothing else there has, and those that nothing lists at all.
 * Directories never rest, nor does a node that others wait for or point to.
 */
import type { RestingPlace } from './frozen/frozen-nodes.ts';
import { valuesOf } from './one-or-many.ts';
import type { EntryRecord, NodeRecord } from './records.ts';
import type { TreeState } from './state.ts';

/** Packs away what was touched and may rest; the others have to be saved as they are. */
export function rest(state: TreeState): void {
  const resting: { node: NodeRecord; place: RestingPlace }[] = [];
  for (const node of state.touched) {
    const place = restingPlace(state, node);
    if (place === undefined) state.unsaved.add(node);
    else resting.push({ node, place });
  }
  state.touched.clear();
  for (const { node, place } of resting) leave(state, node, place);
  state.frozen.freeze(resting);
}

/** undefined for a node that stays awake. */
function restingPlace(state: TreeState, node: NodeRecord): RestingPlace | undefined {
  if (node.kind !== 'file' && node.kind !== 'symlink') return undefined;
  if (node.directory !== undefined || state.nodes.get(node.id) !== node) return undefined;
  const { rare } = node;
  if (rare !== undefined) {
    if (rare.pins > 0 || rare.early !== undefined || rare.waiting !== undefined) return undefined;
  }
  let place: RestingPlace = { owner: undefined, name: '' };
  for (const entry of valuesOf(node.entries)) {
    if (entry.listed === undefined) continue;
    if (place.owner !== undefined || !isAlone(entry)) return undefined;
    place = { owner: entry.listed.parent, name: entry.listed.name };
  }
  return place;
}

function isAlone({ listed }: EntryRecord): boolean {
  const directory = listed?.parent?.directory;
  if (listed === undefined || directory === undefined) return false;
  const { name } = listed;
  return directory.folders?.has(name) !== true && valuesOf(directory.files?.get(name)).length === 1;
}

/** The node is no ordinary record any more. */
function leave(state: TreeState, node: NodeRecord, { owner, name }: RestingPlace): void {
  state.nodes.delete(node.id);
  state.unsaved.delete(node);
  const directory = owner?.directory;
  if (directory?.files === undefined) return;
  directory.files.delete(name);
  if (directory.files.size === 0) directory.files = undefined;
}
