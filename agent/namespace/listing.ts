/**
 * Which directory lists which entry: the index behind every path and every listing. An entry or a
 * directory is listed where its position says while it is alive; a directory comes alive with the
 * first live thing in it and passes that on to its parent.
 */
import type { NodeRecord, EntryRecord, OpRecord } from './records.ts';
import { filtered, greatest, isMany, valuesOf, withValue, type OneOrMany } from './one-or-many.ts';
import { compareStamps } from './records.ts';
import { hasUnburiedHead, shownVersions, sizeOf } from './contents.ts';
import { isAlive } from './liveness.ts';
import { thawName, touchDirectory, type TreeState } from './state.ts';

/**
 * Takes a node out of the totals before one of its registers changes; `settleNode` puts it back.
 * MUST come before every change of a node's heads, entries or tombstones.
 */
export function unsettle(state: TreeState, node: NodeRecord): void {
  state.changedNodes.add(node.id);
  if (state.unsettled.has(node)) return;
  state.unsettled.add(node);
  count(state, node, -1);
}

/** Lists the entries of a file or symlink where they belong now. */
export function settleNode(state: TreeState, node: NodeRecord): void {
  const shown = shownEntries(node);
  for (const entry of valuesOf(node.entries)) {
    const position = shown.includes(entry) ? greatest(entry.positions, compareStamps) : undefined;
    if (entry.listed !== position) {
      if (entry.listed !== undefined) unlist(state, entry, entry.listed);
      if (position !== undefined) list(state, entry, position);
    } else {
      touchDirectory(state, position?.parent);
    }
  }
  count(state, node, 1);
}

/** Lists a directory where its place says, if it is alive; passes changes on to the parents. */
export function settleDirectory(state: TreeState, directory: NodeRecord): void {
  const queue: (NodeRecord | undefined)[] = [directory];
  for (const node of queue) {
    if (node?.directory === undefined || node === state.root) continue;
    const before = node.directory.listed;
    const wanted = isAlive(state, node) ? node.directory.place : undefined;
    if (before === wanted) continue;
    if (before !== undefined) unlistDirectory(state, node);
    if (wanted !== undefined) listDirectory(state, node, wanted);
    queue.push(before?.parent, wanted?.parent);
  }
}

/** Takes a directory out of its parent's list without looking at the parent's life. */
export function unlistDirectory(state: TreeState, node: NodeRecord): void {
  const part = node.directory;
  const parent = part?.listed?.parent?.directory;
  if (part?.listed === undefined || parent === undefined) return;
  const { name, parent: parentNode } = part.listed;
  remove(parent.folders, name, node);
  touchFiles(state, parentNode, name);
  parent.liveChildren -= 1;
  touchDirectory(state, parentNode);
  part.listed = undefined;
  state.totals.directories -= 1;
}

function listDirectory(state: TreeState, node: NodeRecord, position: OpRecord): void {
  const parent = position.parent?.directory;
  if (node.directory === undefined || parent === undefined) return;
  node.directory.listed = position;
  if (position.parent !== undefined) thawName(state, position.parent, position.name);
  add((parent.folders ??= new Map()), position.name, node);
  parent.liveChildren += 1;
  touchDirectory(state, position.parent);
  state.totals.directories += 1;
}

function list(state: TreeState, entry: EntryRecord, position: OpRecord): void {
  const parent = position.parent;
  if (parent?.directory === undefined) return;
  entry.listed = position;
  thawName(state, parent, position.name);
  add((parent.directory.files ??= new Map()), position.name, entry);
  parent.directory.liveChildren += 1;
  touchDirectory(state, parent);
  if (parent.directory.liveChildren === 1) settleDirectory(state, parent);
}

function unlist(state: TreeState, entry: EntryRecord, position: OpRecord): void {
  const parent = position.parent;
  entry.listed = undefined;
  if (parent?.directory === undefined) return;
  remove(parent.directory.files, position.name, entry);
  touchFiles(state, parent, position.name);
  parent.directory.liveChildren -= 1;
  touchDirectory(state, parent);
  if (parent.directory.liveChildren === 0) settleDirectory(state, parent);
}

/** Files that may have a name for themselves now, and could rest. */
function touchFiles(state: TreeState, parent: NodeRecord | undefined, name: string): void {
  for (const { node } of valuesOf(parent?.directory?.files?.get(name))) state.touched.add(node);
}

/** The entries of a node that are shown. */
function shownEntries(node: NodeRecord): readonly EntryRecord[] {
  if (node.kind !== 'symlink' && (node.kind !== 'file' || node.heads === undefined)) return [];
  const placed = valuesOf(node.entries).filter((entry) => entry.positions !== undefined);
  const live = placed.filter((entry) => entry.deleted === undefined);
  if (live.length > 0 || node.kind === 'symlink' || !hasUnburiedHead(node)) return live;
  // An edit that no deletion saw brings the entry back that was deleted last.
  let lastDeleted: EntryRecord | undefined;
  for (const entry of placed) if (isDeletedLater(entry, lastDeleted)) lastDeleted = entry;
  return lastDeleted === undefined ? [] : [lastDeleted];
}

function isDeletedLater(entry: EntryRecord, other: EntryRecord | undefined): boolean {
  if (entry.deleted === undefined) return false;
  if (other?.deleted === undefined) return true;
  return compareStamps(entry.deleted, other.deleted) > 0;
}

function count(state: TreeState, node: NodeRecord, sign: 1 | -1): void {
  if (node.kind !== 'file' && node.kind !== 'symlink') return;
  let links = 0;
  for (const entry of valuesOf(node.entries)) if (entry.listed !== undefined) links += 1;
  if (links === 0) return;
  const { totals } = state;
  if (node.kind === 'symlink') {
    totals.symlinks += sign * links;
    return;
  }
  for (const { content } of shownVersions(node)) {
    totals.files += sign * links;
    totals.bytes += sign * links * sizeOf(content);
  }
}

function add<T extends object>(index: Map<string, OneOrMany<T>>, name: string, child: T): void {
  index.set(name, withValue(index.get(name), child));
}

function remove<T extends object>(
  index: Map<string, OneOrMany<T>> | undefined,
  name: string,
  child: T,
): void {
  if (index === undefined) return;
  const held = index.get(name);
  const left = isMany(held) ? filtered(held, (other) => other !== child) : undefined;
  if (left === undefined) index.delete(name);
  else index.set(name, left);
}
