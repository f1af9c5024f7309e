/** A node as items of bounded size: nearly always one; more where a file has thousands of names. */
import { state as limits } from '../../../protocol/limits.ts';
import type { Attributes } from '../../../protocol/messages/op.ts';
import type { StateNode, StateOp } from '../../../protocol/messages/state.ts';

const lists = ['ops', 'entries', 'waiting', 'buried', 'superseded', 'covered', 'outdated'] as const;
type Lists = { -readonly [Key in (typeof lists)[number]]: StateNode[Key] };

/** About what an element takes beside names and values. */
const elementBytes = 64;
const opIdBytes = 16;

export function* partsOf(node: StateNode): Generator<StateNode> {
  if (isSmall(node)) yield node;
  else yield* cut(node);
}

function isSmall(node: StateNode): boolean {
  let bytes = 0;
  for (const list of lists) for (const element of node[list]) bytes += bytesOf(element);
  return bytes <= limits.itemBytes;
}

function* cut(node: StateNode): Generator<StateNode> {
  let part = new Part(node);
  for (const list of lists) {
    for (const element of node[list]) {
      const bytes = bytesOf(element);
      if (part.bytes > 0 && part.bytes + bytes > limits.itemBytes) {
        yield part.node();
        part = new Part(continued(node));
      }
      part.add(list, element, bytes);
    }
  }
  yield part.node();
}

class Part {
  bytes = 0;
  readonly #head: StateNode;
  readonly #lists = new Map<keyof Lists, object[]>();

  constructor(head: StateNode) {
    this.#head = head;
  }

  add(list: keyof Lists, element: object, bytes: number): void {
    const held = this.#lists.get(list);
    if (held === undefined) this.#lists.set(list, [element]);
    else held.push(element);
    this.bytes += bytes;
  }

  node(): StateNode {
    const own = Object.fromEntries(lists.map((list) => [list, this.#lists.get(list) ?? []]));
    return { ...this.#head, ...own };
  }
}

/** What stands in the first item only does not come again. */
function continued(node: StateNode): StateNode {
  return { ...node, lineage: undefined, hasKin: false, target: undefined };
}

type Element = Lists[keyof Lists][number];

function bytesOf(element: Element): number {
  if ('stamp' in element) {
    const names = 'replaces' in element ? element.replaces.length * opIdBytes : 0;
    const held = 'by' in element ? 0 : heldBytes(element);
    return 2 * elementBytes + (element.place?.name.length ?? 0) + names + held;
  }
  if ('replaced' in element) return elementBytes + element.replaced.length * opIdBytes;
  if ('xattrs' in element) return elementBytes + namesBytes(element.xattrs);
  return opIdBytes;
}

function heldBytes({ attributes, content }: StateOp): number {
  return (content === undefined ? 0 : 2 * elementBytes) + xattrsBytes(attributes);
}

function xattrsBytes(attributes: Attributes | undefined): number {
  let bytes = 0;
  for (const [name, value] of attributes?.xattrs ?? []) {
    bytes += name.length + (value?.length ?? 0) + 8;
  }
  return bytes;
}

function namesBytes(names: readonly string[]): number {
  let bytes = 0;
  for (const name of names) bytes += name.length + 2;
  return bytes;
}
