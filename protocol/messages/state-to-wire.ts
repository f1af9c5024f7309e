/** Items of state pages on their way to state.proto. Ids that repeat become numbers in the page's tables. */
import { idToBytes, type EpochId, type JournalId } from '../ids.ts';
import type { peervault } from '../proto/state.js';
import { attributesToWire } from './content-wire.ts';
import { noteToWire } from './note-wire.ts';
import type { Attributes, ChunkRef, Content, OpId, Seen, Stamp } from './op.ts';
import type {
  StateItem,
  StateNode,
  StateOp,
  StateOutdated,
  StatePlace,
  StateWaiting,
} from './state.ts';

type WireItem = peervault.state.StateItem.$Properties;
type WireOpId = peervault.state.StateOpId.$Properties;

/** Numbers of one page. */
export interface NumberTables {
  journal(id: JournalId): number;
  epoch(id: EpochId): number;
}

export const kindNumbers = { file: 1, directory: 2, symlink: 3, void: 4 } as const;
export const positionNumbers = { make: 1, link: 2, move: 3 } as const;

export function stateItemToWire(item: StateItem, tables: NumberTables): WireItem {
  switch (item.type) {
    case 'head':
      return { head: { rejected: count(item.rejected) } };
    case 'journal': {
      const { journal, sequence, hash } = item;
      const bytes = hash === undefined ? null : idToBytes(hash);
      return { journal: { journal: count(tables.journal(journal)), sequence, hash: bytes } };
    }
    case 'counters': {
      const journal = count(tables.journal(item.journal));
      const lowered = item.lowered.map(({ sequence, lamport, seen }) => ({
        sequence,
        lamport,
        seen: seen.map((each) => seenToWire(each, tables)),
      }));
      return { counters: { journal, leaps: [...item.leaps], lowered } };
    }
    case 'snapshot': {
      const { id, name, vector, op, stamp } = item;
      const seen = [...vector].map(([journal, sequence]) =>
        seenToWire({ journal, sequence }, tables),
      );
      const place = { op: opIdToWire(op, tables), stamp: stampToWire(stamp) };
      return {
        snapshot: { id: Buffer.from(id, 'hex'), name: name || null, vector: seen, ...place },
      };
    }
    case 'dropped':
      return { dropped: { ids: item.ids.map((id) => Buffer.from(id, 'hex')) } };
    case 'note': {
      const { op, stamp, note } = item;
      const place = { op: opIdToWire(op, tables), stamp: stampToWire(stamp) };
      const { text, ...wire } = noteToWire(note);
      return { note: { ...place, note: { ...wire, text: text || null } } };
    }
    case 'node':
      return { node: nodeToWire(item, tables) };
  }
}

function nodeToWire(node: StateNode, tables: NumberTables): peervault.state.StateNode.$Properties {
  const opIds = (ids: readonly OpId[]): WireOpId[] => ids.map((id) => opIdToWire(id, tables));
  const { target } = node;
  return {
    node: idToBytes(node.id),
    kind: node.kind === undefined ? null : kindNumbers[node.kind],
    isDirectory: node.isDirectory || null,
    lineage: node.lineage === undefined ? null : idToBytes(node.lineage),
    hasKin: node.hasKin || null,
    target:
      target === undefined ? null : { value: target.value, by: opIdToWire(target.by, tables) },
    ops: node.ops.map((op) => opToWire(op, tables)),
    entries: node.entries.map(({ id, deleted, replaced }) => ({
      entry: idToBytes(id),
      deletedBy: deleted === undefined ? null : opIdToWire(deleted.op, tables),
      deleted: deleted === undefined ? null : stampToWire(deleted.stamp),
      replaced: opIds(replaced),
    })),
    waiting: node.waiting.map((position) => waitingToWire(position, tables)),
    buried: opIds(node.buried),
    superseded: opIds(node.superseded),
    covered: opIds(node.covered),
    outdated: node.outdated.map((outdated) => outdatedToWire(outdated, tables)),
  };
}

function opToWire(op: StateOp, tables: NumberTables): peervault.state.StateOp.$Properties {
  const { place, attributes, content, own } = op;
  return {
    op: opIdToWire(op.op, tables),
    stamp: stampToWire(op.stamp),
    place: place === undefined ? null : placeToWire(place),
    attributes: attributes === undefined ? null : heldToWire(attributes),
    content: content === undefined ? null : contentToWire(content, tables),
    own: own === undefined ? null : attributesToWire(own),
    isSign: op.isSign || null,
  };
}

/** Extended attributes in the order of their names. */
function heldToWire(attributes: Attributes): peervault.state.StateAttributes.$Properties {
  const wire = attributesToWire(attributes);
  const xattrs = [...(wire.xattrs ?? [])];
  xattrs.sort((a, b) => Buffer.compare(a.name ?? noBytes, b.name ?? noBytes));
  return { ...wire, xattrs };
}

const noBytes = new Uint8Array();

function placeToWire(place: StatePlace): peervault.state.StatePlace.$Properties {
  const { entry, parent, name, isMove } = place;
  return {
    entry: entry === undefined ? null : idToBytes(entry),
    parent: idToBytes(parent),
    name: Buffer.from(name, 'latin1'),
    isMove: isMove || null,
  };
}

function waitingToWire(
  { op, stamp, place, by, replaces }: StateWaiting,
  tables: NumberTables,
): peervault.state.StateWaiting.$Properties {
  return {
    op: opIdToWire(op, tables),
    stamp: stampToWire(stamp),
    place: placeToWire(place),
    by: positionNumbers[by],
    replaces: replaces.map((id) => opIdToWire(id, tables)),
  };
}

function outdatedToWire(
  { op, mode, mtime, xattrs }: StateOutdated,
  tables: NumberTables,
): peervault.state.StateOutdated.$Properties {
  return {
    op: opIdToWire(op, tables),
    mode: mode || null,
    mtime: mtime || null,
    xattrs: xattrs.map((name) => Buffer.from(name, 'latin1')),
  };
}

function contentToWire(
  content: Content,
  tables: NumberTables,
): peervault.state.StateContent.$Properties {
  switch (content.type) {
    case 'empty':
      return {};
    case 'small': {
      const { record, salt, hash, epoch } = content.small;
      const number = count(tables.epoch(epoch));
      const small = { record: idToBytes(record), salt, hash, epoch: number };
      return { size: content.size, small };
    }
    case 'chunk':
      return { size: content.size, chunk: chunkToWire(content.chunk, tables) };
    case 'manifest':
      return { size: content.size, manifest: chunkToWire(content.manifest, tables) };
  }
}

function chunkToWire(
  chunk: ChunkRef,
  tables: NumberTables,
): peervault.state.StateChunk.$Properties {
  return {
    cid: idToBytes(chunk.cid),
    pid: idToBytes(chunk.pid),
    epoch: count(tables.epoch(chunk.epoch)),
    format: count(chunk.format),
    plainLength: chunk.plainLength,
    sealedLength: chunk.sealedLength,
  };
}

function opIdToWire({ journal, sequence, index }: OpId, tables: NumberTables): WireOpId {
  return {
    journal: count(tables.journal(journal)),
    sequence: count(sequence),
    index: count(index),
  };
}

function stampToWire({ wallMs, counter }: Stamp): peervault.state.StateStamp.$Properties {
  return { wallMs: count(wallMs), counter: count(counter) };
}

function seenToWire(
  { journal, sequence }: Seen,
  tables: NumberTables,
): peervault.state.StateSeen.$Properties {
  return { journal: count(tables.journal(journal)), sequence: count(sequence) };
}

/** What is 0 is not written. */
function count(value: number): number | null {
  return value === 0 ? null : value;
}
