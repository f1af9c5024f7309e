/**
 * Looking at the tree: entries by path, listings, and how much of their content is on this device.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import type { Entry, EntryState } from '../../protocol/messages/control-entry.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { openManifest } from '../chunks/manifest-reader.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import { openPage, type ReadParts } from './read-content.ts';
import { formatVersion } from './version-id.ts';

export interface BrowseParts extends ReadParts {
  readonly tree: Tree;
  /** Name of a device for people. */
  readonly deviceName: (device: DeviceId) => string;
}

/** An entry of the tree, or the root, which has no entry. */
export interface Found {
  readonly path: VaultPath;
  readonly view: EntryView | undefined;
  readonly node: EntryView['node'];
}

/** @throws VaultError `not-found`, `not-directory` */
export function find(tree: Tree, path: VaultPath): Found {
  if (path.length === 0) return { path, view: undefined, node: tree.root() };
  const view = tree.resolve(path);
  if (view !== undefined) return { path, view, node: view.node };
  throw missing(tree, path);
}

/**
 * Until history can be read, only the version that is shown can be asked for by its id.
 * @throws VaultError `not-found`
 */
export function checkVersion({ view, path }: Found, version: string | undefined): void {
  if (version === undefined) return;
  const shown = view?.version === undefined ? undefined : formatVersion(view.version.op);
  if (shown?.startsWith(version.toLowerCase()) === true) return;
  throw new VaultError('not-found', {
    op: 'vault.find',
    subject: `${formatPath(path)}@${version}`,
    detail: 'it is not the current version; older ones cannot be read yet',
  });
}

/** Says which part of a path is not there, or is no directory. */
function missing(tree: Tree, path: VaultPath): VaultError {
  for (let length = 1; length < path.length; length++) {
    const part = path.slice(0, length);
    const view = tree.resolve(part);
    if (view === undefined) break;
    if (view.node.kind !== 'directory') {
      return new VaultError('not-directory', { op: 'vault.find', subject: formatPath(part) });
    }
  }
  return new VaultError('not-found', { op: 'vault.find', subject: formatPath(path) });
}

export interface ListOptions {
  readonly recursive: boolean;
  readonly depthMax?: number | undefined;
}

/**
 * The entry at `path` when it is no directory, else what is below it: parents before children, rows
 * by bytes of their names. Paths are relative to `path`.
 */
export function* walk(tree: Tree, path: VaultPath, options: ListOptions): Generator<Found> {
  const top = find(tree, path);
  if (top.node.kind === 'directory') yield* walkBelow(tree, top.node.id, { ...options, at: [] });
  else yield { ...top, path: [] };
}

function* walkBelow(
  tree: Tree,
  directory: NodeId,
  options: ListOptions & { readonly at: VaultPath },
): Generator<Found> {
  for (const view of tree.list(directory) ?? []) {
    const path = [...options.at, view.name];
    yield { path, view, node: view.node };
    const deeper = options.recursive && path.length < (options.depthMax ?? Infinity);
    if (deeper && view.node.kind === 'directory') {
      yield* walkBelow(tree, view.node.id, { ...options, at: path });
    }
  }
}

/** The row that clients see. `precise` reads manifests to count chunks; else a glance decides. */
export async function entryOf(
  parts: BrowseParts,
  found: Found,
  options: { readonly precise: boolean },
): Promise<Entry> {
  const { node, view } = found;
  const version = node.kind === 'file' ? view?.version : undefined;
  const content = version?.content;
  const presence = await presenceOf(parts, content, options);
  const author = version === undefined ? undefined : splitJournalId(version.op.journal).device;
  return {
    path: joinPath(found.path),
    kind: node.kind,
    size: sizeOf(content) + (node.target?.length ?? 0),
    mode: version?.mode ?? node.mode,
    mtime: version?.mtime ?? node.mtime,
    target: node.target,
    version: version === undefined ? undefined : formatVersion(version.op),
    state: view?.conflict === true ? 'conflict' : stateOf(presence),
    author: author === undefined ? undefined : parts.deviceName(author),
    deviceId: author,
    inode: inodeOf(node.id),
    links: node.links,
    chunks: presence.chunks,
    chunksHere: presence.here,
  };
}

export function sizeOf(content: Content | undefined): number {
  return content === undefined || content.type === 'empty' ? 0 : content.size;
}

/** A number that stays with the node on every device: 48 bits of its random id. */
function inodeOf(node: NodeId): number {
  return Number.parseInt(node.slice(0, 12), 16) + 1;
}

interface Presence {
  readonly chunks: number;
  readonly here: number;
}

async function presenceOf(
  parts: BrowseParts,
  content: Content | undefined,
  options: { readonly precise: boolean },
): Promise<Presence> {
  switch (content?.type) {
    case undefined:
    case 'empty':
      return { chunks: 0, here: 0 };
    case 'small':
      return { chunks: 1, here: parts.store.journals.hasSmall(content.small.record) ? 1 : 0 };
    case 'chunk':
      return { chunks: 1, here: parts.store.chunks.has(content.chunk.cid) ? 1 : 0 };
    case 'manifest': {
      const complete = parts.replication.state().missingChunks === 0;
      const rootHere = parts.store.chunks.has(content.manifest.cid);
      if (!options.precise || !rootHere) {
        return { chunks: 2, here: complete ? 2 : rootHere ? 1 : 0 };
      }
      return countChunks(parts, content);
    }
  }
}

async function countChunks(
  parts: BrowseParts,
  content: Extract<Content, { type: 'manifest' }>,
): Promise<Presence> {
  let chunks = 0;
  let here = 0;
  try {
    const manifest = openManifest(content, (ref) => openPage(parts, ref));
    for await (const { ref } of manifest.references()) {
      chunks++;
      if (parts.store.chunks.has(ref.cid)) here++;
    }
  } catch (error) {
    // A page that cannot be had means that the count is not known: it is partly here.
    if (!isVaultError(error)) throw error;
    return { chunks: Math.max(chunks, here + 1), here };
  }
  return { chunks, here };
}

function stateOf({ chunks, here }: Presence): EntryState {
  if (here === chunks) return 'here';
  return here === 0 ? 'elsewhere' : 'partly';
}
