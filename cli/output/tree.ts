/** A list of entries as the tree that they make, and its drawing. Pure. */
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { entryJson, joinPath, nameOf } from './entry-row.ts';

export interface TreeNode {
  /** From the root of the vault. */
  readonly path: Buffer;
  /** undefined: nothing but the way to others. */
  entry: Entry | undefined;
  readonly children: TreeNode[];
}

interface Drawing {
  readonly branch: string;
  readonly last: string;
  readonly line: string;
  readonly space: string;
}

const boxes: Drawing = { branch: '├── ', last: '└── ', line: '│   ', space: '    ' };
const ascii: Drawing = { branch: '|-- ', last: '`-- ', line: '|   ', space: '    ' };

const slash = 0x2f;

/**
 * @param path that was asked for
 * @param entries with paths relative to it, in any order
 */
export function buildTree(path: Buffer, entries: readonly Entry[]): TreeNode {
  const root: TreeNode = { path, entry: undefined, children: [] };
  const nodes = new Map<string, TreeNode>([['', root]]);
  for (const entry of entries) nodeAt(nodes, { path, below: entry.path }).entry = entry;
  for (const node of nodes.values()) {
    node.children.sort((left, right) => left.path.compare(right.path));
  }
  return root;
}

function nodeAt(
  nodes: Map<string, TreeNode>,
  place: { readonly path: Buffer; readonly below: Buffer },
): TreeNode {
  const key = place.below.toString('latin1');
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const above = place.below.subarray(0, Math.max(0, place.below.lastIndexOf(slash)));
  const node = { path: joinPath(place.path, place.below), entry: undefined, children: [] };
  nodes.set(key, node);
  nodeAt(nodes, { path: place.path, below: above }).children.push(node);
  return node;
}

export function treeLines(root: TreeNode, options: { readonly ascii: boolean }): string[] {
  const drawing = options.ascii ? ascii : boxes;
  const lines = [escapeBytes(root.path.length === 0 ? Buffer.from('/') : root.path)];
  draw(root, { drawing, lines, before: '' });
  return lines;
}

function draw(
  node: TreeNode,
  context: { readonly drawing: Drawing; readonly lines: string[]; readonly before: string },
): void {
  const { drawing, lines, before } = context;
  for (const [index, child] of node.children.entries()) {
    const isLast = index === node.children.length - 1;
    lines.push(before + (isLast ? drawing.last : drawing.branch) + label(child));
    draw(child, { drawing, lines, before: before + (isLast ? drawing.space : drawing.line) });
  }
}

function label({ path, entry }: TreeNode): string {
  const name = escapeBytes(nameOf(path));
  if (entry?.kind === 'directory') return `${name}/`;
  return entry?.target === undefined ? name : `${name} -> ${escapeBytes(entry.target)}`;
}

/** The tree as rows of `ls --json` with `children`. */
export function treeJson(node: TreeNode): Record<string, unknown> {
  const { path, entry, children } = node;
  const row =
    entry === undefined
      ? { path: path.length === 0 ? '/' : escapeBytes(path), kind: 'directory' }
      : entryJson(path, entry);
  const isDirectory = entry === undefined || entry.kind === 'directory';
  return isDirectory ? { ...row, children: children.map(treeJson) } : row;
}
