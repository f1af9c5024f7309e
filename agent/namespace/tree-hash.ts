/**
 * 32 bytes that are equal exactly when two trees show the same. Every directory that is shown by
 * itself keeps the hash of what it shows; a change makes it forget, and its ancestors with it. Walks
 * with a stack of its own: how deep a tree is, others decide.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { modeOf, mtimeOf, xattrsOf } from './attributes.ts';
import { contentKey, sizeOf } from './contents.ts';
import type { Group } from './groups.ts';
import type { NodeRecord } from './records.ts';
import { compareText, rowsOf, type DeviceName, type Row } from './rows.ts';
import type { TreeState } from './state.ts';
import { versionMode, versionMtime } from './versions.ts';

const domain = 'peervault v1 tree';
/** Stands where a hash would, for a directory that is shown with others: known, but not kept. */
const notKept = Buffer.alloc(0);

interface Frame {
  readonly group: Group;
  readonly rows: readonly Row[];
  readonly parts: string[];
  next: number;
}

export function treeHash(state: TreeState, deviceName: DeviceName): Buffer {
  const work = hashSteps(state, deviceName);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The same in steps of one directory each; what was hashed stays so if it does not change. */
export function* hashSteps(
  state: TreeState,
  deviceName: DeviceName,
): Generator<undefined, Buffer, undefined> {
  const top: Group = [state.root];
  const stack: Frame[] = [];
  let done = keptHash(top);
  if (done === undefined) stack.push(frameOf(state, top, deviceName));
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = hashRows(frame);
    if (child !== undefined) {
      stack.push(frameOf(state, child, deviceName));
      continue;
    }
    done = blake3Of(domain, Buffer.from(frame.parts.join(''), 'latin1'));
    keep(state, frame, done);
    yield undefined;
    stack.pop();
    const above = stack.at(-1);
    const row = above?.rows[above.next];
    if (above !== undefined && row !== undefined) {
      above.parts.push(rowText(row), done.toString('latin1'));
      above.next += 1;
    }
  }
  return blake3Of(domain, done ?? notKept, Buffer.from(attributesText(state.root), 'latin1'));
}

/** Goes on with a directory's rows; returns a directory whose hash it needs first. */
function hashRows(frame: Frame): Group | undefined {
  for (; frame.next < frame.rows.length; frame.next += 1) {
    const row = frame.rows[frame.next];
    if (row === undefined) break;
    const { group } = row;
    const hash = group === undefined ? notKept : keptHash(group);
    if (hash === undefined) return group;
    frame.parts.push(rowText(row), hash.toString('latin1'));
  }
  return undefined;
}

function frameOf(state: TreeState, group: Group, deviceName: DeviceName): Frame {
  return { group, rows: rowsOf(state, group, deviceName), parts: [], next: 0 };
}

function keptHash(group: Group): Buffer | undefined {
  const hash = group.length === 1 ? group[0]?.directory?.hash : undefined;
  return hash === undefined || hash.length === 0 ? undefined : hash;
}

function keep(state: TreeState, { group, rows }: Frame, hash: Buffer): void {
  const showsLabels = rows.some(({ conflict }) => conflict);
  for (const node of group) {
    if (node.directory === undefined) continue;
    node.directory.showsLabels = showsLabels;
    node.directory.hash = group.length === 1 ? hash : notKept;
    state.unsaved.add(node);
  }
}

/** Names and targets hold no NUL, so it separates; values of xattrs go by their length. */
function rowText(row: Row): string {
  const { name, node, version, conflict } = row;
  if (node.kind === 'directory') return `${name}\0d\0${attributesText(node)}`;
  if (node.kind === 'symlink') {
    const target = node.rare?.target?.value.toString('latin1') ?? '';
    return `${name}\0l${conflict ? '!' : ''}\0${target}\0${attributesText(node)}`;
  }
  const content = `${contentKey(version?.content)}\0${String(sizeOf(version?.content))}`;
  const mtime = versionMtime(row);
  const time = `${String(mtime.seconds)}.${String(mtime.nanoseconds)}`;
  const attributes = `${String(versionMode(row))}\0${time}\0${xattrsText(node)}`;
  return `${name}\0f${conflict ? '!' : ''}\0${content}\0${attributes}`;
}

function attributesText(node: NodeRecord): string {
  const { seconds, nanoseconds } = mtimeOf(node);
  const time = `${String(seconds)}.${String(nanoseconds)}`;
  return `${String(modeOf(node))}\0${time}\0${xattrsText(node)}`;
}

function xattrsText(node: NodeRecord): string {
  const xattrs = xattrsOf(node);
  if (xattrs.size === 0) return '0\n';
  const sorted = [...xattrs].sort(([a], [b]) => compareText(a, b));
  const texts = sorted.map(
    ([name, value]) => `${name}\0${String(value.length)}\0${value.toString('latin1')}`,
  );
  return `${String(xattrs.size)}\0${texts.join('\0')}\n`;
}
