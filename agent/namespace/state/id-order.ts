/**
 * The ids of a million nodes in their order, 16 bytes each, without holding up the loop: runs that are
 * sorted one by one as they fill, and then merged. Nobody who chooses ids can make one run longer.
 */
import { idBytes, type NodeId } from '../../../protocol/ids.ts';

const runIds = 1024;

/** A run as far as it was not given out; the lowest of all runs stands first in the heap. */
interface Run {
  readonly bytes: Buffer;
  at: number;
  id: NodeId;
}

export class IdOrder {
  readonly #runs: Buffer[] = [];
  #open: NodeId[] = [];

  add(id: NodeId): void {
    this.#open.push(id);
    if (this.#open.length === runIds) this.#close();
  }

  /** All of them, in order; it is empty afterwards. */
  *take(): Generator<NodeId> {
    if (this.#open.length > 0) this.#close();
    const heap = this.#runs.splice(0).map((bytes) => ({ bytes, at: 0, id: idAt(bytes, 0) }));
    for (let at = heap.length >> 1; at >= 0; at -= 1) sink(heap, at);
    for (let lowest = heap[0]; lowest !== undefined; lowest = heap[0]) {
      yield lowest.id;
      lowest.at += idBytes.node;
      if (lowest.at < lowest.bytes.length) lowest.id = idAt(lowest.bytes, lowest.at);
      else dropFirst(heap);
      sink(heap, 0);
    }
  }

  #close(): void {
    this.#runs.push(Buffer.from(this.#open.sort().join(''), 'hex'));
    this.#open = [];
  }
}

function idAt(bytes: Buffer, at: number): NodeId {
  return bytes.toString('hex', at, at + idBytes.node) as NodeId;
}

function dropFirst(heap: Run[]): void {
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) heap[0] = last;
}

/** Moves a run down to where its id belongs. */
function sink(heap: Run[], from: number): void {
  const run = heap[from];
  if (run === undefined) return;
  let at = from;
  for (;;) {
    let next = 2 * at + 1;
    const [left, right] = [heap[next], heap[next + 1]];
    if (left !== undefined && right !== undefined && right.id < left.id) next += 1;
    const child = heap[next];
    if (child === undefined || child.id >= run.id) break;
    heap[at] = child;
    at = next;
  }
  heap[at] = run;
}
