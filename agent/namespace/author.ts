/**
 * Builds the operations of this device. Every operation names what its author saw, so that it counts
 * as later than that on every device, whatever their clocks say; what nobody has seen yet stays
 * concurrent, and is kept.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { Attributes, Content, FileTime, NodeKind, Op, Replaced } from '../../protocol/messages/op.ts';
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
  const shown = shownAt(tree, file.parent, file.name);
  if (shown === undefined || shown.node.kind !== 'file' || shown.conflict) {
    return makeNodeOp(tree, { ...file, kind: 'file' });
  }
  const node = shown.node.id;
  return {
    type: 'write',
    node,
    supersedes: tree.headsOf(node),
    content: file.content,
    attributes: file.attributes,
    replaces: tree.attributeOpsOf(node),
  };
}

/** A new node under a name. What has the name makes way in the same operation. */
export function makeNodeOp(
  tree: Tree,
  made: NewEntry & {
    readonly kind: NodeKind;
    readonly content?: Content | undefined;
    readonly target?: Buffer | undefined;
  },
): Op {
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
    over: overAt(tree, parent, name),
  };
}

export function setAttributesOp(tree: Tree, node: NodeId, attributes: Attributes): Op {
  return { type: 'set-attributes', node, replaces: tree.attributeOpsOf(node), attributes };
}

/** One more name of a file or symlink. */
export function linkOp(
  tree: Tree,
  link: { readonly node: NodeId; readonly parent: NodeId; readonly name: Buffer; readonly newEntry: EntryId },
): Op {
  const { node, parent, name, newEntry } = link;
  return { type: 'link', entry: newEntry, parent, name, node, over: overAt(tree, parent, name) };
}

/**
 * A new place for an entry. Directories that are shown as one move together; an empty directory that
 * has the name is removed first.
 */
export function* renameOp(
  tree: Tree,
  view: EntryView,
  place: { readonly parent: NodeId; readonly name: Buffer },
): Generator<Op> {
  const shown = shownAt(tree, place.parent, place.name);
  if (shown?.node.kind === 'directory') yield* removeTreeOps(tree, shown);
  const over = shown === undefined || shown.node.kind === 'directory' ? undefined : tree.replacedBy(shown);
  yield {
    type: 'move',
    entry: view.entry,
    node: view.node.id,
    ...place,
    replaces: tree.positionOpsOf(view.entry),
    over,
  };
}

/** Takes an entry away; of a directory first what is below it. */
export function* removeTreeOps(tree: Tree, view: EntryView): Generator<Op> {
  const { node } = view;
  if (node.kind !== 'directory') {
    yield { type: 'unlink', entry: view.entry, node: node.id, heads: tree.headsOf(node.id) };
    return;
  }
  for (const child of tree.list(node.id) ?? []) yield* removeTreeOps(tree, child);
  yield { type: 'remove-directory', node: node.id, replaces: tree.livenessOpsOf(node.id) };
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

function overAt(tree: Tree, parent: NodeId, name: Buffer): Replaced | undefined {
  const shown = shownAt(tree, parent, name);
  return shown === undefined || shown.node.kind === 'directory' ? undefined : tree.replacedBy(shown);
}

/** A directory that only the author knows yet is empty. */
function shownAt(tree: Tree, parent: NodeId, name: Buffer): EntryView | undefined {
  const path = tree.pathOf(parent);
  return path === undefined ? undefined : tree.resolve([...path, name]);
}
