/**
 * Directories of one name in one directory are shown as one: a group, sorted by id, whose first
 * member lends its inode, its attributes and its id for new children. Everything below a group is
 * merged in the same way.
 */
import { isMany, valuesOf, type OneOrMany } from './one-or-many.ts';
import type { EntryRecord, NodeRecord } from './records.ts';
import type { TreeState } from './state.ts';

export type Group = readonly NodeRecord[];

/** Values by name; what is asked for may be made at that moment. */
export interface Index<T extends object> extends Iterable<readonly [string, OneOrMany<T>]> {
  has(name: string): boolean;
  get(name: string): OneOrMany<T>;
}

/** What a group holds, by name. */
export interface GroupChildren {
  readonly folders: Index<NodeRecord>;
  readonly files: Index<EntryRecord>;
}

const nothing: ReadonlyMap<string, never> = new Map<string, never>();

/** The children of all members; those of a single directory are not copied. */
export function childrenOf(state: TreeState, group: Group): GroupChildren {
  const [only, ...others] = group;
  if (only === undefined) return { folders: nothing, files: nothing };
  if (others.length === 0) {
    return { folders: only.directory?.folders ?? nothing, files: filesOf(state, only) };
  }
  const folders = new Map<string, NodeRecord[]>();
  const files = new Map<string, EntryRecord[]>();
  for (const member of group) {
    const below = member.directory?.folders ?? nothing;
    for (const [name, held] of below) append(folders, name, valuesOf(held));
    for (const [name, held] of filesOf(state, member)) append(files, name, valuesOf(held));
  }
  return { folders, files };
}

/** The files of one directory: those that rest, and those that do not. */
function filesOf({ frozen }: TreeState, directory: NodeRecord): Index<EntryRecord> {
  const awake = directory.directory?.files ?? nothing;
  if (directory.directory?.pages === undefined) return awake;
  return {
    has: (name) => awake.has(name) || frozen.hasName(directory, name),
    get: (name) => awake.get(name) ?? frozen.entryAtName(directory, name),
    *[Symbol.iterator]() {
      yield* frozen.entriesOf(directory);
      yield* awake;
    },
  };
}

/** The merged directory of a name inside a group; undefined when there is none. */
export function folderIn(group: Group, name: string): Group | undefined {
  const [only, ...others] = group;
  const held = only?.directory?.folders?.get(name);
  if (others.length === 0) return held === undefined ? undefined : sortedById(held);
  const members = group.flatMap((member) => valuesOf(member.directory?.folders?.get(name)));
  return members.length === 0 ? undefined : sortedById(members);
}

/** The entries of files and symlinks of a name inside a group. */
export function filesIn(state: TreeState, group: Group, name: string): readonly EntryRecord[] {
  const [only, ...others] = group;
  if (only !== undefined && others.length === 0) return filesAt(state, only, name);
  return group.flatMap((member) => filesAt(state, member, name));
}

function filesAt(
  { frozen }: TreeState,
  directory: NodeRecord,
  name: string,
): readonly EntryRecord[] {
  const awake = directory.directory?.files?.get(name);
  return valuesOf(awake ?? frozen.entryAtName(directory, name));
}

/** The group that a directory belongs to; undefined when it cannot be reached from the root. */
export function groupOf(state: TreeState, directory: NodeRecord): Group | undefined {
  const names = namesTo(state, directory);
  if (names === undefined) return undefined;
  let group: Group = [state.root];
  for (const name of names) {
    const next = folderIn(group, name);
    if (next === undefined) return undefined;
    group = next;
  }
  return group;
}

/** Names from the root to a directory; undefined when it cannot be reached. */
export function namesTo(state: TreeState, directory: NodeRecord): string[] | undefined {
  const names: string[] = [];
  let at = directory;
  while (at !== state.root) {
    const listed = at.directory?.listed;
    if (listed?.parent === undefined || at.kind !== 'directory') return undefined;
    names.push(listed.name);
    at = listed.parent;
  }
  return names.reverse();
}

export function sortedById(held: OneOrMany<NodeRecord>): Group {
  if (!isMany(held)) return valuesOf(held);
  return [...held].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function append<T>(index: Map<string, T[]>, name: string, values: readonly T[]): void {
  const list = index.get(name);
  if (list === undefined) index.set(name, [...values]);
  else list.push(...values);
}
