/**
 * Attributes: last writer wins for each key (mode, mtime, every xattr) by itself. An operation beats
 * the ones that it names, for the keys that it sets, whatever the stamps; stamps decide among the
 * rest (DESIGN.md, section 6, "Position").
 */
import type { Attributes, FileTime, OpId } from '../../protocol/messages/op.ts';
import { isMany, valuesOf, withValue, type OneOrMany } from './one-or-many.ts';
import {
  compareStamps,
  isNamed,
  opKey,
  rareOf,
  type NodeRecord,
  type OpRecord,
} from './records.ts';
import { hasCome, type TreeState } from './state.ts';

/** Takes in the attributes of an operation. One without attributes leaves no trace. */
export function addAttributes(
  state: TreeState,
  node: NodeRecord,
  record: OpRecord,
  replaces: readonly OpId[],
): void {
  const { attributes } = record;
  if (isBare(attributes)) return;
  if (replaces.length > 0) {
    node.attributes = withoutKeys(node.attributes, replaces, attributes);
    for (const name of replaces) if (!hasCome(state, name)) outdate(node, name, attributes);
  }
  let left: OpRecord | undefined = record;
  for (const keys of node.rare?.outdated?.get(opKey(record)) ?? []) {
    left = left === undefined ? undefined : stripped(left, keys);
  }
  if (left !== undefined) node.attributes = withValue(node.attributes, left);
}

export function modeOf(node: NodeRecord): number {
  return holderOf(node, hasMode)?.attributes.mode ?? modeByDefault(node);
}

export function mtimeOf(node: NodeRecord): FileTime {
  return holderOf(node, hasMtime)?.attributes.mtime ?? epochStart;
}

const noXattrs: ReadonlyMap<string, Buffer> = new Map();

export function xattrsOf(node: NodeRecord): ReadonlyMap<string, Buffer> {
  const { attributes: held } = node;
  if (!isMany(held) && held?.attributes.xattrs === undefined) return noXattrs;
  const holders = valuesOf(node.attributes).filter(
    (record) => record.attributes.xattrs !== undefined,
  );
  if (holders.length === 0) return noXattrs;
  const values = new Map<string, Buffer>();
  // In the order of stamps, so that the latest holder of a key writes it last.
  for (const { attributes } of [...holders].sort(compareStamps)) {
    for (const [name, value] of attributes.xattrs ?? []) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    }
  }
  return values;
}

/** Operations that hold one of the keys of `attributes`; all holders without it. */
export function attributeHolders(node: NodeRecord, attributes?: Attributes): readonly OpRecord[] {
  const holders = valuesOf(node.attributes);
  if (attributes === undefined) return holders;
  return holders.filter((record) => stripped(record, attributes) !== record);
}

function modeByDefault(node: NodeRecord): number {
  if (node.kind === 'directory') return 0o755;
  return node.kind === 'symlink' ? 0o777 : 0o644;
}

const epochStart: FileTime = { seconds: 0, nanoseconds: 0 };
const hasMode = (attributes: Attributes): boolean => attributes.mode !== undefined;
const hasMtime = (attributes: Attributes): boolean => attributes.mtime !== undefined;

function holderOf(
  node: NodeRecord,
  has: (attributes: Attributes) => boolean,
): OpRecord | undefined {
  const held = node.attributes;
  if (!isMany(held)) return held !== undefined && has(held.attributes) ? held : undefined;
  let best: OpRecord | undefined;
  for (const record of held) {
    if (!has(record.attributes)) continue;
    if (best === undefined || compareStamps(record, best) > 0) best = record;
  }
  return best;
}

function isBare({ mode, mtime, xattrs }: Attributes): boolean {
  return mode === undefined && mtime === undefined && (xattrs === undefined || xattrs.size === 0);
}

function withoutKeys(
  held: OneOrMany<OpRecord>,
  names: readonly OpId[],
  keys: Attributes,
): OneOrMany<OpRecord> {
  let left: OneOrMany<OpRecord>;
  for (const record of valuesOf(held)) {
    const kept = isNamed(record, names) ? stripped(record, keys) : record;
    if (kept !== undefined) left = withValue(left, kept);
  }
  return left;
}

/** The record without the keys that `keys` sets; itself when it has none of them. */
function stripped(record: OpRecord, keys: Attributes): OpRecord | undefined {
  const { mode, mtime, xattrs } = record.attributes;
  const keptXattrs = [...(xattrs ?? [])].filter(([name]) => keys.xattrs?.has(name) !== true);
  const keepsMode = mode !== undefined && keys.mode === undefined;
  const keepsMtime = mtime !== undefined && keys.mtime === undefined;
  const lostNothing =
    keepsMode === (mode !== undefined) &&
    keepsMtime === (mtime !== undefined) &&
    keptXattrs.length === (xattrs?.size ?? 0);
  if (lostNothing) return record;
  const attributes: Attributes = {
    ...(keepsMode ? { mode } : {}),
    ...(keepsMtime ? { mtime } : {}),
    ...(keptXattrs.length > 0 ? { xattrs: new Map(keptXattrs) } : {}),
  };
  return isBare(attributes) ? undefined : { ...record, attributes };
}

function outdate(node: NodeRecord, name: OpId, keys: Attributes): void {
  const outdated = (rareOf(node).outdated ??= new Map());
  const key = opKey(name);
  const list = outdated.get(key);
  if (list === undefined) outdated.set(key, [keys]);
  else list.push(keys);
}
