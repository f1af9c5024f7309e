/**
 * A node as it stands in a state: what its registers still hold, sorted, and nothing that depends on the
 * order in which operations came. Names of operations that have come by now can never come again, so only
 * those matter that are held, that wait, or that lie beyond the vector.
 */
import type { JournalId } from '../../../protocol/ids.ts';
import type { Attributes, OpId } from '../../../protocol/messages/op.ts';
import type {
  StampedOp,
  StateEntry,
  StateNode,
  StateOp,
  StateOutdated,
  StateWaiting,
} from '../../../protocol/messages/state.ts';
import { lineageOf } from '../lineage.ts';
import { valuesOf } from '../one-or-many.ts';
import {
  compareOps,
  opIdOf,
  opKey,
  type NodeRecord,
  type OpRecord,
  type WaitingPosition,
} from '../records.ts';
import { compareText } from '../rows.ts';
import type { TreeState } from '../state.ts';

/** What other registers know of a node. */
export interface NodeSurroundings {
  /** Moves of the directory that are in the log. */
  readonly moves: readonly OpRecord[];
  /** Its positions that wait, here or at their parents. */
  readonly waiting: readonly WaitingPosition[];
}

/** Names that stand in one element of a list. */
const namesMax = 64;

type Draft = { -readonly [Key in keyof StateOp]: StateOp[Key] };

export function nodeStateOf(
  state: TreeState,
  node: NodeRecord,
  { moves, waiting }: NodeSurroundings,
): StateNode {
  const lineage = lineageOf(state, node);
  const head = {
    type: 'node',
    id: node.id,
    kind: node.kind,
    isDirectory: node.directory !== undefined,
    lineage: lineage === node.id ? undefined : lineage,
    hasKin: lineage === node.id && node.rare?.hasKin === true,
  } as const;
  // Made as two different things, it shows nothing whatever comes: it can only have children and kin.
  if (node.kind === 'void') return { ...head, target: undefined, ...noRegisters };
  const { rare } = node;
  const isBeyond = (op: OpId): boolean => op.sequence > (state.vector.get(op.journal) ?? 0);
  const heads = rare?.buried && new Set(valuesOf(node.heads).map(opKey));
  const isHead = (op: OpId): boolean => heads?.has(opKey(op)) === true;
  return {
    ...head,
    target: rare?.target && {
      value: rare.target.value,
      by: opIdOf(rare.target.by),
    },
    ops: opsOf(node, moves),
    entries: entriesOf(node, waiting, isBeyond),
    waiting: waiting.map(waitingOf).sort(byOp),
    // A directory lives by its signs, whatever was written to it.
    buried: node.directory ? [] : namesIn(rare?.buried, (op) => isHead(op) || isBeyond(op)),
    superseded: namesIn(rare?.superseded, isBeyond),
    covered: namesIn(rare?.covered, isBeyond),
    outdated: outdatedOf(rare?.outdated, isBeyond),
  };
}

const noRegisters = {
  ops: [],
  entries: [],
  waiting: [],
  buried: [],
  superseded: [],
  covered: [],
  outdated: [],
};

/** Every operation that a register holds, once, with what they hold of it. */
function opsOf(node: NodeRecord, moves: readonly OpRecord[]): StateOp[] {
  const drafts = new Drafts();
  for (const record of valuesOf(node.attributes)) {
    drafts.of(record).attributes = record.attributes;
  }
  for (const record of valuesOf(node.signs)) drafts.of(record).isSign = true;
  for (const record of valuesOf(node.heads)) {
    const draft = drafts.of(record);
    draft.content = record.content;
    draft.own = ownOf(record.attributes, draft.attributes);
  }
  for (const { id, positions } of valuesOf(node.entries)) {
    for (const record of valuesOf(positions)) drafts.place(record, { entry: id, isMove: false });
  }
  const ofDirectory = { entry: undefined, isMove: false };
  for (const record of valuesOf(node.directory?.makes)) drafts.place(record, ofDirectory);
  for (const record of moves) drafts.place(record, { ...ofDirectory, isMove: true });
  return drafts.sorted();
}

class Drafts {
  readonly #byKey = new Map<string, Draft>();

  of(record: OpRecord): Draft {
    const key = opKey(record);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const draft: Draft = {
      ...stampedOf(record),
      place: undefined,
      attributes: undefined,
      content: undefined,
      own: undefined,
      isSign: false,
    };
    this.#byKey.set(key, draft);
    return draft;
  }

  place(
    record: OpRecord,
    { entry, isMove }: Pick<NonNullable<StateOp['place']>, 'entry' | 'isMove'>,
  ): void {
    const { parent, name } = record;
    if (parent !== undefined) this.of(record).place = { entry, parent: parent.id, name, isMove };
  }

  sorted(): StateOp[] {
    return [...this.#byKey.values()].sort(byOp);
  }
}

/** Mode and time of a version; undefined where what is held says the same. */
function ownOf({ mode, mtime }: Attributes, held: Attributes | undefined): StateOp['own'] {
  const isSame =
    held?.mode === mode &&
    held?.mtime?.seconds === mtime?.seconds &&
    held?.mtime?.nanoseconds === mtime?.nanoseconds;
  return isSame ? undefined : { mode, mtime };
}

/** Those that no position implies, and those of which there is more to say. */
function entriesOf(
  node: NodeRecord,
  waiting: readonly WaitingPosition[],
  isBeyond: (op: OpId) => boolean,
): StateEntry[] {
  const awaited = new Set(waiting.map(({ entry, record }) => entry.id + opKey(record)));
  return valuesOf(node.entries)
    .map((entry) => ({
      id: entry.id,
      hasPosition: entry.positions !== undefined,
      deleted: entry.deleted && stampedOf(entry.deleted),
      replaced: namesIn(entry.replaced, (op) => isBeyond(op) || awaited.has(entry.id + opKey(op))),
    }))
    .filter(({ hasPosition, deleted, replaced }) => !hasPosition || deleted || replaced.length > 0)
    .sort((a, b) => compareText(a.id, b.id))
    .flatMap(entryRows);
}

/** More than so many positions follow in further rows of the same entry. */
function entryRows({ id, deleted, replaced }: StateEntry): StateEntry[] {
  const rows = [{ id, deleted, replaced: replaced.slice(0, namesMax) }];
  for (let at = namesMax; at < replaced.length; at += namesMax) {
    rows.push({ id, deleted: undefined, replaced: replaced.slice(at, at + namesMax) });
  }
  return rows;
}

function waitingOf({ entry, record, replaces, by }: WaitingPosition): StateWaiting {
  const { parent, name } = record;
  if (parent === undefined) throw new TypeError('a position below nothing');
  const place = { entry: entry.id, parent: parent.id, name, isMove: false };
  return { ...stampedOf(record), place, by, replaces };
}

function namesIn(keys: ReadonlySet<string> | undefined, matters: (op: OpId) => boolean): OpId[] {
  if (keys === undefined) return [];
  return [...keys].map(opOfKey).filter(matters).sort(compareOps);
}

function outdatedOf(
  outdated: ReadonlyMap<string, readonly Attributes[]> | undefined,
  isBeyond: (op: OpId) => boolean,
): StateOutdated[] {
  const rows = [...(outdated ?? [])].map(([key, keys]) => ({
    op: opOfKey(key),
    keys,
  }));
  return rows
    .filter(({ op }) => isBeyond(op))
    .sort(byOp)
    .flatMap(({ op, keys }) => outdatedRows(op, keys));
}

function outdatedRows(op: OpId, keys: readonly Attributes[]): StateOutdated[] {
  const xattrs = [...new Set(keys.flatMap((each) => [...(each.xattrs?.keys() ?? [])]))];
  xattrs.sort(compareText);
  const mode = keys.some((each) => each.mode !== undefined);
  const mtime = keys.some((each) => each.mtime !== undefined);
  const rows: StateOutdated[] = [];
  for (let at = 0; at === 0 || at < xattrs.length; at += namesMax) {
    rows.push({
      op,
      mode,
      mtime,
      xattrs: xattrs.slice(at, at + namesMax),
    });
  }
  return rows;
}

function stampedOf(record: OpRecord): StampedOp {
  const { wallMs, counter } = record;
  return { op: opIdOf(record), stamp: { wallMs, counter } };
}

/** What `opKey` wrote. */
function opOfKey(key: string): OpId {
  const [journal = '', sequence, index] = key.split('/');
  return {
    journal: journal as JournalId,
    sequence: Number(sequence),
    index: Number(index),
  };
}

function byOp(a: { readonly op: OpId }, b: { readonly op: OpId }): number {
  return compareOps(a.op, b.op);
}
