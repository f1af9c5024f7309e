/**
 * What a directory shows: one row a name. Directories keep their name and merge; of the files of one
 * name the one of lowest id keeps it (of files with one history, the one of the latest version);
 * everything else, concurrent versions included, is shown under a conflict name that no other row has.
 */
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import { conflictName, conflictTag } from './conflict-names.ts';
import { shownVersions } from './contents.ts';
import { childrenOf, sortedById, type Group, type GroupChildren } from './groups.ts';
import { lineageOf } from './lineage.ts';
import { greatest, isMany, valuesOf } from './one-or-many.ts';
import {
  compareOps,
  compareStamps,
  type EntryRecord,
  type NodeRecord,
  type OpRecord,
} from './records.ts';
import type { TreeState } from './state.ts';

export interface Row {
  readonly name: string;
  readonly node: NodeRecord;
  /** Of a file or symlink. */
  readonly entry: EntryRecord | undefined;
  /** Of a directory: all that are shown as one. */
  readonly group: Group | undefined;
  /** Of a file. */
  readonly version: OpRecord | undefined;
  readonly conflict: boolean;
  /** The name that it asks for and did not get; undefined where it has it. */
  readonly wanted?: string | undefined;
}

/** The label of a device: the same on every device. */
export type DeviceName = (device: DeviceId) => string;

/** Something that cannot have the name that it asks for. */
interface Displaced {
  readonly name: string;
  readonly entry: EntryRecord;
  readonly version: OpRecord | undefined;
  /** The operation whose date, device and tag are shown. */
  readonly by: OpRecord;
}

/** Rows of a merged directory, in the order of their names' bytes. */
export function rowsOf(state: TreeState, group: Group, deviceName: DeviceName): readonly Row[] {
  const children = childrenOf(state, group);
  const rows: Row[] = [];
  const displaced: Displaced[] = [];
  for (const [name, held] of children.folders) rows.push(folderRow(name, sortedById(held)));
  for (const [name, held] of children.files) {
    const isFree = !children.folders.has(name);
    const [keeper, ...others] = isMany(held) ? byRight(state, held) : valuesOf(held);
    if (keeper === undefined) continue;
    displaced.push(...placeKeeper(rows, { name, entry: keeper, isFree }));
    for (const entry of others) displaced.push(...allVersions(name, entry));
  }
  if (displaced.length > 0) rows.push(...renamed(displaced, children, deviceName));
  return rows.sort(compareNames);
}

export function folderRow(name: string, group: Group): Row {
  const [node] = group;
  if (node === undefined) throw new RangeError('a group has a member');
  return { name, node, entry: undefined, group, version: undefined, conflict: false };
}

export function fileRow(name: string, entry: EntryRecord, version: OpRecord | undefined): Row {
  return { name, node: entry.node, entry, group: undefined, version, conflict: false };
}

/** Gives the name to its keeper when it is free; returns what is left to be shown otherwise. */
function placeKeeper(
  rows: Row[],
  file: { readonly name: string; readonly entry: EntryRecord; readonly isFree: boolean },
): readonly Displaced[] {
  const { name, entry, isFree } = file;
  if (!isFree) return allVersions(name, entry);
  if (entry.node.kind === 'symlink') {
    rows.push(fileRow(name, entry, undefined));
    return [];
  }
  const [first, ...others] = shownVersions(entry.node);
  if (first !== undefined) rows.push(fileRow(name, entry, first));
  return others.map((version) => ({ name, entry, version, by: version }));
}

function allVersions(name: string, entry: EntryRecord): readonly Displaced[] {
  if (entry.node.kind === 'symlink') {
    return entry.listed === undefined
      ? []
      : [{ name, entry, version: undefined, by: entry.listed }];
  }
  return shownVersions(entry.node).map((version) => ({ name, entry, version, by: version }));
}

/** Entries that want one name, the one first that gets it. */
function byRight(state: TreeState, entries: readonly EntryRecord[]): readonly EntryRecord[] {
  const lowestOf = new Map<NodeId, string>();
  for (const { node } of entries) {
    const lineage = lineageOf(state, node);
    const lowest = lowestOf.get(lineage);
    if (lowest === undefined || node.id < lowest) lowestOf.set(lineage, node.id);
  }
  const rank = ({ node }: EntryRecord): string => lowestOf.get(lineageOf(state, node)) ?? node.id;
  return [...entries].sort(
    (a, b) =>
      compareText(rank(a), rank(b)) ||
      compareLatest(b, a) ||
      compareText(a.node.id, b.node.id) ||
      compareText(a.id, b.id),
  );
}

/** By the latest version of a file, or the position of a symlink. */
function compareLatest(a: EntryRecord, b: EntryRecord): number {
  const first = shownVersions(a.node)[0] ?? greatest(a.positions, compareStamps);
  const second = shownVersions(b.node)[0] ?? greatest(b.positions, compareStamps);
  return first === undefined || second === undefined ? 0 : compareStamps(first, second);
}

function renamed(
  displaced: readonly Displaced[],
  children: GroupChildren,
  deviceName: DeviceName,
): readonly Row[] {
  const given = new Set<string>();
  const isTaken = (name: string): boolean =>
    children.folders.has(name) || children.files.has(name) || given.has(name);
  const inOrder = [...displaced].sort(
    (a, b) =>
      compareText(a.name, b.name) || compareOps(a.by, b.by) || compareText(a.entry.id, b.entry.id),
  );
  return inOrder.map((item) => {
    const name = freeName(item, deviceName, isTaken);
    given.add(name);
    return { ...fileRow(name, item.entry, item.version), conflict: true, wanted: item.name };
  });
}

function freeName(
  { name, entry, by }: Displaced,
  deviceName: DeviceName,
  isTaken: (name: string) => boolean,
): string {
  const tag = conflictTag(entry.id, by);
  const label = deviceName(splitJournalId(by.journal).device);
  for (let digits = 4; digits <= tag.length; digits += 4) {
    const candidate = conflictName(name, { wallMs: by.wallMs, label, tag: tag.slice(0, digits) });
    if (!isTaken(candidate)) return candidate;
  }
  // Somebody took every one of these names on purpose.
  for (let count = 2; ; count += 1) {
    const note = { wallMs: by.wallMs, label, tag: `${tag.slice(0, 4)}-${String(count)}` };
    const candidate = conflictName(name, note);
    if (!isTaken(candidate)) return candidate;
  }
}

function compareNames(a: Row, b: Row): number {
  return compareText(a.name, b.name);
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
