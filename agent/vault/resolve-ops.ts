/**
 * The operations that settle a conflict, against the tree as it is. They name only what was in
 * conflict when somebody decided: a version that came later stays, and is a conflict of its own.
 * One step does what fits into one publication; the caller goes on until nothing is left to do.
 */
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import type { Attributes, Content, Op, OpId } from '../../protocol/messages/op.ts';
import { setAttributesOp } from '../namespace/author.ts';
import { isOlderVersion, keepVersionOp } from '../namespace/author-versions.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { isInConflict } from './conflict-index.ts';
import { opOf, type Clash } from './conflicts.ts';

/** Random, for a file that has to be made. */
export interface FreshIds {
  readonly node: NodeId;
  readonly entry: EntryId;
}

/** One step towards one version. */
export interface Step {
  readonly kept: Kept;
  /** The entry that gets the name, or keeps it. */
  readonly target: EntryId;
  readonly isFirst: boolean;
  readonly fresh: FreshIds;
}

/** What the name shall show. */
export interface Kept {
  /** The row of the version that was chosen. */
  readonly row: EntryView;
  /** Of a file: what the resolution says, as a version of its own. */
  readonly version: { readonly content: Content; readonly attributes: Attributes } | undefined;
}

/** Rows that one step takes in, so that no operation names too many. */
const rowsPerStep = 16;

/** Rows that were there when it was decided, and what was made of them since. */
export class DecidedRows {
  readonly #ops = new Set<string>();

  constructor(tree: Tree, rows: readonly EntryView[]) {
    for (const row of rows) this.add([opOf(tree, row)]);
  }

  add(ops: readonly (OpId | undefined)[]): void {
    for (const op of ops) if (op !== undefined) this.#ops.add(keyOf(op));
  }

  /** Those of a clash that were decided about. */
  in(tree: Tree, clash: Clash): readonly EntryView[] {
    return clash.rows.filter((row) => {
      const op = opOf(tree, row);
      return op !== undefined && this.#ops.has(keyOf(op));
    });
  }
}

/**
 * A step towards one version under the name: it is written as the successor of all others, and other
 * files that want the name make way for the one that has it.
 * @param rows of the clash that were decided about
 */
export function* keepOneOps(tree: Tree, { name, rows }: Clash, step: Step): Generator<Op> {
  const { kept } = step;
  const target = rows.find(({ entry }) => entry === step.target);
  if (target === undefined) return;
  const own = rows.filter(({ entry }) => entry === target.entry);
  const [rival] = rows.filter(({ entry }) => entry !== target.entry);
  if (target.node.kind === 'directory') {
    if (isInConflict(tree, target)) yield wantedOp(tree, target);
    return;
  }
  if (tree.isShownAgain(target.entry, target.node.id)) {
    yield* successorOps(tree, { target, rows, name }, step);
    return;
  }
  if (kept.version !== undefined && (step.isFirst || own.length > 1)) {
    yield resolutionOp(tree, own, kept.version);
  }
  const over =
    rival === undefined
      ? undefined
      : { entry: rival.entry, node: rival.node.id, heads: headsOf(tree, rows, rival) };
  const { parent, entry } = target;
  const node = target.node.id;
  if (over !== undefined || target.conflict) {
    const replaces = named(tree.positionOpsOf(entry, node));
    yield { type: 'move', entry, node, parent, name, replaces, over };
  }
}

/**
 * A step towards all of them as files of their own: what has the name keeps it, everything else gets
 * the name that it is shown under.
 */
export function* keepAllOps(tree: Tree, { rows }: Clash): Generator<Op> {
  const older = new Map<EntryView['node']['id'], OpId[]>();
  for (const row of rows.slice(0, rowsPerStep)) {
    const { parent, name, entry, version } = row;
    const node = row.node.id;
    if (!isInConflict(tree, row)) continue;
    if (version !== undefined && tree.isShownAgain(entry, node)) {
      const heads = tree.versionsLike(node, version.op);
      yield* keepVersionOp(row, { parent, name, over: { entry, node, heads: named(heads) } });
    } else if (version !== undefined && isOlderVersion(tree, row)) {
      yield* keepVersionOp(row, { parent, name, over: undefined });
      const heads = older.get(node) ?? [];
      older.set(node, [...heads, ...tree.versionsLike(node, version.op)]);
    } else if (row.node.kind === 'directory') {
      yield wantedOp(tree, row);
    } else if (row.conflict) {
      const replaces = named(tree.positionOpsOf(entry, node));
      yield { type: 'move', entry, node, parent, name, replaces };
    }
  }
  for (const [node, heads] of older) {
    const [latest] = tree.versionsOf(node);
    if (latest === undefined) continue;
    const supersedes = named([...tree.versionsLike(node, latest.op), ...heads]);
    const { content } = latest;
    yield { type: 'write', node, supersedes, content, attributes: {}, replaces: [] };
  }
}

/**
 * The entry that the name is for: the file that has it goes on; what is no file cannot get a version, and
 * gives way. While one step follows the other the name may pass to somebody else, so it is chosen once.
 */
export function targetOf({ rows }: Clash, { row, version }: Kept): EntryId {
  const [first] = rows;
  const goesOn = version !== undefined && first?.node.kind === 'file' && !first.conflict;
  return goesOn ? first.entry : row.entry;
}

/**
 * A file that was deleted, and is shown for an edit that the deletion did not see, gets a successor: to
 * bring itself back would bring back every version that the deletion did see.
 */
function* successorOps(
  tree: Tree,
  { target, rows, name }: Pick<Clash, 'rows' | 'name'> & { readonly target: EntryView },
  { kept, fresh }: Step,
): Generator<Op> {
  const { parent, entry } = target;
  const over = { entry, node: target.node.id, heads: headsOf(tree, rows, target) };
  if (kept.version === undefined || kept.version.content === kept.row.version?.content) {
    yield* keepVersionOp(kept.row, { parent, name, over });
    return;
  }
  const { content, attributes } = kept.version;
  yield { type: 'make', kind: 'file', ...fresh, parent, name, attributes, content, over };
}

/** The resolution: a version like any other, made from all those that it settles. */
function resolutionOp(
  tree: Tree,
  own: readonly EntryView[],
  { content, attributes }: NonNullable<Kept['version']>,
): Op {
  const [first] = own;
  const node = (first as EntryView).node.id;
  const supersedes = named(
    own.flatMap(({ version }) =>
      version === undefined ? [] : tree.versionsLike(node, version.op),
    ),
  );
  const replaces = named(tree.attributeOpsOf(node, attributes));
  return { type: 'write', node, supersedes, content, attributes, replaces };
}

/** A directory that is shown for what is in it only is wanted by itself again. */
function wantedOp(tree: Tree, { node }: EntryView): Op {
  return setAttributesOp(tree, node.id, { mode: node.mode });
}

/** The versions of one entry that were decided about. */
function headsOf(
  tree: Tree,
  rows: readonly EntryView[],
  { entry, node }: EntryView,
): readonly OpId[] {
  return named(
    rows.flatMap((row) =>
      row.entry === entry && row.version !== undefined
        ? tree.versionsLike(node.id, row.version.op)
        : [],
    ),
  );
}

function named(ops: readonly OpId[]): readonly OpId[] {
  return ops.slice(0, journal.refsPerOpMax);
}

function keyOf({ journal: name, sequence, index }: OpId): string {
  return `${name}/${String(sequence)}/${String(index)}`;
}
