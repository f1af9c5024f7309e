/** Items of state pages as they come from another device: every field is checked on its way to the domain. */
import { VaultError } from '../errors.ts';
import { type EpochId, type JournalId } from '../ids.ts';
import type { peervault } from '../proto/state.js';
import { boundedFromWire } from './codec.ts';
import { attributesFromWire } from './content-wire.ts';
import { exactBytes, optionalWireId, wireId, type WireBytes } from './exact-bytes.ts';
import { noteFromWire } from './note-wire.ts';
import type { Attributes, ChunkRef, Content, OpId, Seen, Stamp } from './op.ts';
import type {
  StampedOp,
  StateEntry,
  StateItem,
  StateNode,
  StateOp,
  StateOutdated,
  StatePlace,
  StateWaiting,
} from './state.ts';
import { countFromWire } from './wire-number.ts';

type WireOpId = peervault.state.StateOpId.$Properties | null | undefined;
type WireStamp = peervault.state.StateStamp.$Properties | null | undefined;
type WireSeen = peervault.state.StateSeen.$Properties;

/** Ids by their numbers in one page. */
export interface IdTables {
  readonly journals: readonly JournalId[];
  readonly epochs: readonly EpochId[];
}

const op = 'messages.stateItem';
const indexMax = 0xffff_ffff;
const kinds = [undefined, 'file', 'directory', 'symlink', 'void'] as const;
const positions = [undefined, 'make', 'link', 'move'] as const;

/** @throws VaultError `malformed` */
export function stateItemFromWire(
  wire: peervault.state.StateItem.$Properties,
  tables: IdTables,
): StateItem {
  if (wire.head) return { type: 'head', rejected: countFromWire(wire.head.rejected, op) };
  if (wire.journal) {
    return {
      type: 'journal',
      journal: at(tables.journals, wire.journal.journal),
      sequence: countFromWire(wire.journal.sequence, op),
      hash: optionalWireId('batch', wire.journal.hash),
    };
  }
  if (wire.counters) {
    return {
      type: 'counters',
      journal: at(tables.journals, wire.counters.journal),
      leaps: (wire.counters.leaps ?? []).map((leap) => countFromWire(leap, op)),
      lowered: (wire.counters.lowered ?? []).map(({ sequence, lamport, seen }) => ({
        sequence: countFromWire(sequence, op),
        lamport: countFromWire(lamport, op),
        seen: (seen ?? []).map((each) => seenFromWire(each, tables)),
      })),
    };
  }
  if (wire.snapshot) {
    const { id, name, vector } = wire.snapshot;
    const seen = (vector ?? []).map((each) => seenFromWire(each, tables));
    return {
      type: 'snapshot',
      id: wireId('node', id),
      name: name ?? '',
      vector: new Map(seen.map(({ journal, sequence }) => [journal, sequence])),
      ...stamped(wire.snapshot, tables),
    };
  }
  if (wire.dropped) {
    return { type: 'dropped', ids: (wire.dropped.ids ?? []).map((id) => wireId('node', id)) };
  }
  if (wire.note) {
    const note = noteFromWire(wire.note.note ?? {});
    return { type: 'note', ...stamped(wire.note, tables), note };
  }
  if (wire.node) return nodeFromWire(wire.node, tables);
  throw refused('an item of no kind');
}

function nodeFromWire(wire: peervault.state.StateNode.$Properties, tables: IdTables): StateNode {
  const opIds = (ids: readonly WireOpId[] | null | undefined): readonly OpId[] =>
    ids?.map((id) => opIdFromWire(id, tables)) ?? noIds;
  const { target } = wire;
  return {
    type: 'node',
    id: wireId('node', wire.node),
    kind: kinds[boundedFromWire(wire.kind ?? 0, kinds.length - 1, op)],
    isDirectory: wire.isDirectory === true,
    lineage: optionalWireId('node', wire.lineage),
    hasKin: wire.hasKin === true,
    target: target
      ? { value: Buffer.from(target.value ?? []), by: opIdFromWire(target.by, tables) }
      : undefined,
    ops: (wire.ops ?? []).map((each) => opFromWire(each, tables)),
    entries: (wire.entries ?? []).map((each) => entryFromWire(each, tables)),
    waiting: (wire.waiting ?? []).map((each) => waitingFromWire(each, tables)),
    buried: opIds(wire.buried),
    superseded: opIds(wire.superseded),
    covered: opIds(wire.covered),
    outdated: (wire.outdated ?? []).map((each) => outdatedFromWire(each, tables)),
  };
}

const noIds: readonly OpId[] = [];

function opFromWire(wire: peervault.state.StateOp.$Properties, tables: IdTables): StateOp {
  const { place, attributes, content, own } = wire;
  return {
    ...stamped(wire, tables),
    place: place ? placeFromWire(place) : undefined,
    attributes: attributes ? heldFromWire(attributes) : undefined,
    content: content ? contentFromWire(content, tables) : undefined,
    own: own ? heldFromWire(own) : undefined,
    isSign: wire.isSign === true,
  };
}

/** Values are copied: the page is not kept. */
function heldFromWire(wire: peervault.state.StateAttributes.$Properties): Attributes {
  return attributesFromWire(wire);
}

function placeFromWire(wire: peervault.state.StatePlace.$Properties): StatePlace {
  return {
    entry: optionalWireId('entry', wire.entry),
    parent: wireId('node', wire.parent),
    name: latin1(wire.name),
    isMove: wire.isMove === true,
  };
}

function entryFromWire(
  { entry, deletedBy, deleted, replaced }: peervault.state.StateEntry.$Properties,
  tables: IdTables,
): StateEntry {
  return {
    id: wireId('entry', entry),
    deleted: deletedBy
      ? { op: opIdFromWire(deletedBy, tables), stamp: stampFromWire(deleted) }
      : undefined,
    replaced: replaced?.map((id) => opIdFromWire(id, tables)) ?? noIds,
  };
}

function waitingFromWire(
  wire: peervault.state.StateWaiting.$Properties,
  tables: IdTables,
): StateWaiting {
  const by = positions[boundedFromWire(wire.by ?? 0, positions.length - 1, op)];
  const place = placeFromWire(wire.place ?? {});
  const { entry } = place;
  if (by === undefined || entry === undefined) throw refused('a position of no kind or entry');
  const replaces = (wire.replaces ?? []).map((id) => opIdFromWire(id, tables));
  return { ...stamped(wire, tables), place: { ...place, entry }, by, replaces };
}

function outdatedFromWire(
  wire: peervault.state.StateOutdated.$Properties,
  tables: IdTables,
): StateOutdated {
  return {
    op: opIdFromWire(wire.op, tables),
    mode: wire.mode === true,
    mtime: wire.mtime === true,
    xattrs: (wire.xattrs ?? []).map(latin1),
  };
}

const emptyContent: Content = { type: 'empty' };

function contentFromWire(
  { size: bytes, small, chunk, manifest }: peervault.state.StateContent.$Properties,
  tables: IdTables,
): Content {
  const size = countFromWire(bytes, op);
  if (small) {
    return {
      type: 'small',
      size,
      small: {
        record: wireId('chunk', small.record),
        salt: exactBytes(small.salt, 32, 'StateSmall.salt'),
        hash: exactBytes(small.hash, 32, 'StateSmall.hash'),
        epoch: at(tables.epochs, small.epoch),
      },
    };
  }
  if (chunk) return { type: 'chunk', size, chunk: chunkFromWire(chunk, tables) };
  if (manifest) return { type: 'manifest', size, manifest: chunkFromWire(manifest, tables) };
  if (size !== 0) throw refused('a size without a place');
  return emptyContent;
}

function chunkFromWire(wire: peervault.state.StateChunk.$Properties, tables: IdTables): ChunkRef {
  return {
    cid: wireId('chunk', wire.cid),
    pid: wireId('plain', wire.pid),
    epoch: at(tables.epochs, wire.epoch),
    format: wire.format ?? 0,
    plainLength: wire.plainLength ?? 0,
    sealedLength: wire.sealedLength ?? 0,
  };
}

function stamped(
  wire: { readonly op?: WireOpId; readonly stamp?: WireStamp },
  tables: IdTables,
): StampedOp {
  return { op: opIdFromWire(wire.op, tables), stamp: stampFromWire(wire.stamp) };
}

function opIdFromWire(wire: WireOpId, tables: IdTables): OpId {
  if (!wire) throw refused('an operation without a name');
  const sequence = countFromWire(wire.sequence, op);
  const index = boundedFromWire(wire.index ?? 0, indexMax, op);
  return { journal: at(tables.journals, wire.journal), sequence, index };
}

function stampFromWire(wire: WireStamp): Stamp {
  return { wallMs: countFromWire(wire?.wallMs, op), counter: countFromWire(wire?.counter, op) };
}

function seenFromWire({ journal, sequence }: WireSeen, tables: IdTables): Seen {
  return { journal: at(tables.journals, journal), sequence: countFromWire(sequence, op) };
}

function at<T>(table: readonly T[], number: number | null | undefined): T {
  const found = table[number ?? 0];
  if (found === undefined) throw refused('a number that is not in its table');
  return found;
}

function latin1(bytes: WireBytes): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}

function refused(detail: string): VaultError {
  return new VaultError('malformed', { op, detail });
}
