/**
 * What a faulty device says: operations of every kind with ids and names of operations that exist,
 * do not exist, or do not exist yet; counters and views of other journals that are not true.
 */
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import {
  journalId,
  rootNodeId,
  type DeviceId,
  type EntryId,
  type IncarnationId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import type {
  BatchBody,
  NodeKind,
  NoteOp,
  Op,
  OpId,
  Replaced,
} from '../../protocol/messages/op.ts';
import type { Dice } from './dice.ts';
import { someAttributes, someContent, workNames } from './namespace-work.ts';

interface Surroundings {
  /** Mostly directories and their moves: where the order of batches and late bases matter. */
  readonly onlyDirectories: boolean;
  /** Every batch of every device, seen or not. */
  readonly known: readonly OpenedBatch[];
  readonly journal: JournalId;
  readonly wallMs: number;
}

export function faultyBody(dice: Dice, around: Surroundings): BatchBody {
  const ids = idsOf(around.known);
  const ops = Array.from({ length: dice.between(1, 4) }, () => faultyOp(dice, { around, ids }));
  const journals = [...new Set(around.known.map(({ header }) => header.journal))];
  return {
    stamp: { wallMs: wrongTime(dice, around.wallMs), counter: dice.between(0, 70_000) },
    lamport: dice.pick([0, 1, dice.between(0, 60), dice.between(0, 60), 2 ** 31, 2 ** 52]),
    seen: journals
      .filter(() => dice.chance(0.4))
      .map((journal) => ({ journal, sequence: dice.between(0, 12) })),
    ops,
  };
}

/** Some hours off, or any time at all. */
function wrongTime(dice: Dice, wallMs: number): number {
  if (dice.chance(0.05)) return dice.pick([0, 1, 2 ** 40, 2 ** 47]);
  return Math.max(0, wallMs + dice.between(-5, 5) * 1e7);
}

interface Ids {
  readonly nodes: readonly NodeId[];
  readonly entries: readonly EntryId[];
  readonly pairs: readonly { node: NodeId; entry: EntryId }[];
}

function idsOf(known: readonly OpenedBatch[]): Ids {
  const pairs = known.flatMap(({ body }) =>
    body.ops.flatMap((op) => ('entry' in op ? [{ node: op.node, entry: op.entry }] : [])),
  );
  return {
    nodes: [rootNodeId, ...pairs.map(({ node }) => node)],
    entries: pairs.map(({ entry }) => entry),
    pairs,
  };
}

function faultyOp(dice: Dice, { around, ids }: { around: Surroundings; ids: Ids }): Op {
  const node = dice.chance(0.85) ? dice.pick(ids.nodes) : (dice.hex(16) as NodeId);
  const parent = dice.chance(0.9) ? dice.pick(ids.nodes) : (dice.hex(16) as NodeId);
  const pair =
    ids.pairs.length === 0 || dice.chance(0.2)
      ? { node, entry: dice.hex(16) as EntryId }
      : dice.pick(ids.pairs);
  const name = dice.chance(0.05)
    ? dice.pick([Buffer.from(''), Buffer.from('..'), Buffer.from('x/y'), Buffer.alloc(256, 0x61)])
    : dice.pick(workNames);
  const refs = (): OpId[] => someRefs(dice, around);
  const replaced = (): { over?: Replaced } => {
    if (ids.pairs.length === 0 || dice.chance(0.6)) return {};
    return { over: { ...dice.pick(ids.pairs), heads: refs() } };
  };
  const attributes = someAttributes(dice);
  switch (around.onlyDirectories ? dice.pick([0, 4, 4]) : dice.between(0, 8)) {
    case 0: {
      const kind = around.onlyDirectories
        ? 'directory'
        : dice.pick<NodeKind>(['file', 'directory', 'directory', 'symlink']);
      return {
        type: 'make',
        kind,
        ...pair,
        ...(dice.chance(0.3) ? {} : { node: dice.hex(16) as NodeId }),
        parent,
        name,
        attributes,
        ...(kind === 'file' ? { content: someContent(dice) } : {}),
        ...(kind === 'symlink' ? { target: Buffer.from(dice.hex(3)) } : {}),
        ...replaced(),
      };
    }
    case 1: {
      const content = someContent(dice);
      return { type: 'write', node, supersedes: refs(), content, attributes, replaces: refs() };
    }
    case 2:
      return { type: 'set-attributes', node, replaces: refs(), attributes };
    case 3:
      return { type: 'link', ...pair, parent, name, ...replaced() };
    case 4:
    case 5:
      return { type: 'move', ...pair, parent, name, replaces: refs(), ...replaced() };
    case 6:
      return { type: 'unlink', ...pair, heads: refs() };
    case 7:
      return { type: 'remove-directory', node, replaces: refs() };
    default:
      return dice.chance(0.5) ? faultySnapshot(dice, refs()) : faultyNote(dice, node);
  }
}

/** Few ids, so that several devices take and drop the same one. */
function faultySnapshot(dice: Dice, refs: readonly OpId[]): Op {
  const id = dice.between(1, 3).toString().padStart(32, '0');
  if (dice.chance(0.3)) return { type: 'drop-snapshot', id };
  const seen = new Map(refs.map(({ journal, sequence }) => [journal, sequence]));
  const vector = [...seen].map(([journal, sequence]) => ({ journal, sequence }));
  const name = dice.chance(0.1) ? 'x'.repeat(300) : dice.hex(2);
  return { type: 'take-snapshot', id, name, vector };
}

/** Few ids, so that a device says the same one again. */
function faultyNote(dice: Dice, about: NodeId): Op {
  const id = dice.between(1, 3).toString().padStart(32, '0');
  const text = dice.chance(0.1) ? 'x'.repeat(3000) : dice.hex(2);
  const sealed = { recipient: dice.hex(16) as DeviceId, encapsulated: Buffer.alloc(32, 1) };
  return dice.pick<NoteOp>([
    { type: 'note', id, text, sealed: [] },
    { type: 'note', id, text, about, sealed: [] },
    { type: 'note', id, text, to: sealed.recipient, sealed: [] },
    {
      type: 'note',
      id,
      to: sealed.recipient,
      sealed: [{ ...sealed, ciphertext: Buffer.alloc(9) }],
    },
  ]);
}

/** Names of operations: of existing batches mostly, of later ones and of nobody's sometimes. */
function someRefs(dice: Dice, { known, journal }: Surroundings): OpId[] {
  return Array.from({ length: dice.between(0, 4) }, () => {
    const index = dice.between(0, 2);
    if (known.length > 0 && dice.chance(0.8)) {
      const { header } = dice.pick(known);
      return {
        journal: header.journal,
        sequence: header.sequence + (dice.chance(0.1) ? 3 : 0),
        index,
      };
    }
    if (dice.chance(0.7)) return { journal, sequence: dice.between(1, 20), index };
    const stranger = journalId(dice.hex(16) as DeviceId, dice.hex(8) as IncarnationId);
    return { journal: stranger, sequence: dice.between(1, 3), index };
  });
}
