/**
 * What is in conflict, as a person has to see it to decide: all versions that want one name, who wrote
 * them, under which names they are shown, and the version that they come from.
 */
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import { control as limits } from '../../protocol/limits.ts';
import type { Conflict, ConflictVersion } from '../../protocol/messages/control-conflict.ts';
import type { Content, OpId } from '../../protocol/messages/op.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { commonAncestor, type Past } from './ancestor.ts';
import { sizeOf, type BrowseParts } from './browse.ts';
import { isInConflict, type ConflictIndex } from './conflict-index.ts';
import { joinPath, type VaultPath } from './path.ts';
import { formatVersion } from './version-id.ts';

export interface ConflictParts extends BrowseParts {
  /** This device. */
  readonly device: DeviceId;
  readonly conflicts: ConflictIndex;
  readonly history: Past;
}

/** Everything that wants one name in one directory. */
export interface Clash {
  readonly directory: VaultPath;
  readonly name: Buffer;
  /** The one that has the name first, if any has it. */
  readonly rows: readonly EntryView[];
}

/**
 * All conflicts at and below `path`, by path. It may also be a name that a conflict is shown under.
 * @throws VaultError what the history cannot be read with
 */
export async function* conflictsBelow(
  parts: ConflictParts,
  path: VaultPath,
): AsyncGenerator<Conflict> {
  const { tree } = parts;
  const directories = await parts.conflicts.directories(tree);
  const places = directories.flatMap((node) => {
    const directory = tree.pathOf(node);
    return directory === undefined ? [] : [{ node, directory }];
  });
  places.sort((a, b) => Buffer.compare(joinPath(a.directory), joinPath(b.directory)));
  for (const { node, directory } of places) {
    if (!isRelated(directory, path)) continue;
    for (const clash of clashesIn(tree, { node, directory })) {
      if (isWithin(clash, path)) yield await conflictOf(parts, clash);
    }
  }
}

/** The conflicts that one directory shows, by name. */
export function clashesIn(
  tree: Tree,
  { node, directory }: { readonly node: NodeId; readonly directory: VaultPath },
): readonly Clash[] {
  const rows = tree.list(node) ?? [];
  const wanted = new Map<string, EntryView[]>();
  for (const row of rows) if (isInConflict(tree, row)) wanted.set(wantedName(row), []);
  if (wanted.size === 0) return [];
  for (const row of rows) wanted.get(wantedName(row))?.push(row);
  return [...wanted].map(([name, rowsOfName]) => ({
    directory,
    name: Buffer.from(name, 'latin1'),
    rows: rowsOfName.sort((a, b) => Number(a.conflict) - Number(b.conflict)),
  }));
}

/** The conflict that a path belongs to, by its plain name or by one that a version is shown under. */
export function clashAt(tree: Tree, path: VaultPath): Clash | undefined {
  const directory = path.slice(0, -1);
  const name = path.at(-1);
  const node = directory.length === 0 ? tree.root() : tree.resolve(directory)?.node;
  if (name === undefined || node?.kind !== 'directory') return undefined;
  return clashesIn(tree, { node: node.id, directory }).find(
    (clash) => clash.name.equals(name) || clash.rows.some((row) => row.name.equals(name)),
  );
}

/** The operation that a row's version is called after; of what has no versions, its position. */
export function opOf(tree: Tree, row: EntryView): OpId | undefined {
  return row.version?.op ?? tree.positionOpsOf(row.entry, row.node.id)[0];
}

async function conflictOf(parts: ConflictParts, clash: Clash): Promise<Conflict> {
  const { rows } = clash;
  const heads = rows.flatMap(({ version }) => (version === undefined ? [] : [version.op]));
  // Files that never were one have no common past, and neither has a version by itself.
  const ancestor =
    heads.length > 1 && heads.length === rows.length
      ? await ancestorOf(parts, clash, heads)
      : undefined;
  return {
    path: joinPath([...clash.directory, clash.name]),
    kind: kindOf(rows, ancestor !== undefined),
    versions: rows.slice(0, limits.conflictVersionsMax).map((row) => versionOf(parts, row)),
    versionsOmitted: Math.max(0, rows.length - limits.conflictVersionsMax),
    ancestor,
  };
}

function kindOf(rows: readonly EntryView[], haveAncestor: boolean): Conflict['kind'] {
  if (rows.length === 1) return 'deleted';
  const nodes = new Set(rows.map(({ node }) => node.id));
  return nodes.size === 1 || haveAncestor ? 'edit' : 'name';
}

function versionOf(parts: ConflictParts, row: EntryView): ConflictVersion {
  const { node, version } = row;
  const op = opOf(parts.tree, row);
  const content = node.kind === 'file' ? version?.content : undefined;
  return {
    name: row.name,
    kind: node.kind,
    size: sizeOf(content) + (node.target?.length ?? 0),
    mtime: version?.mtime ?? node.mtime,
    ...authorship(parts, op),
    timeMs: version?.stamp.wallMs,
  };
}

async function ancestorOf(
  parts: ConflictParts,
  { name }: Clash,
  heads: readonly OpId[],
): Promise<ConflictVersion | undefined> {
  const change = await commonAncestor(parts.history, heads);
  if (change === undefined) return undefined;
  const { body, stamp, op } = change;
  if (body.type !== 'write' && body.type !== 'make') return undefined;
  const content: Content | undefined = body.content;
  return {
    name: body.type === 'make' ? body.name : name,
    kind: 'file',
    size: sizeOf(content),
    mtime: body.attributes.mtime ?? { seconds: 0, nanoseconds: 0 },
    ...authorship(parts, op),
    timeMs: stamp.wallMs,
  };
}

function authorship(
  parts: ConflictParts,
  op: OpId | undefined,
): Pick<ConflictVersion, 'version' | 'author' | 'deviceId' | 'own'> {
  if (op === undefined) {
    return { version: undefined, author: undefined, deviceId: undefined, own: false };
  }
  const { device } = splitJournalId(op.journal);
  return {
    version: formatVersion(op),
    author: parts.deviceName(device),
    deviceId: device,
    own: device === parts.device,
  };
}

/** Whether something in the directory may be at or below the path. */
function isRelated(directory: VaultPath, path: VaultPath): boolean {
  if (directory.length < path.length - 1) return false;
  return path.slice(0, directory.length).every((name, at) => directory[at]?.equals(name));
}

function isWithin({ directory, name, rows }: Clash, path: VaultPath): boolean {
  const last = path.at(directory.length);
  if (last === undefined) return true;
  return name.equals(last) || rows.some((row) => row.name.equals(last));
}

function wantedName(row: EntryView): string {
  return (row.wanted ?? row.name).toString('latin1');
}
