/**
 * What is different between two trees of one vault, the earlier one and the later one. Files and
 * directories are known by their nodes, so that what was renamed is one row, whatever is in it.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import type { Difference, DifferenceKind } from '../../protocol/messages/control-past.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { sizeOf } from './browse.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { Slices } from './slices.ts';

export interface TreePair {
  readonly before: Tree;
  readonly after: Tree;
  readonly slices: Slices;
}

/** One directory in both trees; either may have none there. */
interface Place {
  readonly before: Side;
  readonly after: Side;
}

interface Side {
  /** As the tree calls it; of the other tree where this one has none. */
  readonly path: VaultPath;
  readonly directory: NodeId | undefined;
}

/** One name in both trees. */
interface Row {
  readonly name: Buffer;
  readonly before: EntryView | undefined;
  readonly after: EntryView | undefined;
}

interface Paths {
  readonly before: VaultPath;
  readonly after: VaultPath;
}

/**
 * Differences at and below a path. What was renamed out of it or into it is a row too.
 * @throws VaultError `not-found` when the path is in neither tree; `cancelled`
 */
export async function* compareTrees(pair: TreePair, path: VaultPath): AsyncGenerator<Difference> {
  const comparison = new Comparison(pair, path);
  if (path.length === 0) {
    yield* comparison.directory({
      before: { path, directory: pair.before.root().id },
      after: { path, directory: pair.after.root().id },
    });
    return;
  }
  const before = pair.before.resolve(path);
  const after = pair.after.resolve(path);
  if (before === undefined && after === undefined) {
    throw new VaultError('not-found', {
      op: 'vault.compare',
      subject: formatPath(path),
      detail: 'it is neither in the one nor in the other',
      next: 'vault tree --at shows what was there',
    });
  }
  yield* comparison.row({ before: path, after: path }, { before, after });
}

class Comparison {
  readonly #pair: TreePair;
  readonly #scope: VaultPath;

  constructor(pair: TreePair, scope: VaultPath) {
    this.#pair = pair;
    this.#scope = scope;
  }

  async *directory({ before, after }: Place): AsyncGenerator<Difference> {
    const rows = mergeRows(
      (before.directory && this.#pair.before.list(before.directory)) ?? [],
      (after.directory && this.#pair.after.list(after.directory)) ?? [],
    );
    for (const row of rows) {
      await this.#pair.slices.step();
      const { name } = row;
      yield* this.row({ before: [...before.path, name], after: [...after.path, name] }, row);
    }
  }

  async *row(paths: Paths, { before, after }: Omit<Row, 'name'>): AsyncGenerator<Difference> {
    if (before !== undefined && after !== undefined && before.node.kind === after.node.kind) {
      if (before.node.kind === 'directory') yield* this.#within(paths, { before, after });
      else if (!isSame(before, after)) yield difference('changed', paths.after, { before, after });
      return;
    }
    if (before !== undefined) yield* this.#left(paths.before, before);
    if (after !== undefined) yield* this.#came(paths.after, after);
  }

  /** Something has this path no more. */
  async *#left(path: VaultPath, before: EntryView): AsyncGenerator<Difference> {
    const renamed = this.#renamed(before.node.id);
    if (renamed === undefined || !isSamePath(renamed.before, path)) {
      yield difference('removed', path, { before });
      yield* this.#within({ before: path, after: path }, { before, after: undefined });
      return;
    }
    const after = this.#pair.after.resolve(renamed.after);
    yield difference('renamed', renamed.after, { before, after, from: path });
    yield* this.#within(renamed, { before, after });
  }

  /** Something has this path now. What was renamed within the scope was told where it left. */
  async *#came(path: VaultPath, after: EntryView): AsyncGenerator<Difference> {
    const renamed = this.#renamed(after.node.id);
    if (renamed === undefined || !isSamePath(renamed.after, path)) {
      yield difference('added', path, { after });
      yield* this.#within({ before: path, after: path }, { before: undefined, after });
      return;
    }
    if (isBelow(renamed.before, this.#scope)) return;
    const before = this.#pair.before.resolve(renamed.before);
    yield difference('renamed', path, { before, after, from: renamed.before });
    yield* this.#within(renamed, { before, after });
  }

  async *#within(paths: Paths, { before, after }: Omit<Row, 'name'>): AsyncGenerator<Difference> {
    if ((before ?? after)?.node.kind !== 'directory') return;
    yield* this.directory({
      before: { path: paths.before, directory: before?.node.id },
      after: { path: paths.after, directory: after?.node.id },
    });
  }

  /** Where a node was and where it is, when it was renamed and nothing else stands at either place. */
  #renamed(node: NodeId): Paths | undefined {
    // With several names nobody can say which of them became which.
    const links = [this.#pair.before.node(node)?.links, this.#pair.after.node(node)?.links];
    if (links.some((count) => count !== 1)) return undefined;
    const before = this.#pair.before.pathOf(node);
    const after = this.#pair.after.pathOf(node);
    if (before === undefined || after === undefined || isSamePath(before, after)) return undefined;
    if (this.#pair.before.resolve(after) !== undefined) return undefined;
    return this.#pair.after.resolve(before) === undefined ? { before, after } : undefined;
  }
}

/** Both listings are sorted by name. */
function* mergeRows(before: readonly EntryView[], after: readonly EntryView[]): Generator<Row> {
  for (let at = 0, to = 0; at < before.length || to < after.length;) {
    const left = before[at];
    const right = after[to];
    const order =
      left === undefined ? 1 : right === undefined ? -1 : Buffer.compare(left.name, right.name);
    const name = (order <= 0 ? left : right)?.name ?? Buffer.alloc(0);
    yield { name, before: order <= 0 ? left : undefined, after: order >= 0 ? right : undefined };
    if (order <= 0) at += 1;
    if (order >= 0) to += 1;
  }
}

function isSame(before: EntryView, after: EntryView): boolean {
  if (before.node.kind === 'symlink') {
    return after.node.target?.equals(before.node.target ?? Buffer.alloc(0)) === true;
  }
  const [old, young] = [before.version, after.version];
  if (old === undefined || young === undefined) return old === young;
  const isSameOp =
    old.op.journal === young.op.journal &&
    old.op.sequence === young.op.sequence &&
    old.op.index === young.op.index;
  return isSameOp && old.mode === young.mode;
}

function difference(
  type: DifferenceKind,
  path: VaultPath,
  {
    before,
    after,
    from,
  }: {
    readonly before?: EntryView | undefined;
    readonly after?: EntryView | undefined;
    readonly from?: VaultPath;
  },
): Difference {
  return {
    type,
    path: joinPath(path),
    pathBefore: from === undefined ? undefined : joinPath(from),
    kind: (after ?? before)?.node.kind ?? 'file',
    sizeBefore: sizeOf(before?.version?.content),
    sizeAfter: sizeOf(after?.version?.content),
  };
}

function isSamePath(a: VaultPath, b: VaultPath): boolean {
  return a.length === b.length && isBelow(a, b);
}

/** Whether a path is at or below another one. */
function isBelow(path: VaultPath, above: VaultPath): boolean {
  return above.every((name, at) => path[at]?.equals(name) === true);
}
