/**
 * One operation, taken apart into what it says: a kind, a position, attributes, a version, a
 * tombstone. Each goes to a register whose state does not depend on the order of arrival.
 */
import { checkOp } from '../journal/check-op.ts';
import type { EntryId, JournalId } from '../../protocol/ids.ts';
import type {
  Attributes,
  Content,
  MakeOp,
  MoveOp,
  NodeKind,
  Op,
  OpId,
  Replaced,
  WriteOp,
} from '../../protocol/messages/op.ts';
import { addAttributes } from './attributes.ts';
import { addHead, bury } from './contents.ts';
import { joinLineages } from './lineage.ts';
import { unsettle } from './listing.ts';
import { addSign, coverSigns, forgetSigns } from './liveness.ts';
import { addPosition, wakeEarly, wakeWaiting } from './positions.ts';
import {
  compareOps,
  compareStamps,
  newDirectory,
  rareOf,
  type BatchOrder,
  type NodeRecord,
  type OpRecord,
} from './records.ts';
import { entryOf, nodeOf, touchDirectory, type TreeState } from './state.ts';

/** Where and when an operation stands. */
export interface OpPlace {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly index: number;
  readonly wallMs: number;
  readonly counter: number;
  readonly order: BatchOrder;
}

/** Takes in one operation; false when it breaks a rule and has no effect. */
export function applyOp(state: TreeState, op: Op, at: OpPlace): boolean {
  if (checkOp(op) !== undefined) return false;
  switch (op.type) {
    case 'make':
      applyMake(state, op, at);
      break;
    case 'write':
      applyWrite(state, op, at);
      break;
    case 'set-attributes': {
      const node = nodeOf(state, op.node);
      const record = recordOf(at, { attributes: op.attributes });
      changeNode(state, node);
      addAttributes(state, node, record, op.replaces);
      addSign(state, node, record, op.replaces);
      break;
    }
    case 'link': {
      const node = nodeOf(state, op.node);
      const record = recordOf(at, { parent: nodeOf(state, op.parent), name: op.name });
      const entry = entryOf(state, node, op.entry);
      addPosition(state, { entry, record, replaces: [], order: at.order, by: 'link' });
      makeWay(state, op.over, { record, node });
      break;
    }
    case 'move':
      applyMove(state, op, at);
      break;
    case 'unlink': {
      const node = nodeOf(state, op.node);
      tombstone(state, { entry: op.entry, node, heads: op.heads }, recordOf(at, {}));
      break;
    }
    case 'remove-directory':
      buryNames(state, nodeOf(state, op.node), op.replaces);
      break;
    case 'take-snapshot': {
      const { journal, sequence, index, wallMs, counter } = at;
      state.snapshots.take(op, { journal, sequence, index }, { wallMs, counter });
      break;
    }
    case 'drop-snapshot':
      state.snapshots.drop(op.id);
      break;
    case 'note': {
      const { journal, sequence, index, wallMs, counter } = at;
      state.notes.take(op, { journal, sequence, index }, { wallMs, counter });
      break;
    }
    case 'unknown':
      break;
  }
  return true;
}

function applyMake(state: TreeState, op: MakeOp, at: OpPlace): void {
  const node = nodeOf(state, op.node);
  const record = recordOf(at, {
    parent: nodeOf(state, op.parent),
    name: op.name,
    attributes: op.attributes,
    content: op.content,
  });
  changeNode(state, node);
  const entry = entryOf(state, node, op.entry);
  learnKind(state, node, op.kind);
  if (op.target !== undefined) learnTarget(node, { value: op.target, by: record });
  addPosition(state, { entry, record, replaces: [], order: at.order, by: 'make' });
  if (node.directory !== undefined) wakeWaiting(state, node);
  addAttributes(state, node, record, []);
  addSign(state, node, record, []);
  if (op.content !== undefined) addHead(state, node, record, []);
  makeWay(state, op.over, { record, node });
}

function applyWrite(state: TreeState, op: WriteOp, at: OpPlace): void {
  const node = nodeOf(state, op.node);
  const record = recordOf(at, { attributes: op.attributes, content: op.content });
  changeNode(state, node);
  addHead(state, node, record, op.supersedes);
  addAttributes(state, node, record, op.replaces);
}

function applyMove(state: TreeState, op: MoveOp, at: OpPlace): void {
  const node = nodeOf(state, op.node);
  const record = recordOf(at, { parent: nodeOf(state, op.parent), name: op.name });
  const entry = entryOf(state, node, op.entry);
  addPosition(state, { entry, record, replaces: op.replaces, order: at.order, by: 'move' });
  addSign(state, node, record, op.replaces);
  makeWay(state, op.over, { record, node });
}

/** The entry that had the name makes way, and the two nodes have one history from now on. */
function makeWay(
  state: TreeState,
  over: Replaced | undefined,
  by: { readonly record: OpRecord; readonly node: NodeRecord },
): void {
  if (over === undefined) return;
  const replaced = nodeOf(state, over.node);
  tombstone(state, { entry: over.entry, node: replaced, heads: over.heads }, by.record);
  unsettle(state, by.node);
  if (joinLineages(state, by.node, replaced)) state.forgetsHashes = true;
}

interface Tombstone {
  readonly entry: EntryId;
  readonly node: NodeRecord;
  readonly heads: readonly OpId[];
}

function tombstone(state: TreeState, stone: Tombstone, record: OpRecord): void {
  unsettle(state, stone.node);
  const entry = entryOf(state, stone.node, stone.entry);
  if (entry.deleted === undefined || compareStamps(record, entry.deleted) > 0)
    entry.deleted = record;
  buryNames(state, stone.node, stone.heads);
}

/** What a deletion saw no longer keeps a file's last entry, or a directory, alive. */
function buryNames(state: TreeState, node: NodeRecord, names: readonly OpId[]): void {
  unsettle(state, node);
  if (node.directory === undefined) bury(node, names);
  coverSigns(state, node, names);
}

function learnKind(state: TreeState, node: NodeRecord, kind: NodeKind): void {
  const before = node.kind;
  if (kind === 'directory' && node.directory === undefined) {
    node.directory = newDirectory();
    state.moves.addDirectory(node);
  }
  if (before === undefined) node.kind = kind;
  else if (before !== kind && before !== 'void') {
    node.kind = 'void';
    state.stirred.add(node);
    state.moves.rebuild();
  }
  if (before === undefined && kind !== 'directory') forgetSigns(node);
  if (before === undefined) wakeEarly(state, node);
}

function learnTarget(node: NodeRecord, target: { value: Buffer; by: OpRecord }): void {
  const rare = rareOf(node);
  const isLower = rare.target === undefined || compareOps(target.by, rare.target.by) < 0;
  if (isLower) rare.target = target;
}

/** Whatever the node shows may change, in its own row and, for the root, in its own listing. */
function changeNode(state: TreeState, node: NodeRecord): void {
  unsettle(state, node);
  if (node.directory !== undefined) touchDirectory(state, node.directory.listed?.parent ?? node);
}

const noAttributes: Attributes = {};

interface RecordFields {
  readonly parent?: NodeRecord;
  readonly name?: Buffer;
  readonly attributes?: Attributes;
  readonly content?: Content | undefined;
}

function recordOf(at: OpPlace, fields: RecordFields): OpRecord {
  return {
    journal: at.journal,
    sequence: at.sequence,
    index: at.index,
    wallMs: at.wallMs,
    counter: at.counter,
    parent: fields.parent,
    name: fields.name === undefined ? '' : fields.name.toString('latin1'),
    attributes: fields.attributes ?? noAttributes,
    content: fields.content,
  };
}
