/** Rows and nodes as the world outside of this folder sees them: immutable, with bytes for names. */
import { modeOf, mtimeOf, xattrsOf } from './attributes.ts';
import { shownVersions } from './contents.ts';
import type { Group } from './groups.ts';
import { greatest, valuesOf } from './one-or-many.ts';
import { opIdOf, type EntryRecord, type NodeRecord } from './records.ts';
import { compareText, type Row } from './rows.ts';
import type { EntryView, NodeView, VersionView } from './tree.types.ts';
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
  const versions = shownVersions(node);
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
