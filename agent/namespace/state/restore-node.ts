/** A node of a state as records again. What waits is put back when all nodes are there. */
import type { Attributes, OpId } from '../../../protocol/messages/op.ts';
import type { StampedOp, StateNode, StateOp } from '../../../protocol/messages/state.ts';
import { held } from '../one-or-many.ts';
import {
  newDirectory,
  newEntry,
  opKey,
  rareOf,
  type EntryRecord,
  type NodeRecord,
  type OpRecord,
} from '../records.ts';
import type { EntryId, NodeId } from '../../../protocol/ids.ts';

/** Moves of a directory, which belong to the log of all. */
type Moves = readonly OpRecord[];

/**
 * Fills a fresh record.
 * @param parentOf the directory of an id
 */
export function restoreNode(
  record: NodeRecord,
  node: StateNode,
  parentOf: (id: NodeId) => NodeRecord,
): Moves {
  record.kind = node.kind;
  if (node.isDirectory) record.directory ??= newDirectory();
  restoreRare(record, node);
  const registers = new Registers(record);
  for (const { id, deleted, replaced } of node.entries) {
    const entry = registers.entry(id);
    if (deleted !== undefined) entry.deleted = bare(deleted);
    if (replaced.length > 0) entry.replaced ??= new Set();
    for (const name of replaced) entry.replaced?.add(opKey(name));
  }
  for (const op of node.ops) registers.take(op, parentOf);
  return registers.finish();
}

function restoreRare(record: NodeRecord, node: StateNode): void {
  const { lineage, hasKin, target, buried, superseded, covered, outdated } = node;
  if (lineage !== undefined) rareOf(record).lineage = lineage;
  if (lineage !== undefined || hasKin) rareOf(record).hasKin = true;
  if (target !== undefined) {
    rareOf(record).target = {
      value: target.value,
      by: bare({ op: target.by, stamp: noStamp }),
    };
  }
  if (buried.length > 0) rareOf(record).buried = keysOf(buried);
  if (superseded.length > 0) rareOf(record).superseded = keysOf(superseded);
  if (covered.length > 0) rareOf(record).covered = keysOf(covered);
  for (const { op, mode, mtime, xattrs } of outdated) {
    const keys: Attributes = {
      ...(mode ? { mode: 0 } : {}),
      ...(mtime ? { mtime: { seconds: 0, nanoseconds: 0 } } : {}),
      ...(xattrs.length > 0 ? { xattrs: new Map(xattrs.map((name) => [name, undefined])) } : {}),
    };
    const lists = (rareOf(record).outdated ??= new Map<string, Attributes[]>());
    const list = lists.get(opKey(op));
    if (list === undefined) lists.set(opKey(op), [keys]);
    else list.push(keys);
  }
}

const noStamp = { wallMs: 0, counter: 0 };
const noAttributes: Attributes = {};

/** What the registers of one node hold, gathered before they are set. */
class Registers {
  readonly #record: NodeRecord;
  readonly #attributes: OpRecord[] = [];
  readonly #heads: OpRecord[] = [];
  readonly #signs: OpRecord[] = [];
  readonly #makes: OpRecord[] = [];
  readonly #moves: OpRecord[] = [];
  readonly #entries = new Map<EntryId, EntryRecord>();
  readonly #positions = new Map<EntryRecord, OpRecord[]>();

  constructor(record: NodeRecord) {
    this.#record = record;
  }

  entry(id: EntryId): EntryRecord {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = newEntry(id, this.#record);
      this.#entries.set(id, entry);
    }
    return entry;
  }

  take(op: StateOp, parentOf: (id: NodeId) => NodeRecord): void {
    const { place, attributes = noAttributes, content, own } = op;
    const record: OpRecord = {
      ...bare(op),
      parent: place && parentOf(place.parent),
      name: place?.name ?? '',
      attributes,
      content,
    };
    if (op.attributes !== undefined) this.#attributes.push(record);
    if (op.isSign) this.#signs.push(record);
    if (content !== undefined) {
      this.#heads.push(own === undefined ? record : { ...record, attributes: own });
    }
    if (place === undefined) return;
    if (place.entry === undefined) (place.isMove ? this.#moves : this.#makes).push(record);
    else this.#place(this.entry(place.entry), record);
  }

  finish(): Moves {
    const record = this.#record;
    record.attributes = held(this.#attributes);
    record.heads = held(this.#heads);
    record.signs = held(this.#signs);
    record.entries = held([...this.#entries.values()]);
    for (const [entry, positions] of this.#positions) entry.positions = held(positions);
    if (record.directory !== undefined) record.directory.makes = held(this.#makes);
    return this.#moves;
  }

  #place(entry: EntryRecord, record: OpRecord): void {
    const positions = this.#positions.get(entry);
    if (positions === undefined) this.#positions.set(entry, [record]);
    else positions.push(record);
  }
}

/** Its name and its stamp. */
function bare({ op, stamp }: StampedOp): OpRecord {
  const nothing = {
    parent: undefined,
    name: '',
    attributes: noAttributes,
    content: undefined,
  };
  return { ...op, ...stamp, ...nothing };
}

function keysOf(ops: readonly OpId[]): Set<string> {
  return new Set(ops.map(opKey));
}
