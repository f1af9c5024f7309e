/**
 * Operations between journal.proto and the domain (protocol/SPEC.md, "Journals"). An operation that
 * this version cannot read, because it is newer or because a field of it is malformed, becomes
 * `unknown`: it keeps its place in the batch, so that the names of the others stay right, and has no
 * effect. Whether a readable one is also allowed is the business of `agent/journal/check-op.ts`.
 */
import { isVaultError } from '../errors.ts';
import { idToBytes } from '../ids.ts';
import type { peervault } from '../proto/journal.js';
import {
  attributesFromWire,
  attributesToWire,
  contentFromWire,
  contentToWire,
  opIdsFromWire,
  opIdsToWire,
  type RefBase,
} from './content-wire.ts';
import { wireId, type WireBytes } from './exact-bytes.ts';
import { noteFromWire, noteToWire } from './note-wire.ts';
import type { MakeOp, NodeKind, Op, Replaced } from './op.ts';
import { seenFromWire, seenToWire } from './seen-wire.ts';

type WireOp = peervault.journal.Op.$Properties;
type WireReplaced = peervault.journal.Replaced.$Properties;

const kindNumbers = { file: 1, directory: 2, symlink: 3 } as const satisfies Record<
  NodeKind,
  number
>;
const kindNames: readonly (NodeKind | undefined)[] = [undefined, 'file', 'directory', 'symlink'];

const unknownOp: Op = { type: 'unknown' };

/** One operation for the wire. `unknown` becomes an operation of no kind. */
export function opToWire(op: Op, base: RefBase): WireOp {
  switch (op.type) {
    case 'make':
      return { make: makeToWire(op, base) };
    case 'write':
      return {
        write: {
          node: idToBytes(op.node),
          supersedes: opIdsToWire(op.supersedes, base),
          content: contentToWire(op.content, base),
          attributes: attributesToWire(op.attributes),
          replaces: opIdsToWire(op.replaces, base),
        },
      };
    case 'set-attributes':
      return {
        setAttributes: {
          node: idToBytes(op.node),
          replaces: opIdsToWire(op.replaces, base),
          attributes: attributesToWire(op.attributes),
        },
      };
    case 'link':
      return {
        link: {
          entry: idToBytes(op.entry),
          parent: idToBytes(op.parent),
          name: op.name,
          node: idToBytes(op.node),
          over: replacedToWire(op.over, base),
        },
      };
    case 'move':
      return {
        move: {
          entry: idToBytes(op.entry),
          node: idToBytes(op.node),
          parent: idToBytes(op.parent),
          name: op.name,
          replaces: opIdsToWire(op.replaces, base),
          over: replacedToWire(op.over, base),
        },
      };
    case 'unlink':
      return {
        unlink: {
          entry: idToBytes(op.entry),
          node: idToBytes(op.node),
          heads: opIdsToWire(op.heads, base),
        },
      };
    case 'remove-directory':
      return {
        removeDirectory: { node: idToBytes(op.node), replaces: opIdsToWire(op.replaces, base) },
      };
    case 'take-snapshot':
      return {
        takeSnapshot: {
          id: Buffer.from(op.id, 'hex'),
          name: op.name,
          vector: op.vector.map(seenToWire),
        },
      };
    case 'drop-snapshot':
      return { dropSnapshot: { id: Buffer.from(op.id, 'hex') } };
    case 'note':
      return { note: noteToWire(op) };
    case 'unknown':
      return {};
  }
}

/** One operation from the wire; never throws because of what it holds. */
export function opFromWire(wire: WireOp, base: RefBase): Op {
  try {
    return readOp(wire, base);
  } catch (error) {
    if (isVaultError(error, 'malformed')) return unknownOp;
    throw error;
  }
}

function readOp(wire: WireOp, base: RefBase): Op {
  if (wire.make) return readMake(wire.make, base);
  if (wire.write) return readWrite(wire.write, base);
  if (wire.setAttributes) return readSetAttributes(wire.setAttributes, base);
  if (wire.link) return readLink(wire.link, base);
  if (wire.move) return readMove(wire.move, base);
  if (wire.unlink) return readUnlink(wire.unlink, base);
  if (wire.removeDirectory) return readRemoveDirectory(wire.removeDirectory, base);
  if (wire.takeSnapshot) return readTakeSnapshot(wire.takeSnapshot);
  if (wire.dropSnapshot) return { type: 'drop-snapshot', id: snapshotId(wire.dropSnapshot.id) };
  if (wire.note) return noteFromWire(wire.note);
  return unknownOp;
}

function makeToWire(op: MakeOp, base: RefBase): peervault.journal.Make.$Properties {
  return {
    node: idToBytes(op.node),
    kind: kindNumbers[op.kind],
    entry: idToBytes(op.entry),
    parent: idToBytes(op.parent),
    name: op.name,
    attributes: attributesToWire(op.attributes),
    content: op.content === undefined ? null : contentToWire(op.content, base),
    target: op.target ?? null,
    over: replacedToWire(op.over, base),
  };
}

function readMake(wire: peervault.journal.Make.$Properties, base: RefBase): Op {
  const kind = kindNames[wire.kind ?? 0];
  if (kind === undefined) return unknownOp;
  return {
    type: 'make',
    node: wireId('node', wire.node),
    kind,
    entry: wireId('entry', wire.entry),
    parent: wireId('node', wire.parent),
    name: bytes(wire.name),
    attributes: attributesFromWire(wire.attributes),
    ...(wire.content ? { content: contentFromWire(wire.content, base) } : {}),
    ...(wire.target && wire.target.length > 0 ? { target: bytes(wire.target) } : {}),
    ...readOver(wire.over, base),
  };
}

function readWrite(wire: peervault.journal.Write.$Properties, base: RefBase): Op {
  return {
    type: 'write',
    node: wireId('node', wire.node),
    supersedes: opIdsFromWire(wire.supersedes, base),
    content: contentFromWire(wire.content ?? {}, base),
    attributes: attributesFromWire(wire.attributes),
    replaces: opIdsFromWire(wire.replaces, base),
  };
}

function readSetAttributes(wire: peervault.journal.SetAttributes.$Properties, base: RefBase): Op {
  return {
    type: 'set-attributes',
    node: wireId('node', wire.node),
    replaces: opIdsFromWire(wire.replaces, base),
    attributes: attributesFromWire(wire.attributes),
  };
}

function readLink(wire: peervault.journal.Link.$Properties, base: RefBase): Op {
  return {
    type: 'link',
    entry: wireId('entry', wire.entry),
    parent: wireId('node', wire.parent),
    name: bytes(wire.name),
    node: wireId('node', wire.node),
    ...readOver(wire.over, base),
  };
}

function readMove(wire: peervault.journal.Move.$Properties, base: RefBase): Op {
  return {
    type: 'move',
    entry: wireId('entry', wire.entry),
    node: wireId('node', wire.node),
    parent: wireId('node', wire.parent),
    name: bytes(wire.name),
    replaces: opIdsFromWire(wire.replaces, base),
    ...readOver(wire.over, base),
  };
}

function readUnlink(wire: peervault.journal.Unlink.$Properties, base: RefBase): Op {
  return {
    type: 'unlink',
    entry: wireId('entry', wire.entry),
    node: wireId('node', wire.node),
    heads: opIdsFromWire(wire.heads, base),
  };
}

function readRemoveDirectory(
  wire: peervault.journal.RemoveDirectory.$Properties,
  base: RefBase,
): Op {
  return {
    type: 'remove-directory',
    node: wireId('node', wire.node),
    replaces: opIdsFromWire(wire.replaces, base),
  };
}

function readTakeSnapshot(wire: peervault.journal.TakeSnapshot.$Properties): Op {
  return {
    type: 'take-snapshot',
    id: snapshotId(wire.id),
    name: wire.name ?? '',
    vector: (wire.vector ?? []).map(seenFromWire),
  };
}

function replacedToWire(over: Replaced | undefined, base: RefBase): WireReplaced | null {
  if (over === undefined) return null;
  return {
    entry: idToBytes(over.entry),
    node: idToBytes(over.node),
    heads: opIdsToWire(over.heads, base),
  };
}

function readOver(
  wire: WireReplaced | null | undefined,
  base: RefBase,
): { readonly over?: Replaced } {
  if (!wire) return {};
  return {
    over: {
      entry: wireId('entry', wire.entry),
      node: wireId('node', wire.node),
      heads: opIdsFromWire(wire.heads, base),
    },
  };
}

/** Snapshots have ids of the form of nodes, and nothing else in common with them. */
function snapshotId(wire: WireBytes): string {
  return wireId('node', wire);
}

function bytes(wire: WireBytes): Buffer {
  return Buffer.from(wire ?? []);
}
