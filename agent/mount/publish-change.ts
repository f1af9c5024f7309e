/**
 * A change of the mount as operations of the journal. They are made when their turn has come, against the
 * tree as it is then: what is in it already, or has lost its object meanwhile, makes none.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import type { Op, OpId } from '../../protocol/messages/op.ts';
import type { Change, CreateChange, Place } from '../../fuse/operations/port.ts';
import {
  linkOps,
  makeNodeOp,
  removeTreeOps,
  renameOp,
  setAttributesOp,
} from '../namespace/author.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import type { Contribution } from '../vault/draft.ts';
import type { VaultParts } from '../vault/vault.ts';
import type { OwnOps } from './own-ops.ts';
import type { Stored } from './store-file.ts';

/** @returns the operation that made a version, of a file */
export async function publishChange(
  parts: VaultParts & { readonly ownOps: OwnOps },
  change: Change,
  stored: Stored | undefined,
): Promise<OpId | undefined> {
  const ids = await parts.publisher.publish({
    keys: keysOf(change),
    patient: change.type === 'create' || change.type === 'write',
    build: (tree) => {
      const ops = opsOf(parts, { tree, change, stored });
      parts.ownOps.add(ops);
      return { ...stored?.contribution, ops };
    },
  });
  return change.type === 'create' || change.type === 'write' ? ids.at(-1) : undefined;
}

interface Making {
  readonly tree: Tree;
  readonly change: Change;
  readonly stored: Stored | undefined;
}

function opsOf(parts: VaultParts, { tree, change, stored }: Making): Contribution['ops'] {
  switch (change.type) {
    case 'create':
      return createOps(parts, { tree, change, stored });
    case 'write':
      return writeOps(tree, change, stored);
    case 'attributes':
      if (tree.node(change.node) === undefined) return [];
      return [setAttributesOp(tree, change.node, change.attributes)];
    case 'link': {
      const view = anyViewOf(tree, change.node);
      if (view === undefined) return [];
      const fresh = { newEntry: freshEntry(parts), healedEntry: freshEntry(parts) };
      return [...linkOps(tree, { view, ...change.place, ...fresh })];
    }
    case 'rename':
      return change.exchange ? exchangeOps(tree, change) : renameOps(tree, change);
    case 'remove':
      return removeOps(tree, change);
  }
}

function createOps(
  parts: VaultParts,
  { tree, change, stored }: Making & { readonly change: CreateChange },
): readonly Op[] {
  if (tree.node(change.node) !== undefined) return [];
  const { place, kind, attributes, target, node, over } = change;
  const op = makeNodeOp(tree, {
    ...place,
    kind,
    attributes,
    target,
    content: stored?.content,
    newNode: node,
    newEntry: freshEntry(parts),
  });
  // What came under this name without anybody here having seen it does not make way.
  return [op.over?.node === over ? op : { ...op, over: undefined }];
}

function writeOps(
  tree: Tree,
  change: Extract<Change, { type: 'write' }>,
  stored: Stored | undefined,
): readonly Op[] {
  const { node, base, attributes } = change;
  if (stored === undefined) return [setAttributesOp(tree, node, attributes)];
  const supersedes = base === undefined ? [] : named(tree.versionsLike(node, base));
  const replaces = named(tree.attributeOpsOf(node, attributes));
  return [{ type: 'write', node, supersedes, content: stored.content, attributes, replaces }];
}

function renameOps(
  tree: Tree,
  { node, from, to }: Extract<Change, { type: 'rename' }>,
): readonly Op[] {
  const view = viewAt(tree, from);
  return view?.node.id === node ? [...renameOp(tree, view, to)] : [];
}

function exchangeOps(tree: Tree, { from, to }: Extract<Change, { type: 'rename' }>): readonly Op[] {
  const [one, other] = [viewAt(tree, from), viewAt(tree, to)];
  if (one === undefined || other === undefined) return [];
  return [...moveOps(tree, one, to), ...moveOps(tree, other, from)];
}

function* moveOps(tree: Tree, view: EntryView, place: Place): Generator<Op> {
  const isDirectory = view.node.kind === 'directory';
  const moving = isDirectory
    ? tree.mergedWith(view.node.id)
    : [{ node: view.node.id, entry: view.entry }];
  for (const { node, entry } of moving) {
    const signs = isDirectory ? tree.livenessOpsOf(node) : [];
    const replaces = named([...tree.positionOpsOf(entry, node), ...signs]);
    yield { type: 'move', entry, node, ...place, replaces };
  }
}

function removeOps(
  tree: Tree,
  { node, place }: Extract<Change, { type: 'remove' }>,
): readonly Op[] {
  const view = viewAt(tree, place);
  if (view?.node.id !== node) return [];
  if (view.node.kind !== 'directory' || (tree.list(node) ?? []).length === 0) {
    return [...removeTreeOps(tree, view)];
  }
  // Something came into it that nobody here has seen: it is shown again for that.
  return tree.mergedWith(node).map((member) => ({
    type: 'remove-directory',
    node: member.node,
    replaces: named(tree.livenessOpsOf(member.node)),
  }));
}

function viewAt(tree: Tree, { parent, name }: Place): EntryView | undefined {
  const path = tree.pathOf(parent);
  return path === undefined ? undefined : tree.resolve([...path, name]);
}

function anyViewOf(tree: Tree, node: NodeId): EntryView | undefined {
  const path = tree.pathOf(node);
  return path === undefined ? undefined : tree.resolve(path);
}

/** Changes that share a key are never in one batch: the later one has to see the earlier one. */
function keysOf(change: Change): readonly string[] {
  const keys = [`node ${change.node}`];
  if (change.type === 'rename') keys.push(keyOf(change.from), keyOf(change.to));
  else if ('place' in change) keys.push(keyOf(change.place));
  return keys;
}

function keyOf({ parent, name }: Place): string {
  return `name ${parent} ${name.toString('latin1')}`;
}

function named(ids: readonly OpId[]): readonly OpId[] {
  return ids.slice(0, journal.refsPerOpMax);
}

function freshEntry({ random }: VaultParts): EntryId {
  return random.bytes(16).toString('hex') as EntryId;
}
