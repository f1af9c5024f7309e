/**
 * A node that does not rest, as it is saved: what packed nodes hold, and beyond that the part of a
 * directory and the positions that wait at it. Where directories stand is not saved: the moves and the
 * Makes say it.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { ByteSink } from './frozen/byte-sink.ts';
import { ByteSource } from './frozen/byte-source.ts';
import { packNode, unpackNode } from './frozen/node-codec.ts';
import { packOp, packOpId, unpackOp, unpackOpId } from './frozen/op-codec.ts';
import type { PackContext } from './frozen/pack-context.ts';
import { valuesOf, withValue } from './one-or-many.ts';
import {
  newDirectory,
  rareOf,
  type BatchOrder,
  type NodeRecord,
  type OpRecord,
  type WaitingPosition,
} from './records.ts';

const isDirectory = 1;
const hasHash = 2;
const showsLabels = 4;

const nowhere = { owner: undefined, name: '' };
const ways = ['make', 'link', 'move'] as const;

export function packImage(sink: ByteSink, node: NodeRecord, context: PackContext): void {
  const { directory, rare } = node;
  const { hash } = directory ?? {};
  sink.count(node.ordinal);
  sink.count(
    (directory === undefined ? 0 : isDirectory) |
      (hash === undefined ? 0 : hasHash) |
      (directory?.showsLabels === true ? showsLabels : 0),
  );
  if (hash !== undefined) sink.bytes(hash);
  packNode(sink, node, nowhere, context);
  packOps(sink, valuesOf(directory?.makes), context);
  packWaiting(sink, rare?.early ?? [], context);
  packWaiting(sink, rare?.waiting ?? [], context);
}

/** What an image says of its node's ordinal, before anything else of it is read. */
export function ordinalOfImage(image: Buffer): number {
  return new ByteSource(image).count();
}

/** What reading an image cannot do before all images are read. */
export interface Later {
  readonly hash: Buffer | undefined;
  readonly early: readonly WaitingDraft[];
  readonly waiting: readonly WaitingDraft[];
}

/** A waiting position whose node, parent and order are known by name. */
export interface WaitingDraft {
  readonly node: NodeId;
  readonly entry: EntryId;
  readonly record: OpRecord;
  readonly parent: NodeId | undefined;
  readonly replaces: readonly OpId[];
  readonly order: Pick<BatchOrder, 'journal' | 'sequence'>;
  readonly by: WaitingPosition['by'];
}

/** Fills a fresh record. @throws RangeError when the bytes are not what `packImage` wrote */
export function unpackImage(image: Buffer, node: NodeRecord, context: PackContext): Later {
  const source = new ByteSource(image);
  node.ordinal = source.count();
  const flags = source.count();
  const hash = (flags & hasHash) === 0 ? undefined : Buffer.from(source.bytes());
  if ((flags & isDirectory) !== 0) {
    node.directory ??= newDirectory();
    node.directory.showsLabels = (flags & showsLabels) !== 0;
  }
  unpackNode(source, node, nowhere, context);
  for (const make of unpackOps(source, context)) {
    if (node.directory === undefined) throw new RangeError('a place of what is no directory');
    node.directory.makes = withValue(node.directory.makes, make);
  }
  const early = unpackWaiting(source, context);
  const waiting = unpackWaiting(source, context);
  if (!source.isAtEnd) throw new RangeError('an image is longer than its node');
  return { hash, early, waiting };
}

/** Puts back what waits at a node. */
export function restoreWaiting(
  node: NodeRecord,
  { early, waiting }: Later,
  resolve: (draft: WaitingDraft) => WaitingPosition,
): void {
  if (early.length > 0) rareOf(node).early = early.map(resolve);
  if (waiting.length > 0) rareOf(node).waiting = waiting.map(resolve);
  for (const { record } of node.rare?.early ?? []) {
    if (record.parent !== undefined) rareOf(record.parent).pins += 1;
  }
  for (const { entry } of node.rare?.waiting ?? []) rareOf(entry.node).pins += 1;
}

function packOps(sink: ByteSink, ops: readonly OpRecord[], context: PackContext): void {
  sink.count(ops.length);
  for (const op of ops) packOp(sink, op, nowhere, context);
}

function unpackOps(source: ByteSource, context: PackContext): OpRecord[] {
  const ops: OpRecord[] = [];
  for (let left = source.count(); left > 0; left -= 1) {
    ops.push(unpackOp(source, nowhere, context));
  }
  return ops;
}

function packWaiting(
  sink: ByteSink,
  positions: readonly WaitingPosition[],
  context: PackContext,
): void {
  sink.count(positions.length);
  for (const { entry, record, replaces, order, by } of positions) {
    sink.count(ways.indexOf(by));
    sink.hex(entry.node.id);
    sink.hex(entry.id);
    packOp(sink, record, nowhere, context);
    sink.count(record.parent === undefined ? 0 : 1);
    if (record.parent !== undefined) sink.hex(record.parent.id);
    sink.count(replaces.length);
    for (const op of replaces) packOpId(sink, op, context);
    sink.count(context.journals.numberOf(order.journal));
    sink.count(order.sequence);
  }
}

function unpackWaiting(source: ByteSource, context: PackContext): WaitingDraft[] {
  const drafts: WaitingDraft[] = [];
  for (let left = source.count(); left > 0; left -= 1) {
    const by = ways[source.count()];
    if (by === undefined) throw new RangeError('a position of no kind');
    const node = source.hex(16) as NodeId;
    const entry = source.hex(16) as EntryId;
    const record = unpackOp(source, nowhere, context);
    const parent = source.count() === 0 ? undefined : (source.hex(16) as NodeId);
    const replaces: OpId[] = [];
    for (let names = source.count(); names > 0; names -= 1) {
      replaces.push(unpackOpId(source, context));
    }
    const order = { journal: context.journals.at(source.count()), sequence: source.count() };
    drafts.push({ node, entry, record, parent, replaces, order, by });
  }
  return drafts;
}
