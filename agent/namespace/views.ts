/** Rows and nodes as the world outside of this folder sees them: immutable, with bytes for names. */
import { modeOf, mtimeOf, xattrsOf } from './attributes.ts';
import { shownVersions } from './contents.ts';
import type { EntryId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { Group } from './groups.ts';
import { greatest, valuesOf } from './one-or-many.ts';
import {
  compareStamps,
  opIdOf,
  type EntryRecord,
  type NodeRecord,
  type OpRecord,
} from './records.ts';
import { compareText, type Row } from './rows.ts';
import type { EntryView, NodeView, Placement, VersionView } from './tree.types.ts';
import { versionMode, versionMtime } from './versions.ts';

/** undefined for a node whose kind is not known. */
export function nodeView(node: NodeRecord): NodeView | undefined {
  if (node.kind === undefined || node.kind === 'void') return undefined;
  return {
    id: node.id,
    kind: node.kind,
    mode: modeOf(node),
    mtime: mtimeOf(node),
    xattrs: xattrsOf(node),
    target: node.kind === 'symlink' ? node.rare?.target?.value : undefined,
    links: linksOf(node),
  };
}

export function entryView(row: Row, parent: Group): EntryView | undefined {
  const node = nodeView(row.node);
  const entry = row.entry ?? lowestEntry(row.node);
  const [first] = parent;
  if (node === undefined || entry === undefined || first === undefined) return undefined;
  return {
    name: Buffer.from(row.name, 'latin1'),
    entry: entry.id,
    parent: first.id,
    node,
    version: versionView(row),
    conflict: row.conflict,
    wanted: row.wanted === undefined ? undefined : Buffer.from(row.wanted, 'latin1'),
  };
}

function versionView(row: Row): VersionView | undefined {
  const { version } = row;
  if (version?.content === undefined) return undefined;
  return {
    op: opIdOf(version),
    stamp: { wallMs: version.wallMs, counter: version.counter },
    content: version.content,
    mtime: versionMtime(row),
    mode: versionMode(row),
  };
}

/** The concurrent versions of a file, the latest first. */
export function versionViews(node: NodeRecord): readonly VersionView[] {
  return viewsOf(node, shownVersions(node));
}

/** Every head, the latest first, whether or not it is shown. */
export function headViews(node: NodeRecord): readonly VersionView[] {
  return viewsOf(
    node,
    [...valuesOf(node.heads)].sort((a, b) => compareStamps(b, a)),
  );
}

function viewsOf(node: NodeRecord, versions: readonly OpRecord[]): readonly VersionView[] {
  return versions.flatMap((version) => {
    const row = {
      name: '',
      node,
      entry: undefined,
      group: undefined,
      version,
      conflict: version !== versions[0],
    };
    return versionView(row) ?? [];
  });
}

/** Where each entry of a node is, or was before it went; of a directory, its one place. */
export function placements(node: NodeRecord): readonly Placement[] {
  const { directory } = node;
  return valuesOf(node.entries).flatMap((entry) => {
    const place =
      directory === undefined ? greatest(entry.positions, compareStamps) : directory.place;
    if (place?.parent === undefined) return [];
    const isListed = (directory ?? entry).listed !== undefined;
    return {
      entry: entry.id,
      parent: place.parent.id,
      name: Buffer.from(place.name, 'latin1'),
      isListed,
      sinceMs: place.wallMs,
    };
  });
}

function linksOf(node: NodeRecord): number {
  if (node.kind === 'directory') return 1;
  let links = 0;
  for (const entry of valuesOf(node.entries)) if (entry.listed !== undefined) links += 1;
  return links;
}

/** A directory may have got a second entry when its Make was issued again. */
export function lowestEntry(node: NodeRecord): EntryRecord | undefined {
  return greatest(node.entries, (a, b) => compareText(b.id, a.id));
}

export function entryIn(node: NodeRecord | undefined, id: EntryId): EntryRecord | undefined {
  return valuesOf(node?.entries).find((entry) => entry.id === id);
}

/** Where a directory is, and where its Makes put it: what a move of it replaces. */
export function placeOps(node: NodeRecord): readonly OpId[] {
  const { place } = node.directory ?? {};
  return place === undefined ? [] : [opIdOf(place)];
}
