/**
 * Operations on one of several concurrent versions of a file. An older version has a row of its own
 * but no entry: to keep it apart it becomes a file, to remove it the latest version is written again
 * in the place of both.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { idBytes, idToBytes, type EntryId, type NodeId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import type { Op, Replaced } from '../../protocol/messages/op.ts';
import type { EntryView, Tree } from './tree.types.ts';

const keptDomain = 'peervault v1 kept version';

/** Whether the row shows a version beside a later one of the same file. */
export function isOlderVersion(tree: Tree, view: EntryView): boolean {
  if (!view.conflict || view.version === undefined) return false;
  const [latest] = tree.versionsOf(view.node.id);
  return latest !== undefined && !isSameHead(latest.op, view.version.op);
}

/**
 * Makes the version a file of its own. The ids come from what it is made of, so that two devices
 * that do this at once make one file.
 */
export function* keepVersionOp(
  view: EntryView,
  place: {
    readonly parent: NodeId;
    readonly name: Buffer;
    readonly over: Replaced | undefined;
  },
): Generator<Op> {
  const { version } = view;
  if (version === undefined) return;
  const { mode, mtime, content } = version;
  yield {
    type: 'make',
    kind: 'file',
    node: keptId(view, 'node') as NodeId,
    entry: keptId(view, 'entry') as EntryId,
    ...place,
    attributes: { mode, mtime, xattrs: view.node.xattrs },
    content,
  };
}

/** Removes an older version: the latest one takes its place. */
export function* dropVersionOp(tree: Tree, view: EntryView): Generator<Op> {
  const node = view.node.id;
  const [latest] = tree.versionsOf(node);
  if (latest === undefined || view.version === undefined) return;
  const heads = [
    ...tree.versionsLike(node, view.version.op),
    ...tree.versionsLike(node, latest.op),
  ];
  yield {
    type: 'write',
    node,
    supersedes: heads.slice(0, journal.refsPerOpMax),
    content: latest.content,
    attributes: {},
    replaces: [],
  };
}

function keptId(view: EntryView, what: 'node' | 'entry'): string {
  const { entry, version } = view;
  const op = version?.op;
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(op?.sequence ?? 0), 0);
  numbers.writeBigUInt64BE(BigInt(op?.index ?? 0), 8);
  const journalBytes = op === undefined ? Buffer.alloc(0) : idToBytes(op.journal);
  const hash = blake3Of(keptDomain, Buffer.from(what), idToBytes(entry), journalBytes, numbers);
  return hash.subarray(0, idBytes.node).toString('hex');
}

function isSameHead(
  a: NonNullable<EntryView['version']>['op'],
  b: NonNullable<EntryView['version']>['op'],
): boolean {
  return a.journal === b.journal && a.sequence === b.sequence && a.index === b.index;
}
