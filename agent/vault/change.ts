/**
 * Changing the tree without bytes: directories, removal, renaming, copies that share their content.
 * Each change is one publication, or several in order where it does not fit into one batch.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { Content, NamedChunk, Op } from '../../protocol/messages/op.ts';
import { openManifest } from '../chunks/manifest-reader.ts';
import { sealedSmallLengthOf } from '../chunks/small.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { makeNodeOp, putFileOp, removeTreeOps, renameOp } from '../namespace/author.ts';
import type { Tree } from '../namespace/tree.types.ts';
import { find, noDirectory, type BrowseParts, type Found } from './browse.ts';
import { checkKept } from './forgotten.ts';
import { fileTimeOf } from './format-time.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { Contribution } from './publisher.ts';
import { openPage } from './read-content.ts';
import type { VaultParts } from './vault.ts';
import { formatVersion } from './version-id.ts';

export interface ChangeResult {
  readonly entries: number;
  readonly version: string | undefined;
}

/** Operations of one publication; the rest of a long change follows in the next one. */
const opsPerPublication = 256;
const namedChunksPerPublication = 8192;

/**
 * Makes a directory.
 * @throws VaultError `exists`, `not-found`, `not-directory`
 */
export async function makeDirectory(
  parts: VaultParts,
  path: VaultPath,
  options: { readonly parents: boolean; readonly mode: number },
): Promise<ChangeResult> {
  const ids = await parts.publisher.publish({
    keys: path.map((_, index) => keyOf(path.slice(0, index + 1))),
    build: (tree) => ({ ops: makeDirectoryOps(parts, { ...options, tree, path }) }),
  });
  return { entries: ids.length, version: undefined };
}

function makeDirectoryOps(
  parts: VaultParts,
  { tree, path, parents, mode }: { tree: Tree; path: VaultPath; parents: boolean; mode: number },
): Op[] {
  const ops: Op[] = [];
  let parent = tree.root().id;
  for (const [index, name] of path.entries()) {
    const part = path.slice(0, index + 1);
    const isLast = index === path.length - 1;
    const shown = ops.length > 0 ? undefined : tree.resolve(part);
    if (shown !== undefined) {
      if (shown.node.kind !== 'directory') {
        throw isLast ? taken(part, 'a file has this name') : noDirectory(part);
      }
      if (isLast && !parents) {
        throw failure('exists', part, { next: 'give --parents: then one that is there is fine' });
      }
      parent = shown.node.id;
      continue;
    }
    if (!isLast && !parents)
      throw failure('not-found', part, { next: 'give --parents to make it too' });
    const newNode = freshNode(parts);
    const mtime = fileTimeOf(parts.clock.nowMs());
    const attributes = { mode: isLast ? mode : 0o755, mtime };
    ops.push(
      makeNodeOp(tree, {
        parent,
        name,
        kind: 'directory',
        attributes,
        newNode,
        newEntry: freshEntry(parts),
      }),
    );
    parent = newNode;
  }
  if (path.length === 0 && !parents) {
    throw failure('exists', path, { next: 'name the directory that is to be made' });
  }
  return ops;
}

/**
 * Removes an entry, with `recursive` and everything below it. Older versions stay in the history.
 * @throws VaultError `not-found`, `is-directory`, `not-empty`, `denied` for the root
 */
export async function remove(
  parts: VaultParts,
  path: VaultPath,
  options: { readonly recursive: boolean; readonly force: boolean },
): Promise<ChangeResult> {
  if (path.length === 0)
    throw failure('denied', path, { next: 'name what is to be removed in it' });
  if (options.force && parts.tree.resolve(path) === undefined)
    return { entries: 0, version: undefined };
  checkRemovable(parts.tree, path, options);
  let entries = 0;
  for (;;) {
    const ids = await parts.publisher.publish({
      keys: [keyOf(path)],
      build: (tree) => ({ ops: firstOps(tree, path, options) }),
    });
    entries += ids.length;
    // A subtree that fits into one publication is gone after it; else the next one takes the rest.
    if (ids.length < opsPerPublication) return { entries, version: undefined };
  }
}

function checkRemovable(
  tree: Tree,
  path: VaultPath,
  options: { readonly recursive: boolean },
): void {
  const { node } = find(tree, path);
  if (node.kind !== 'directory' || options.recursive) return;
  throw failure('is-directory', path, {
    next: 'give --recursive to remove a directory with what is in it',
  });
}

function firstOps(tree: Tree, path: VaultPath, options: { readonly recursive: boolean }): Op[] {
  const view = tree.resolve(path);
  if (view === undefined) return [];
  checkRemovable(tree, path, options);
  const ops: Op[] = [];
  for (const op of removeTreeOps(tree, view)) {
    ops.push(op);
    if (ops.length === opsPerPublication) break;
  }
  return ops;
}

export interface Transfer {
  readonly source: VaultPath;
  /** The exact new path. */
  readonly destination: VaultPath;
}

/**
 * Renames: one operation, whatever is below. A file that has the new name makes way in it.
 * @throws VaultError `not-found`, `exists`, `not-directory`, `is-directory`, `not-empty`, `usage`
 */
export async function move(
  parts: VaultParts,
  { source, destination, noReplace }: Transfer & { readonly noReplace: boolean },
): Promise<ChangeResult> {
  const ids = await parts.publisher.publish({
    keys: [keyOf(source), keyOf(destination)],
    build: (tree) => ({ ops: moveOps(tree, { source, destination, noReplace }) }),
  });
  return { entries: ids.length, version: undefined };
}

function moveOps(
  tree: Tree,
  { source, destination, noReplace }: Transfer & { readonly noReplace: boolean },
): Op[] {
  const { view } = find(tree, source);
  if (view === undefined) {
    throw failure('denied', source, {
      detail: 'the root stays where it is',
      next: 'name what is to be moved in it',
    });
  }
  if (keyOf(source) === keyOf(destination)) return [];
  checkNotInside(source, destination);
  const { parent, name } = placeOf(tree, destination);
  const shown = tree.resolve(destination);
  if (shown !== undefined) {
    if (noReplace) {
      throw failure('exists', destination, { next: 'leave --no-clobber out to replace it' });
    }
    checkReplaceable(tree, view.node.kind, { path: destination, shown: find(tree, destination) });
  }
  return [...renameOp(tree, view, { parent, name })];
}

function checkNotInside(source: VaultPath, destination: VaultPath): void {
  const inside =
    destination.length > source.length &&
    source.every((name, index) => destination[index]?.equals(name) === true);
  if (!inside) return;
  throw failure('usage', destination, {
    detail: 'a directory cannot go into itself',
    next: `choose a place outside ${formatPath(source)}`,
  });
}

/** The rules of rename(2). */
function checkReplaceable(
  tree: Tree,
  kind: string,
  { path, shown }: { readonly path: VaultPath; readonly shown: Found },
): void {
  if (shown.node.kind !== 'directory') {
    if (kind === 'directory') throw fileInTheWay(path);
    return;
  }
  if (kind !== 'directory') throw directoryInTheWay(path);
  if ((tree.list(shown.node.id) ?? []).length > 0) {
    throw failure('not-empty', path, {
      next: 'choose another name, or move away what is in it',
    });
  }
}

/**
 * Copies: new entries that share the content, so that no byte is copied.
 * @throws VaultError `not-found`, `is-directory`, `exists`, `not-directory`, `usage`
 */
export async function copy(
  parts: VaultParts,
  { source, destination, recursive }: Transfer & { readonly recursive: boolean },
): Promise<ChangeResult> {
  const top = find(parts.tree, source);
  if (top.node.kind === 'directory' && !recursive) {
    throw failure('is-directory', source, {
      next: 'give --recursive to copy a directory with what is in it',
    });
  }
  if (keyOf(source) === keyOf(destination)) {
    throw failure('usage', destination, {
      detail: 'source and destination are the same',
      next: 'give the copy another name',
    });
  }
  checkNotInside(source, destination);
  let entries = 0;
  let version: string | undefined;
  for (const { path, found } of [...copiesOf(parts.tree, { source, destination })]) {
    const reused = await announceChunks(parts, found.view?.version?.content);
    const ids = await parts.publisher.publish({
      keys: [keyOf(path)],
      build: (tree) => copyContribution(parts, { tree, path, found, reused }),
    });
    entries += ids.length;
    const last = ids.at(-1);
    if (found.node.kind === 'file' && last !== undefined) version = formatVersion(last);
  }
  return { entries, version };
}

/** Parents before children; the list is taken before the first copy is made. */
export function* copiesOf(
  tree: Tree,
  { source, destination }: Transfer,
): Generator<{ path: VaultPath; found: Found }> {
  const found = find(tree, source);
  yield { path: destination, found };
  if (found.node.kind !== 'directory') return;
  for (const { name } of tree.list(found.node.id) ?? []) {
    yield* copiesOf(tree, { source: [...source, name], destination: [...destination, name] });
  }
}

/** What makes one of the copies. */
export function copyContribution(
  parts: VaultParts,
  {
    tree,
    path,
    found,
    reused,
  }: { tree: Tree; path: VaultPath; found: Found; reused: readonly NamedChunk[] },
): Contribution {
  const { node, view } = found;
  const place = placeOf(tree, path);
  const shown = tree.resolve(path);
  const fresh = { newNode: freshNode(parts), newEntry: freshEntry(parts) };
  const attributes = {
    mode: view?.version?.mode ?? node.mode,
    mtime: view?.version?.mtime ?? node.mtime,
  };
  if (node.kind === 'directory') {
    if (shown?.node.kind === 'directory') return { ops: [] };
    if (shown !== undefined) throw fileInTheWay(path);
    return { ops: [makeNodeOp(tree, { ...place, kind: 'directory', attributes, ...fresh })] };
  }
  if (shown?.node.kind === 'directory') throw directoryInTheWay(path);
  if (node.kind === 'symlink') {
    return {
      ops: [
        makeNodeOp(tree, { ...place, kind: 'symlink', target: node.target, attributes, ...fresh }),
      ],
    };
  }
  const content: Content = view?.version?.content ?? { type: 'empty' };
  return {
    ops: [putFileOp(tree, { ...place, content, attributes, ...fresh })],
    chunksReused: reused,
  };
}

/**
 * The chunks that a content keeps alive, for the header of the batch that uses them again. Those that
 * do not fit into one batch are named in batches before it.
 * @throws VaultError `not-found` when retention let it go; what reading its manifest throws
 */
export async function announceChunks(
  parts: VaultParts,
  content: Content | undefined,
): Promise<readonly NamedChunk[]> {
  if (content !== undefined) checkKept(parts, content);
  let named: NamedChunk[] = [];
  for await (const chunk of chunksOf(parts, content)) {
    parts.released.use(chunk.id);
    named.push(chunk);
    if (named.length < namedChunksPerPublication) continue;
    const chunksReused = named;
    named = [];
    await parts.publisher.publish({ keys: [], build: () => ({ ops: [], chunksReused }) });
  }
  return named;
}

async function* chunksOf(
  parts: BrowseParts,
  content: Content | undefined,
): AsyncGenerator<NamedChunk> {
  if (content?.type === 'chunk')
    yield { id: content.chunk.cid, length: content.chunk.sealedLength };
  // A small record is named like a chunk when it is used again: it may be dropped otherwise.
  if (content?.type === 'small')
    yield { id: content.small.record, length: sealedSmallLengthOf(content.size) };
  if (content?.type !== 'manifest') return;
  const manifest = openManifest(content, (ref) => openPage(parts, ref));
  for await (const { ref } of manifest.references())
    yield { id: ref.cid, length: ref.sealedLength };
}

/** @throws VaultError `not-found`, `not-directory`, `denied` for the root */
export function placeOf(
  tree: Tree,
  path: VaultPath,
): { readonly parent: NodeId; readonly name: Buffer } {
  const name = path.at(-1);
  if (name === undefined) throw taken(path, 'it is the root');
  const above = path.slice(0, -1);
  if (above.length > 0 && tree.resolve(above) === undefined) {
    throw failure('not-found', above, {
      next: `make it first: vault mkdir -p ${shellWord(formatPath(above))}`,
    });
  }
  const { node } = find(tree, above);
  if (node.kind !== 'directory') throw noDirectory(above);
  return { parent: node.id, name };
}

function taken(path: VaultPath, detail: string): VaultError {
  return failure('exists', path, { detail, next: 'choose another name' });
}

function fileInTheWay(path: VaultPath): VaultError {
  return failure('not-directory', path, {
    detail: 'a directory cannot take the place of a file',
    next: 'choose another name, or move the file away with vault mv',
  });
}

function directoryInTheWay(path: VaultPath): VaultError {
  return failure('is-directory', path, {
    detail: 'a file cannot take the place of a directory',
    next: 'choose another name, or move the directory away with vault mv',
  });
}

function freshNode({ random }: VaultParts): NodeId {
  return random.bytes(16).toString('hex') as NodeId;
}

function freshEntry({ random }: VaultParts): EntryId {
  return random.bytes(16).toString('hex') as EntryId;
}

function keyOf(path: VaultPath): string {
  return joinPath(path).toString('latin1');
}

function failure(
  code: ConstructorParameters<typeof VaultError>[0],
  path: VaultPath,
  more: { readonly detail?: string; readonly next?: string } = {},
): VaultError {
  return new VaultError(code, { op: 'vault.change', subject: formatPath(path), ...more });
}
