/** A device of the tests of agent/namespace: a tree, a clock set by hand, and journals that it passes on. */
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { makeNodeOp, putFileOp } from '../../agent/namespace/author.ts';
import { createTree, type JournaledTree } from '../../agent/namespace/tree.ts';
import type { EntryView } from '../../agent/namespace/tree.types.ts';
import {
  journalId,
  rootNodeId,
  type ChunkId,
  type DeviceId,
  type EntryId,
  type EpochId,
  type IncarnationId,
  type JournalId,
  type NodeId,
  type PlainId,
} from '../../protocol/ids.ts';
import type { BatchBody, Content, Op, Seen } from '../../protocol/messages/op.ts';

export const testEpoch = 'e0'.repeat(32) as EpochId;
let counter = 0;

/** An id that no other call gives; later ones are greater. */
export function nextId(): string {
  counter += 1;
  return counter.toString(16).padStart(32, '0');
}

export function contentOf(text: string): Content {
  const cid = Buffer.from(text.padEnd(32, '.')).subarray(0, 32).toString('hex') as ChunkId;
  const chunk = {
    cid,
    pid: cid as string as PlainId,
    epoch: testEpoch,
    format: 1,
    plainLength: text.length,
    sealedLength: text.length + 16,
  };
  return { type: 'chunk', size: text.length, chunk };
}

export class TreeDevice {
  readonly id: DeviceId;
  readonly tree: JournaledTree;
  readonly batches: OpenedBatch[] = [];
  readonly journal: JournalId;
  nowMs = Date.UTC(2026, 10, 21, 12);

  constructor(digit: string) {
    this.id = digit.repeat(32) as DeviceId;
    this.journal = journalId(this.id, digit.repeat(16) as IncarnationId);
    this.tree = createTree({ deviceName: labelOf });
  }

  /** Says operations in one batch. */
  say(ops: Iterable<Op>, body: Partial<BatchBody> = {}): OpenedBatch {
    this.nowMs += 1000;
    const seen: Seen[] = [...this.tree.vector()].map(([journal, sequence]) => ({
      journal,
      sequence,
    }));
    const batch = {
      header: { journal: this.journal, sequence: this.batches.length + 1, epoch: testEpoch },
      author: this.id,
      body: {
        stamp: { wallMs: this.nowMs, counter: 0 },
        lamport: this.tree.lamport() + 1,
        seen: seen.filter(({ journal }) => journal !== this.journal),
        ops: [...ops],
        ...body,
      },
    } as unknown as OpenedBatch;
    this.batches.push(batch);
    this.tree.apply(batch);
    return batch;
  }

  /** Takes in everything that the others have said. */
  hear(...others: readonly TreeDevice[]): void {
    for (const { batches } of others) this.tree.applyAll(batches);
  }

  makeDirectory(path: string): NodeId {
    const newNode = nextId() as NodeId;
    this.say([
      makeNodeOp(this.tree, { ...this.#place(path), kind: 'directory', ...this.#fresh(newNode) }),
    ]);
    return newNode;
  }

  put(path: string, text: string): void {
    const content = contentOf(text);
    this.say([
      putFileOp(this.tree, { ...this.#place(path), content, ...this.#fresh(nextId() as NodeId) }),
    ]);
  }

  at(path: string): EntryView {
    const view = this.find(path);
    if (view === undefined) throw new Error(`nothing at ${path}`);
    return view;
  }

  find(path: string): EntryView | undefined {
    return this.tree.resolve(namesOf(path));
  }

  /** Names of a directory, `''` for the root. */
  list(path = ''): string[] | undefined {
    const node = path === '' ? rootNodeId : this.at(path).node.id;
    return this.tree.list(node)?.map(({ name }) => name.toString());
  }

  /** What stands in a file, as `contentOf` got it. */
  read(path: string): string {
    const content = this.at(path).version?.content;
    if (content?.type !== 'chunk') return '';
    return Buffer.from(content.chunk.cid, 'hex').toString().slice(0, content.size);
  }

  #place(path: string): { parent: NodeId; name: Buffer } {
    const names = namesOf(path);
    const above = names.slice(0, -1);
    const parent = above.length === 0 ? rootNodeId : this.tree.resolve(above)?.node.id;
    return { parent: parent ?? rootNodeId, name: names.at(-1) ?? Buffer.alloc(0) };
  }

  #fresh(newNode: NodeId): { attributes: object; newNode: NodeId; newEntry: EntryId } {
    return { attributes: {}, newNode, newEntry: nextId() as EntryId };
  }
}

export function labelOf(device: DeviceId): string {
  return `dev-${device.slice(0, 1)}`;
}

/** All of them hear all of them. */
export function exchange(...devices: readonly TreeDevice[]): void {
  for (const device of devices) device.hear(...devices.filter((other) => other !== device));
}

function namesOf(path: string): Buffer[] {
  return path.split('/').map((name) => Buffer.from(name));
}
