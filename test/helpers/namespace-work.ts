/** What an honest device does next, with the product's own functions for building operations. */
import {
  linkOps,
  makeNodeOp,
  putFileOp,
  removeTreeOps,
  renameOp,
  setAttributesOp,
  writeOp,
} from '../../agent/namespace/author.ts';
import { OwnOps } from '../../agent/mount/own-ops.ts';
import { publishChange } from '../../agent/mount/publish-change.ts';
import type { JournaledTree } from '../../agent/namespace/tree.ts';
import type { EntryView } from '../../agent/namespace/tree.types.ts';
import { clashesIn, type Clash } from '../../agent/vault/conflicts.ts';
import { keepAllOps, keepOneOps, targetOf } from '../../agent/vault/resolve-ops.ts';
import type { VaultParts } from '../../agent/vault/vault.ts';
import {
  rootNodeId,
  type ChunkId,
  type EntryId,
  type EpochId,
  type NodeId,
  type PlainId,
} from '../../protocol/ids.ts';
import type { Attributes, Content, Op } from '../../protocol/messages/op.ts';
import type { Dice } from './dice.ts';

/** Names that collide often; one of them is long, one is not UTF-8. */
export const workNames = [
  Buffer.from('a'),
  Buffer.from('b'),
  Buffer.from('c.txt'),
  Buffer.from('é'.repeat(120)),
  Buffer.from([0xff, 0x80, 0x2e, 0x78]),
];

interface Shown {
  readonly view: EntryView;
  readonly path: readonly Buffer[];
}

/**
 * One action, as operations for one batch after another.
 * @param remembered nodes of which some may be gone
 */
export function* honestOps(
  dice: Dice,
  tree: JournaledTree,
  remembered: readonly NodeId[] = [],
): Generator<readonly Op[]> {
  const rows = allRows(tree);
  const folders = rows.filter(({ view }) => view.node.kind === 'directory');
  const files = rows.filter(({ view }) => view.node.kind !== 'directory');
  const parent = folders.length === 0 || dice.chance(0.4) ? undefined : dice.pick(folders);
  const place = { parent: parent?.view.node.id ?? rootNodeId, name: dice.pick(workNames) };
  const path = [...(parent?.path ?? []), place.name];
  const shown = tree.resolve(path);
  const row = rows.length === 0 ? undefined : dice.pick(rows);
  const file = files.length === 0 ? undefined : dice.pick(files);
  switch (dice.between(0, 15)) {
    case 0:
    case 1:
      if (shown === undefined) {
        yield [makeNodeOp(tree, { ...place, kind: 'directory', ...fresh(dice) })];
      }
      break;
    case 2:
    case 3:
      if (shown?.node.kind !== 'directory') {
        yield [putFileOp(tree, { ...place, content: someContent(dice), ...fresh(dice) })];
      }
      break;
    case 4:
      if (file?.view.version !== undefined) {
        const version = { content: someContent(dice), attributes: someAttributes(dice) };
        yield [writeOp(tree, file.view, version)];
      }
      break;
    case 5:
      if (row !== undefined) yield [setAttributesOp(tree, row.view.node.id, someAttributes(dice))];
      else yield [setAttributesOp(tree, rootNodeId, someAttributes(dice))];
      break;
    case 6:
    case 7:
      if (row !== undefined && mayMove(tree, row, { path, shown })) {
        yield [...renameOp(tree, row.view, place)];
      }
      break;
    case 8:
      if (row !== undefined) yield [...removeTreeOps(tree, row.view)];
      break;
    case 9:
      if (file !== undefined && shown === undefined && dice.chance(0.5)) {
        const entries = {
          newEntry: dice.hex(16) as EntryId,
          healedEntry: dice.hex(16) as EntryId,
        };
        yield [...linkOps(tree, { view: file.view, ...place, ...entries })];
      } else if (shown === undefined) {
        const target = Buffer.from(`to ${String(dice.between(0, 99))}`);
        yield [makeNodeOp(tree, { ...place, kind: 'symlink', target, ...fresh(dice) })];
      }
      break;
    case 10:
      if (row !== undefined) yield* exchanged(tree, row, dice.pick(rows));
      break;
    case 11:
      yield* dice.chance(0.5) ? snapshotOps(dice, tree) : [[noteOp(dice, row)]];
      break;
    case 12:
    case 13:
      yield* settled(dice, tree, folders);
      break;
    case 14:
      if (remembered.length > 0 && shown === undefined) {
        yield broughtBack(dice, tree, { node: dice.pick(remembered), ...place });
      }
      break;
    default:
      if (file !== undefined) yield* savedByEditor(dice, tree, file);
  }
}

/** Two names trade what they stand for, as the mount says it. */
function* exchanged(tree: JournaledTree, one: Shown, other: Shown): Generator<readonly Op[]> {
  const isBelow = (inner: Shown, outer: Shown): boolean =>
    outer.path.every((name, at) => inner.path[at]?.equals(name) === true);
  if (isBelow(one, other) || isBelow(other, one)) return;
  const placeOf = ({ view }: Shown): { parent: NodeId; name: Buffer } => ({
    parent: view.parent,
    name: view.name,
  });
  let ops: readonly Op[] = [];
  const publisher = {
    publish: ({ build }: { build: (tree: JournaledTree) => { ops: readonly Op[] } }) => {
      ({ ops } = build(tree));
      return Promise.resolve([]);
    },
  };
  void publishChange(
    { publisher, ownOps: new OwnOps() } as unknown as VaultParts & { ownOps: OwnOps },
    {
      type: 'rename',
      node: one.view.node.id,
      from: placeOf(one),
      to: placeOf(other),
      exchange: true,
    },
    undefined,
  );
  yield ops;
}

function* snapshotOps(dice: Dice, tree: JournaledTree): Generator<readonly Op[]> {
  const taken = tree.snapshots();
  if (taken.length > 0 && dice.chance(0.4)) {
    yield [{ type: 'drop-snapshot', id: dice.pick(taken).id }];
    return;
  }
  const vector = [...tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
  const name = `snapshot ${String(dice.between(1, 4))}`;
  yield [{ type: 'take-snapshot', id: dice.hex(16), name, vector }];
}

function noteOp(dice: Dice, row: Shown | undefined): Op {
  const about = dice.chance(0.5) ? row?.view.node.id : undefined;
  return { type: 'note', id: dice.hex(16), about, text: dice.hex(4), sealed: [] };
}

/** The first step towards settling a conflict: one version is kept, a new one, or all. */
function* settled(
  dice: Dice,
  tree: JournaledTree,
  folders: readonly Shown[],
): Generator<readonly Op[]> {
  const places = [
    { node: rootNodeId, directory: [] },
    ...folders.map(({ view, path }) => ({ node: view.node.id, directory: path })),
  ];
  const clashes = places.flatMap((place) => clashesIn(tree, place));
  if (clashes.length === 0) return;
  const clash = dice.pick(clashes);
  const isMixed = clash.rows.some(({ node }) => node.kind === 'directory') && clash.rows.length > 1;
  if (isMixed || dice.chance(0.3)) yield [...keepAllOps(tree, clash)];
  else yield [...keptOne(dice, tree, clash)];
}

function* keptOne(dice: Dice, tree: JournaledTree, clash: Clash): Generator<Op> {
  const row = dice.pick(clash.rows);
  const kept = {
    row,
    version:
      row.version === undefined
        ? undefined
        : {
            content: dice.chance(0.5) ? row.version.content : someContent(dice),
            attributes: someAttributes(dice),
          },
  };
  const fresh = { node: dice.hex(16) as NodeId, entry: dice.hex(16) as EntryId };
  yield* keepOneOps(tree, clash, { kept, target: targetOf(clash, kept), isFirst: true, fresh });
}

/** What is gone gets a name again: a directory a sign of life at another place, anything else a link. */
function broughtBack(
  dice: Dice,
  tree: JournaledTree,
  { node, parent, name }: { node: NodeId; parent: NodeId; name: Buffer },
): Op[] {
  const places = tree.placesOf(node);
  const [place] = places;
  if (place === undefined || places.some(({ isListed }) => isListed)) return [];
  if (tree.node(node)?.kind !== 'directory') {
    return [{ type: 'link', entry: dice.hex(16) as EntryId, node, parent, name }];
  }
  if (dice.chance(0.5)) return [setAttributesOp(tree, node, {})];
  const replaces = [...tree.positionOpsOf(place.entry, node), ...tree.livenessOpsOf(node)];
  return [{ type: 'move', entry: place.entry, node, parent, name, replaces }];
}

/** A temporary file is written and renamed over the old one. */
function* savedByEditor(dice: Dice, tree: JournaledTree, file: Shown): Generator<readonly Op[]> {
  const { parent, name } = file.view;
  const temporary = Buffer.from(`tmp ${dice.hex(2)}`);
  const content = someContent(dice);
  yield [putFileOp(tree, { parent, name: temporary, content, ...fresh(dice) })];
  const made = tree.resolve([...file.path.slice(0, -1), temporary]);
  if (made !== undefined) yield [...renameOp(tree, made, { parent, name })];
}

/** The rules of rename(2). */
function mayMove(
  tree: JournaledTree,
  row: Shown,
  to: { readonly path: readonly Buffer[]; readonly shown: EntryView | undefined },
): boolean {
  const isDirectory = row.view.node.kind === 'directory';
  const isInside = isDirectory && row.path.every((name, at) => to.path[at]?.equals(name) === true);
  if (isInside) return false;
  if (to.shown === undefined) return true;
  if ((to.shown.node.kind === 'directory') !== isDirectory) return false;
  return !isDirectory || tree.list(to.shown.node.id)?.length === 0;
}

function allRows(tree: JournaledTree): Shown[] {
  const rows: Shown[] = [];
  const walk = (directory: NodeId, path: readonly Buffer[]): void => {
    for (const view of tree.list(directory) ?? []) {
      const at = [...path, view.name];
      rows.push({ view, path: at });
      if (view.node.kind === 'directory') walk(view.node.id, at);
    }
  };
  walk(rootNodeId, []);
  return rows;
}

function fresh(dice: Dice): { attributes: Attributes; newNode: NodeId; newEntry: EntryId } {
  return {
    attributes: someAttributes(dice),
    newNode: dice.hex(16) as NodeId,
    newEntry: dice.hex(16) as EntryId,
  };
}

export function someAttributes(dice: Dice): Attributes {
  const xattrs = new Map<string, Buffer | undefined>();
  if (dice.chance(0.3)) {
    const value = dice.chance(0.3) ? undefined : Buffer.from(dice.hex(2), 'hex');
    xattrs.set(dice.pick(['user.a', 'user.b']), value);
  }
  return {
    ...(dice.chance(0.6) ? { mode: dice.between(0, 0o7777) } : {}),
    ...(dice.chance(0.6)
      ? { mtime: { seconds: dice.between(-5, 2 ** 33), nanoseconds: dice.between(0, 999_999_999) } }
      : {}),
    ...(xattrs.size > 0 ? { xattrs } : {}),
  };
}

export function someContent(dice: Dice): Content {
  const epoch = 'e0'.repeat(32) as EpochId;
  const record = dice.hex(32) as ChunkId;
  const size = dice.between(1, 4096);
  if (dice.chance(0.05)) return { type: 'empty' };
  if (dice.chance(0.3)) {
    const salt = Buffer.from(dice.hex(32), 'hex');
    const hash = Buffer.from(dice.hex(32), 'hex');
    return { type: 'small', size, small: { record, salt, hash, epoch } };
  }
  const pid = dice.hex(32) as PlainId;
  const chunk = { cid: record, pid, epoch, format: 1, plainLength: size, sealedLength: size + 16 };
  if (dice.chance(0.5)) return { type: 'chunk', size, chunk };
  return { type: 'manifest', size: size * 1000, manifest: chunk };
}
