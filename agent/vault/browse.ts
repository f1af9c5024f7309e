/**
 * Looking at the tree: entries by path, listings, and how much of their content is on this device.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type ChunkId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import type { Entry, EntryState } from '../../protocol/messages/control-entry.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { openManifest } from '../chunks/manifest-reader.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { isRecordHere } from './local-content.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import { openPage, type ReadParts } from './read-content.ts';
import { formatVersion } from './version-id.ts';

export interface BrowseParts extends ReadParts {
  readonly tree: Tree;
  /** Name of a device for people. */
  readonly deviceName: (device: DeviceId) => string;
  /** What was let go by retention. */
  readonly released: ReleasedChunks;
}

export interface ReleasedChunks {
  /** Whether nobody needs a chunk or small record any more: it may be gone everywhere. */
  isReleased(id: ChunkId): boolean;
  /** It is about to be named by a change: it is needed from now on. */
  use(id: ChunkId): void;
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

/** Says which part of a path is not there, or is no directory, and where to look instead. */
function missing(tree: Tree, path: VaultPath): VaultError {
  let above: VaultPath = [];
  for (let length = 1; length < path.length; length++) {
    const part = path.slice(0, length);
    const view = tree.resolve(part);
    if (view === undefined) break;
    if (view.node.kind !== 'directory') return noDirectory(part);
    above = part;
  }
  const next =
    versionHint(tree, path) ?? `vault ls ${shellWord(formatPath(above))} shows what is there`;
  return new VaultError('not-found', { op: 'vault.find', subject: formatPath(path), next });
}

/** Where the path without `@…` is there, a version was meant, of which too little was said. */
function versionHint(tree: Tree, path: VaultPath): string | undefined {
  const last = path.at(-1)?.toString('latin1') ?? '';
  const at = last.lastIndexOf('@');
  if (at < 1) return undefined;
  const file = [...path.slice(0, -1), Buffer.from(last.slice(0, at), 'latin1')];
  if (tree.resolve(file) === undefined) return undefined;
  return `a version is called by 4 to 16 hex digits: vault log ${shellWord(formatPath(file))}`;
}

/** Something else stands where a path goes through. */
export function noDirectory(path: VaultPath): VaultError {
  const shown = formatPath(path);
  const next = `vault stat ${shellWord(shown)} says what it is`;
  return new VaultError('not-directory', { op: 'vault.find', subject: shown, next });
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

/** Rows as a glance sees them; what has to be looked up is looked up for all of them at once. */
export async function entriesOf(
  parts: BrowseParts,
  found: readonly Found[],
): Promise<readonly Entry[]> {
  const small = found.flatMap(({ view }) => {
    const content = view?.version?.content;
    return content?.type === 'small' ? [content.small.record] : [];
  });
  const are = await parts.store.journals.haveSmall(small);
  const { chunks } = parts.store;
  // One that was fetched by itself is kept among the chunks.
  const smallHere = new Set(small.filter((id, at) => are[at] === true || chunks.has(id)));
  return found.map((one) => rowOf(parts, one, glance(parts, contentOf(one), smallHere)));
}

/** The row that clients see. `precise` reads manifests to count chunks; else a glance decides. */
export async function entryOf(
  parts: BrowseParts,
  found: Found,
  options: { readonly precise: boolean },
): Promise<Entry> {
  return rowOf(parts, found, await presenceOf(parts, contentOf(found), options));
}

function contentOf({ node, view }: Found): Content | undefined {
  return node.kind === 'file' ? view?.version?.content : undefined;
}

function rowOf(parts: BrowseParts, found: Found, presence: Presence): Entry {
  const { node, view } = found;
  const version = node.kind === 'file' ? view?.version : undefined;
  const content = version?.content;
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

function presenceOf(
  parts: BrowseParts,
  content: Content | undefined,
  options: { readonly precise: boolean },
): Promise<Presence> {
  const precise =
    options.precise && content?.type === 'manifest' && parts.store.chunks.has(content.manifest.cid);
  return precise ? countChunks(parts, content) : Promise.resolve(glance(parts, content));
}

/** @param smallHere small records that are here, where somebody has looked already */
function glance(
  parts: BrowseParts,
  content: Content | undefined,
  smallHere?: ReadonlySet<string>,
): Presence {
  switch (content?.type) {
    case undefined:
    case 'empty':
      return { chunks: 0, here: 0 };
    case 'small': {
      const { record } = content.small;
      const isHere = smallHere?.has(record) ?? isRecordHere(parts.store, record);
      return { chunks: 1, here: isHere ? 1 : 0 };
    }
    case 'chunk':
      return { chunks: 1, here: parts.store.chunks.has(content.chunk.cid) ? 1 : 0 };
    case 'manifest': {
      const complete = parts.replication.state().missingChunks === 0;
      const rootHere = parts.store.chunks.has(content.manifest.cid);
      return { chunks: 2, here: complete ? 2 : rootHere ? 1 : 0 };
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
