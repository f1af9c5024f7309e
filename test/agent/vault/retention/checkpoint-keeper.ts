/** What a device thinks of a checkpoint, and when it agrees. */
import test from 'ava';
import type { CountedCheckpoint } from '../../../../agent/members/membership.ts';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import { CheckpointKeeper } from '../../../../agent/vault/retention/checkpoint-keeper.ts';
import type { Log } from '../../../../agent/ports.ts';
import {
  journalId,
  type BatchHash,
  type DeviceId,
  type IncarnationId,
  type JournalId,
  type StatementId,
} from '../../../../protocol/ids.ts';
import { encodeBatch } from '../../../../protocol/messages/batch-wire.ts';

const some = Buffer.alloc(64);
const emptyBatch = encodeBatch({ header: some, sealed: Buffer.alloc(0), signature: some });

const [self, other] = ['a', 'b'].map((digit) => digit.repeat(32) as DeviceId) as [
  DeviceId,
  DeviceId,
];
const journalOf = (device: DeviceId): JournalId =>
  journalId(device, device.slice(0, 16) as IncarnationId);
const [own, foreign] = [journalOf(self), journalOf(other)];
const hashOf = (journal: JournalId, sequence: number): BatchHash =>
  (journal + String(sequence)).padEnd(64, '0') as BatchHash;
const root = Buffer.alloc(32, 7);

function checkpointAt(places: readonly (readonly [JournalId, number])[]): CountedCheckpoint {
  return {
    id: 'c1'.repeat(32) as StatementId,
    vector: places.map(([journal, sequence]) => ({
      journal,
      sequence,
      hash: hashOf(journal, sequence),
    })),
    places: new Map(places),
    stateRoot: root,
    leavesOut: false,
  };
}

const silence = { info: () => undefined, warn: () => undefined } as unknown as Log;

/** A device that has two batches of its own and three of another one. */
class Bench {
  checkpoint: CountedCheckpoint | undefined = checkpointAt([
    [own, 1],
    [foreign, 3],
  ]);
  readonly applied = new Map([
    [own, 2],
    [foreign, 3],
  ]);
  /** Of its second batch. */
  seen = 3;
  writers: readonly DeviceId[] = [self, other];
  readsNames = true;
  makeRoot: () => Promise<Buffer> = () => Promise.resolve(root);
  readonly said: StatementId[] = [];
  readonly differs: StatementId[] = [];
  rootsMade = 0;
  hashes = hashOf;
  retry: (() => void) | undefined;
  readonly keeper = new CheckpointKeeper({
    device: self,
    tree: { vector: () => this.applied },
    source: { read: (journal, after) => this.#read(journal, after) },
    publisher: {
      flushed: () => Promise.resolve(),
      publish: ({ build }) => {
        this.said.push(...(build(undefined as never).acknowledges ?? []));
        return Promise.resolve([]);
      },
    },
    clock: {
      nowMs: () => 0,
      monotonicMs: () => 0,
      after: (_, action) => {
        this.retry = action;
        return { cancel: () => undefined };
      },
    },
    log: silence,
    checkpoint: () => this.checkpoint,
    writers: () => this.writers,
    readsNames: () => this.readsNames,
    hasAcknowledged: (device, id) => device === self && this.said.includes(id),
    hashAt: (journal, sequence) => Promise.resolve(this.hashes(journal, sequence)),
    stateRoot: () => {
      this.rootsMade += 1;
      return this.makeRoot();
    },
    onDiffers: (id) => this.differs.push(id),
  });

  async look(): Promise<string | undefined> {
    this.keeper.look();
    await this.keeper.idle();
    return this.keeper.standing()?.here?.code;
  }

  async *#read(journal: JournalId, after: number): AsyncGenerator<OpenedBatch> {
    await Promise.resolve();
    for (let sequence = after + 1; sequence <= (this.applied.get(journal) ?? 0); sequence++) {
      const seen = sequence === 2 ? [{ journal: foreign, sequence: this.seen }] : [];
      const stamp = { wallMs: 0, counter: 0 };
      const body = { stamp, seen, ops: [{ type: 'unknown' }] };
      yield {
        header: { journal, sequence },
        bytes: emptyBatch,
        body,
      } as unknown as OpenedBatch;
    }
  }
}

test('it agrees to what it finds itself, once', async (t) => {
  const bench = new Bench();
  t.deepEqual(bench.keeper.standing()?.here?.code, 'looking');
  t.is(await bench.look(), undefined);
  t.deepEqual(bench.said, [bench.checkpoint?.id ?? '']);
  t.deepEqual(bench.keeper.standing()?.waitsFor, [other]);
  await bench.look();
  t.is(bench.said.length, 1);
  t.is(bench.rootsMade, 1);
});

test('what amounts to something else here is told, and not agreed to', async (t) => {
  const bench = new Bench();
  bench.makeRoot = () => Promise.resolve(Buffer.alloc(32, 8));
  t.is(await bench.look(), 'other-state');
  t.is(await bench.look(), 'other-state');
  t.deepEqual(bench.said, []);
  t.deepEqual(bench.differs, [bench.checkpoint?.id ?? '']);
  t.is(bench.rootsMade, 1);
});

test('it waits for what it does not have, and looks at the very batches', async (t) => {
  const bench = new Bench();
  bench.applied.set(foreign, 2);
  t.is(await bench.look(), 'behind');
  bench.applied.set(foreign, 3);
  bench.hashes = (journal) => hashOf(journal, 9);
  t.is(await bench.look(), 'other-branch');
  t.is(bench.rootsMade, 0);
  bench.hashes = hashOf;
  t.is(await bench.look(), undefined);
  t.is(bench.said.length, 1);
});

test('what has come is in the tree later, without news: it is looked at again after a while', async (t) => {
  const bench = new Bench();
  bench.applied.set(foreign, 2);
  t.is(await bench.look(), 'behind');
  bench.applied.set(foreign, 3);
  bench.retry?.();
  await bench.keeper.idle();
  t.is(bench.said.length, 1);
});

test('whoever has written without having seen all of it does not agree', async (t) => {
  const bench = new Bench();
  bench.seen = 2;
  t.is(await bench.look(), 'unseen');
  t.deepEqual(bench.said, []);
  // The next one takes in what it wrote.
  bench.checkpoint = {
    ...checkpointAt([
      [own, 2],
      [foreign, 3],
    ]),
    id: 'c2'.repeat(32) as StatementId,
  };
  t.is(await bench.look(), undefined);
  t.deepEqual(bench.said, ['c2'.repeat(32) as StatementId]);
});

test('a reader compares and says nothing; a blind device does neither', async (t) => {
  const reader = new Bench();
  reader.writers = [other];
  t.is(await reader.look(), undefined);
  await reader.look();
  t.is(reader.rootsMade, 1);
  t.deepEqual(reader.said, []);
  const blind = new Bench();
  blind.writers = [other];
  blind.readsNames = false;
  t.is(await blind.look(), undefined);
  t.is(blind.rootsMade, 0);
  t.deepEqual(blind.keeper.standing()?.waitsFor, [other]);
});

test('one that leaves devices out is not agreed to', async (t) => {
  const bench = new Bench();
  bench.checkpoint = { ...checkpointAt([[own, 1]]), leavesOut: true };
  t.is(await bench.look(), 'leaves-out');
  t.is(bench.rootsMade, 0);
});

test('what could not be read is tried again after a while', async (t) => {
  const bench = new Bench();
  bench.makeRoot = () => Promise.reject(new Error('the disk does not answer'));
  t.is(await bench.look(), 'failed');
  bench.makeRoot = () => Promise.resolve(root);
  bench.retry?.();
  await bench.keeper.idle();
  t.is(bench.said.length, 1);
});
