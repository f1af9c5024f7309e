/**
 * A node with its entries and everything that its registers hold, between records and packed bytes.
 * An operation that stands in several registers is packed once and is one record again afterwards:
 * rules compare operations of a node by identity.
 */
import type { EntryId, NodeId } from '../../../protocol/ids.ts';
import type { Attributes, OpId } from '../../../protocol/messages/op.ts';
import { valuesOf, withValue, type OneOrMany } from '../one-or-many.ts';
import {
  newEntry,
  opKey,
  rareOf,
  type EntryRecord,
  type NodeRecord,
  type OpRecord,
} from '../records.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';
import {
  packAttributes,
  packOp,
  packOpKey,
  unpackAttributes,
  unpackOp,
  unpackOpId,
  type PackPlace,
} from './op-codec.ts';
import type { PackContext } from './pack-context.ts';

const kinds = [undefined, 'file', 'directory', 'symlink', 'void'] as const;

const hasBuried = 1;
const hasSuperseded = 2;
const hasCovered = 4;
const hasOutdated = 8;
const hasTarget = 16;
const hasLineage = 32;
const hasKin = 64;

const shortTable = 16;

/** Operations of one node by their place in its table, from 1 on; 0 stands for none. */
class OpTable {
  readonly ops: OpRecord[] = [];
  /** Only of the few nodes for which looking along the list would take long. */
  #refs: Map<OpRecord, number> | undefined;

  add(op: OpRecord | undefined): void {
    if (op === undefined || this.refOf(op) !== 0) return;
    this.ops.push(op);
    if (this.#refs !== undefined) this.#refs.set(op, this.ops.length);
    else if (this.ops.length === shortTable) {
      this.#refs = new Map(this.ops.map((held, at) => [held, at + 1]));
    }
  }

  refOf(op: OpRecord | undefined): number {
    if (op === undefined) return 0;
    return this.#refs === undefined ? this.ops.indexOf(op) + 1 : (this.#refs.get(op) ?? 0);
  }
}

/** Packs everything but the id, the part of directories and what waits for others. */
export function packNode(
  sink: ByteSink,
  node: NodeRecord,
  place: PackPlace,
  context: PackContext,
): void {
  const table = tableOf(node);
  sink.count(kinds.indexOf(node.kind));
  sink.count(table.ops.length);
  for (const op of table.ops) packOp(sink, op, place, context);
  packList(sink, node.attributes, table);
  packList(sink, node.heads, table);
  packList(sink, node.signs, table);
  const entries = valuesOf(node.entries);
  sink.count(entries.length);
  for (const entry of entries) packEntry(sink, entry, table, context);
  packRare(sink, node, table, context);
}

/** Fills a fresh record. @throws RangeError when the bytes are not what `packNode` wrote */
export function unpackNode(
  source: ByteSource,
  node: NodeRecord,
  place: PackPlace,
  context: PackContext,
): void {
  const kind = source.count();
  if (kind >= kinds.length) throw new RangeError('a node of no kind');
  node.kind = kinds[kind];
  const ops: OpRecord[] = [];
  for (let left = source.count(); left > 0; left -= 1) ops.push(unpackOp(source, place, context));
  node.attributes = unpackList(source, ops);
  node.heads = unpackList(source, ops);
  node.signs = unpackList(source, ops);
  for (let left = source.count(); left > 0; left -= 1) {
    node.entries = withValue(node.entries, unpackEntry(source, { node, ops, context }));
  }
  unpackRare(source, node, ops, context);
}

function tableOf(node: NodeRecord): OpTable {
  const table = new OpTable();
  for (const op of valuesOf(node.attributes)) table.add(op);
  for (const op of valuesOf(node.heads)) table.add(op);
  for (const op of valuesOf(node.signs)) table.add(op);
  for (const entry of valuesOf(node.entries)) {
    for (const op of valuesOf(entry.positions)) table.add(op);
    table.add(entry.listed);
    table.add(entry.deleted);
  }
  table.add(node.rare?.target?.by);
  return table;
}

function packList(sink: ByteSink, held: OneOrMany<OpRecord>, table: OpTable): void {
  const ops = valuesOf(held);
  sink.count(ops.length);
  for (const op of ops) sink.count(table.refOf(op));
}

function unpackList(source: ByteSource, ops: readonly OpRecord[]): OneOrMany<OpRecord> {
  let held: OneOrMany<OpRecord>;
  for (let left = source.count(); left > 0; left -= 1) {
    const op = refAt(ops, source.count());
    if (op !== undefined) held = withValue(held, op);
  }
  return held;
}

function refAt(ops: readonly OpRecord[], ref: number): OpRecord | undefined {
  if (ref > ops.length) throw new RangeError('an operation that is not in the table');
  return ops[ref - 1];
}

function packEntry(sink: ByteSink, entry: EntryRecord, table: OpTable, context: PackContext): void {
  sink.hex(entry.id);
  packList(sink, entry.positions, table);
  sink.count(table.refOf(entry.listed));
  sink.count(table.refOf(entry.deleted));
  packKeys(sink, entry.replaced, context);
}

function unpackEntry(
  source: ByteSource,
  { node, ops, context }: { node: NodeRecord; ops: readonly OpRecord[]; context: PackContext },
): EntryRecord {
  const entry = newEntry(source.hex(16) as EntryId, node);
  entry.positions = unpackList(source, ops);
  entry.listed = refAt(ops, source.count());
  entry.deleted = refAt(ops, source.count());
  entry.replaced = unpackKeys(source, context);
  return entry;
}

function packRare(sink: ByteSink, node: NodeRecord, table: OpTable, context: PackContext): void {
  const { rare } = node;
  const flags =
    (rare?.buried === undefined ? 0 : hasBuried) |
    (rare?.superseded === undefined ? 0 : hasSuperseded) |
    (rare?.covered === undefined ? 0 : hasCovered) |
    (rare?.outdated === undefined ? 0 : hasOutdated) |
    (rare?.target === undefined ? 0 : hasTarget) |
    (rare?.lineage === undefined ? 0 : hasLineage) |
    (rare?.hasKin === true ? hasKin : 0);
  sink.count(flags);
  if (rare === undefined || flags === 0) return;
  if (rare.buried !== undefined) packKeys(sink, rare.buried, context);
  if (rare.superseded !== undefined) packKeys(sink, rare.superseded, context);
  if (rare.covered !== undefined) packKeys(sink, rare.covered, context);
  if (rare.outdated !== undefined) packOutdated(sink, rare.outdated, context);
  if (rare.target !== undefined) {
    sink.bytes(rare.target.value);
    sink.count(table.refOf(rare.target.by));
  }
  if (rare.lineage !== undefined) sink.hex(rare.lineage);
}

function unpackRare(
  source: ByteSource,
  node: NodeRecord,
  ops: readonly OpRecord[],
  context: PackContext,
): void {
  const flags = source.count();
  if (flags === 0) return;
  const rare = rareOf(node);
  if ((flags & hasBuried) !== 0) rare.buried = unpackKeys(source, context);
  if ((flags & hasSuperseded) !== 0) rare.superseded = unpackKeys(source, context);
  if ((flags & hasCovered) !== 0) rare.covered = unpackKeys(source, context);
  if ((flags & hasOutdated) !== 0) rare.outdated = unpackOutdated(source, context);
  if ((flags & hasTarget) !== 0) {
    const value = source.bytes();
    const by = refAt(ops, source.count());
    if (by === undefined) throw new RangeError('a target that nobody gave');
    rare.target = { value, by };
  }
  if ((flags & hasLineage) !== 0) rare.lineage = source.hex(16) as NodeId;
  rare.hasKin = (flags & hasKin) !== 0;
}

function packKeys(sink: ByteSink, keys: ReadonlySet<string> | undefined, at: PackContext): void {
  sink.count(keys?.size ?? 0);
  for (const key of keys ?? []) packOpKey(sink, key, at);
}

function unpackKeys(source: ByteSource, context: PackContext): Set<string> | undefined {
  const count = source.count();
  if (count === 0) return undefined;
  const keys = new Set<string>();
  for (let left = count; left > 0; left -= 1) keys.add(opKey(unpackOpId(source, context)));
  return keys;
}

function packOutdated(
  sink: ByteSink,
  outdated: ReadonlyMap<string, readonly Attributes[]>,
  context: PackContext,
): void {
  sink.count(outdated.size);
  for (const [key, lists] of outdated) {
    packOpKey(sink, key, context);
    sink.count(lists.length);
    for (const attributes of lists) packAttributes(sink, attributes);
  }
}

function unpackOutdated(source: ByteSource, context: PackContext): Map<string, Attributes[]> {
  const outdated = new Map<string, Attributes[]>();
  for (let left = source.count(); left > 0; left -= 1) {
    const op: OpId = unpackOpId(source, context);
    const lists: Attributes[] = [];
    for (let list = source.count(); list > 0; list -= 1) lists.push(unpackAttributes(source));
    outdated.set(opKey(op), lists);
  }
  return outdated;
}
