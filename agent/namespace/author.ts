/**
 * Builds the operations of this device. Every operation names what its author saw, so that it counts
 * as later than that on every device, whatever their clocks say; what nobody has seen yet stays
 * concurrent, and is kept. What is done to one of several concurrent versions leaves the others be.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import type {
  Attributes,
  Content,
  FileTime,
  MakeOp,
  NodeKind,
  Op,
  OpId,
  Replaced,
} from '../../protocol/messages/op.ts';
import { dropVersionOp, keepVersionOp, isOlderVersion } from './author-versions.ts';
import type { EntryView, NodeView, Tree } from './tree.types.ts';

/** Where a new name goes, and the fresh ids that it may need. */
export interface NewEntry {
  readonly parent: NodeId;
  readonly name: Buffer;
  readonly attributes: Attributes;
  /** Random. */
  readonly newNode: NodeId;
  /** Random. */
  readonly newEntry: EntryId;
}

/** A file with this content under this name: a new version of the file that has it, else a new one. */
export function putFileOp(tree: Tree, file: NewEntry & { readonly content: Content }): Op {
  return putFileOver(tree, tree.child(file.parent, file.name), file);
}

/** The same where it is known what has the name. */
export function putFileOver(
  tree: Tree,
  shown: EntryView | undefined,
  file: NewEntry & { readonly content: Content },
): Op {
  if (shown?.version === undefined || shown.conflict) {
    return makeOver(tree, shown, { ...file, kind: 'file' });
  }
  return writeOp(tree, shown, file);
}

/** A new version in the place of the one that `view` shows. */
export function writeOp(
  tree: Tree,
  view: EntryView,
  version: { readonly content: Content; readonly attributes: Attributes },
): Op {
  const node = view.node.id;
  const { content, attributes } = version;
  return {
    type: 'write',
    node,
    supersedes: view.version === undefined ? [] : named(tree.versionsLike(node, view.version.op)),
    content,
    attributes,
    replaces: named(tree.attributeOpsOf(node, attributes)),
  };
}

export interface NewNode extends NewEntry {
  readonly kind: NodeKind;
  readonly content?: Content | undefined;
  readonly target?: Buffer | undefined;
}

/** A new node under a name. What has the name makes way in the same operation. */
export function makeNodeOp(tree: Tree, made: NewNode): MakeOp {
  return makeOver(tree, tree.child(made.parent, made.name), made);
}

function makeOver(tree: Tree, shown: EntryView | undefined, made: NewNode): MakeOp {
  const { parent, name, kind, attributes, newNode, newEntry, content, target } = made;
  return {
    type: 'make',
    node: newNode,
    kind,
    entry: newEntry,
    parent,
    name,
    attributes,
    content: kind === 'file' ? (content ?? { type: 'empty' }) : undefined,
    target: kind === 'symlink' ? target : undefined,
    over: replacedBy(tree, shown),
  };
}

/**
 * New attributes. On a directory it is also a sign of life that stands for the earlier ones, so that
 * a removal has few operations to name.
 */
export function setAttributesOp(tree: Tree, node: NodeId, attributes: Attributes): Op {
  const isDirectory = tree.node(node)?.kind === 'directory';
  const signs = isDirectory ? tree.livenessOpsOf(node) : [];
  return {
    type: 'set-attributes',
    node,
    replaces: named([...tree.attributeOpsOf(node, attributes), ...signs]),
    attributes,
  };
}

export interface NewLink {
  /** An entry of the file or symlink. */
  readonly view: EntryView;
  readonly parent: NodeId;
  readonly name: Buffer;
  /** Random, for the new name. */
  readonly newEntry: EntryId;
  /** Random, for the old name where it is shown again after a deletion. */
  readonly healedEntry: EntryId;
}

/** One more name of a file or symlink. A name that was deleted, and is shown again, becomes a real one. */
export function* linkOps(tree: Tree, link: NewLink): Generator<Op> {
  const { view, parent, name, newEntry, healedEntry } = link;
  const node = view.node.id;
  yield { type: 'link', entry: newEntry, parent, name, node, over: overAt(tree, parent, name) };
  if (tree.isShownAgain(view.entry, node) && !view.conflict) {
    yield { type: 'link', entry: healedEntry, parent: view.parent, name: view.name, node };
  }
}

/**
 * A new place for an entry. Directories that are shown as one move together; an empty directory that
 * has the name is removed first. A version that is shown beside a later one becomes a file of its own.
 */
export function* renameOp(
  tree: Tree,
  view: EntryView,
  place: { readonly parent: NodeId; readonly name: Buffer },
): Generator<Op> {
  const shown = tree.child(place.parent, place.name);
  if (shown?.entry === view.entry) {
    yield* renameInside(tree, view, shown);
    return;
  }
  yield* keepParent(tree, view.parent);
  if (shown?.node.kind === 'directory') yield* removeTreeOps(tree, shown);
  const over = overAt(tree, place.parent, place.name);
  if (isOlderVersion(tree, view)) {
    yield* keepVersionOp(view, { ...place, over });
    yield* dropVersionOp(tree, view);
    return;
  }
  const moving =
    view.node.kind === 'directory'
      ? tree.mergedWith(view.node.id)
      : [{ node: view.node.id, entry: view.entry }];
  for (const [index, { node, entry }] of moving.entries()) {
    const signs = view.node.kind === 'directory' ? tree.livenessOpsOf(node) : [];
    const replaces = named([...tree.positionOpsOf(entry, node), ...signs]);
    yield { type: 'move', entry, node, ...place, replaces, over: index === 0 ? over : undefined };
  }
}

/** One version of a file is renamed over another one of the same file, or over itself. */
function* renameInside(tree: Tree, view: EntryView, shown: EntryView): Generator<Op> {
  if (shown.name.equals(view.name)) return;
  const { entry } = view;
  const node = view.node.id;
  if (!isOlderVersion(tree, view)) {
    yield* dropVersionOp(tree, shown);
    const { parent, name } = shown;
    yield {
      type: 'move',
      entry,
      node,
      parent,
      name,
      replaces: named(tree.positionOpsOf(entry, node)),
    };
  } else if (view.version !== undefined) {
    const { content, mode, mtime } = view.version;
    const [latest] = tree.versionsOf(node);
    const both = [latest, view.version].flatMap((version) =>
      version === undefined ? [] : tree.versionsLike(node, version.op),
    );
    const attributes = { mode, mtime };
    const replaces = named(tree.attributeOpsOf(node, attributes));
    yield { type: 'write', node, supersedes: named(both), content, attributes, replaces };
  }
}

/**
 * Takes away what `view` shows, of a directory everything below it too. Other versions of a file stay
 * as files under the names that they are shown under.
 */
export function* removeTreeOps(tree: Tree, view: EntryView): Generator<Op> {
  yield* keepParent(tree, view.parent);
  if (isOlderVersion(tree, view)) {
    yield* dropVersionOp(tree, view);
    return;
  }
  // Another name of the file goes on showing them. Most files have none, and directories may be large.
  if (view.node.links < 2 && tree.versionsOf(view.node.id).length > 1) {
    for (const row of tree.list(view.parent) ?? []) {
      if (row.entry === view.entry && row.conflict && isOlderVersion(tree, row)) {
        yield* keepVersionOp(row, { parent: row.parent, name: row.name, over: undefined });
      }
    }
  }
  yield* removeOps(tree, view);
}

/** Removes with all versions, and all directories that are shown as one. */
function* removeOps(tree: Tree, view: EntryView): Generator<Op> {
  const { node, entry } = view;
  if (node.kind !== 'directory') {
    for (const heads of inParts(tree.headsOf(node.id))) {
      yield { type: 'unlink', entry, node: node.id, heads };
    }
    return;
  }
  for (const child of tree.list(node.id) ?? []) {
    if (!isOlderVersion(tree, child)) yield* removeOps(tree, child);
  }
  for (const member of tree.mergedWith(node.id)) {
    for (const replaces of inParts(tree.livenessOpsOf(member.node))) {
      yield { type: 'remove-directory', node: member.node, replaces };
    }
  }
}

/** A directory that is only shown for what is in it stays when that leaves. */
function* keepParent(tree: Tree, parent: NodeId): Generator<Op> {
  const members = tree.mergedWith(parent);
  if (members.length === 0 || members.some(({ node }) => tree.isWanted(node))) return;
  const mode = tree.node(parent)?.mode;
  yield setAttributesOp(tree, parent, { mode });
}

/** Whether nothing of `attributes` differs from what is shown. */
export function sameAttributes(
  shown: Pick<NodeView, 'mode' | 'mtime'>,
  { mode, mtime }: { readonly mode?: number | undefined; readonly mtime?: FileTime | undefined },
): boolean {
  if (mode !== undefined && mode !== shown.mode) return false;
  if (mtime === undefined) return true;
  return mtime.seconds === shown.mtime.seconds && mtime.nanoseconds === shown.mtime.nanoseconds;
}

/**
 * What makes way for a new name. An older version of a file with several names does not: the new file
 * takes the name, and the version is shown under another one.
 */
function overAt(tree: Tree, parent: NodeId, name: Buffer): Replaced | undefined {
  return replacedBy(tree, tree.child(parent, name));
}

function replacedBy(tree: Tree, shown: EntryView | undefined): Replaced | undefined {
  if (shown === undefined || shown.node.kind === 'directory') return undefined;
  if (shown.node.links > 1 && isOlderVersion(tree, shown)) return undefined;
  const { entry, node, heads } = tree.replacedBy(shown);
  return { entry, node, heads: named(heads) };
}

/** As many as one operation may name. */
function named(ids: readonly OpId[]): readonly OpId[] {
  return ids.length <= journal.refsPerOpMax ? ids : ids.slice(0, journal.refsPerOpMax);
}

/** One part at least. */
function* inParts(ids: readonly OpId[]): Generator<readonly OpId[]> {
  for (let at = 0; at === 0 || at < ids.length; at += journal.refsPerOpMax) {
    yield ids.slice(at, at + journal.refsPerOpMax);
  }
}
