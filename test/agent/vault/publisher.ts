/** When the publisher goes to the disk: at once for who waits, once for many that may wait. */
import test from 'ava';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import { createHybridClock } from '../../../agent/namespace/clock.ts';
import { makeNodeOp } from '../../../agent/namespace/author.ts';
import { createTree } from '../../../agent/namespace/tree.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { Publisher, type Publication } from '../../../agent/vault/publisher.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import {
  JournalAuthor,
  testJournalEpoch,
  testOpKey,
  testVault,
} from '../../helpers/journal-author.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { TreeDevice } from '../../helpers/tree-device.ts';

function newPublisher() {
  const store = createMemoryStore();
  const tree = createTree({ deviceName: () => 'laptop' });
  const clock = createManualClock(Date.UTC(2026, 10, 21));
  const random = seededRandom('publisher');
  const author = new JournalAuthor(1);
  const flushes: number[] = [];
  const published: OpenedBatch[] = [];
  const append = store.journals.append.bind(store.journals);
  store.journals.append = (batches) => {
    flushes.push(batches.length);
    return append(batches);
  };
  const publisher = new Publisher(
    {
      store,
      tree,
      random,
      clock: createHybridClock(clock, tree),
      timer: clock,
      author: { vault: testVault, device: author.device, sign: author.sign },
      epoch: () => ({
        id: testJournalEpoch,
        opKey: testOpKey,
        chunkKey: Buffer.alloc(32, 8),
      }),
      membershipHeads: () => ['3c'.repeat(32)],
      onPublished: (batches) => published.push(...batches),
    },
    undefined,
  );
  const directory = (name: string, patient: boolean): Publication => ({
    keys: [name],
    patient,
    build: (now) => ({
      ops: [
        makeNodeOp(now, {
          parent: rootNodeId,
          name: Buffer.from(name),
          kind: 'directory',
          newNode: random.bytes(16).toString('hex') as NodeId,
          newEntry: random.bytes(16).toString('hex') as EntryId,
          attributes: {},
        }),
      ],
    }),
  });
  return { publisher, store, tree, clock, flushes, published, directory };
}

/** Everything that can happen without the clock. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('who waits is served at once', async (t) => {
  const { publisher, tree, clock, flushes, directory } = newPublisher();
  await publisher.publish(directory('a', false));
  t.deepEqual(flushes, [1]);
  t.is(clock.waiting, 0);
  t.truthy(tree.resolve([Buffer.from('a')]));
});

test('many that may wait share a batch, and are there after some milliseconds', async (t) => {
  const { publisher, tree, clock, flushes, directory } = newPublisher();
  const published = [];
  for (let index = 0; index < 20; index += 1) {
    published.push(publisher.publish(directory(String(index), true)));
    await settled();
  }
  t.deepEqual(flushes, []);
  clock.advance(10);
  const ids = await Promise.all(published);
  t.deepEqual(flushes, [1]);
  t.is(new Set(ids.flat().map(({ index }) => index)).size, 20);
  t.is(tree.totals().directories, 20);
  t.is(clock.waiting, 0);
});

test('one that cannot wait takes the waiting ones with it', async (t) => {
  const { publisher, clock, flushes, directory } = newPublisher();
  const patient = publisher.publish(directory('a', true));
  await settled();
  await publisher.publish(directory('b', false));
  await patient;
  t.deepEqual(flushes, [1]);
  t.is(clock.waiting, 0);
});

test('what has nothing to say is no batch, and is answered when its chunks are durable', async (t) => {
  const { publisher, store, tree, flushes, directory } = newPublisher();
  const nothing: Publication = { keys: ['nothing'], build: () => ({ ops: [] }) };
  const commit = store.chunks.commit.bind(store.chunks);
  let commits = 0;
  store.chunks.commit = async () => {
    await commit();
    commits += 1;
  };
  t.deepEqual(await publisher.publish(nothing), []);
  t.is(commits, 1, 'one that was missing may have been written again');
  t.deepEqual(flushes, []);
  const [, ids] = await Promise.all([
    publisher.publish(nothing),
    publisher.publish(directory('a', false)),
  ]);
  t.is(ids.length, 1);
  t.is(ids[0]?.sequence, 1);
  t.deepEqual(flushes, [1]);
  t.is(tree.totals().directories, 1);
});

test('what has nothing to say fails when its chunks are not durable', async (t) => {
  const { publisher, store } = newPublisher();
  store.chunks.commit = () => Promise.reject(new VaultError('io', { op: 'test' }));
  const nothing = publisher.publish({ keys: [], build: () => ({ ops: [] }) });
  await t.throwsAsync(nothing, { instanceOf: VaultError, code: 'io' });
});

test('when nothing follows any more, nobody waits for more', async (t) => {
  const { publisher, clock, flushes, directory } = newPublisher();
  const patient = publisher.publish(directory('a', true));
  await settled();
  t.deepEqual(flushes, []);
  publisher.hurry();
  await patient;
  t.deepEqual(flushes, [1]);
  t.is(clock.waiting, 0);
});

test('five hundred do not wait for more', async (t) => {
  const { publisher, flushes, directory } = newPublisher();
  const published = [publisher.publish(directory('first', true))];
  await settled();
  for (let index = 0; index < 511; index += 1) {
    published.push(publisher.publish(directory(String(index), true)));
  }
  await Promise.all(published);
  t.is(flushes.length, 1);
});

test('a patient one that shares a name sees the one before it', async (t) => {
  const { publisher, clock, directory } = newPublisher();
  const first = publisher.publish(directory('a', true));
  let seen = false;
  const second = publisher.publish({
    keys: ['a'],
    patient: true,
    build: (tree) => {
      seen = tree.resolve([Buffer.from('a')]) !== undefined;
      return { ops: [] };
    },
  });
  await settled();
  clock.advance(10);
  await first;
  await settled();
  clock.advance(10);
  await second;
  t.true(seen);
});

test('a batch has seen what its operations were made upon, and nothing that came since', async (t) => {
  const { publisher, store, tree, published, directory } = newPublisher();
  const other = new TreeDevice('b');
  other.makeDirectory('one');
  other.makeDirectory('two');
  const [first, second] = other.batches;
  if (first === undefined || second === undefined) return;
  tree.apply(first);
  const commit = store.chunks.commit.bind(store.chunks);
  store.chunks.commit = async () => {
    // Comes while the chunks go to the disk.
    tree.apply(second);
    await commit();
  };
  await publisher.publish(directory('a', false));
  await publisher.publish(directory('b', false));
  t.deepEqual(
    published.map(({ body }) => body.seen),
    [[{ journal: other.journal, sequence: 1 }], [{ journal: other.journal, sequence: 2 }]],
  );
  t.deepEqual(
    published.map(({ body }) => body.lamport),
    [first.body.lamport + 1, second.body.lamport + 1],
  );
});

for (const code of ['io', 'conflict'] as const) {
  test(`the first batch after a failed one (${code}) names all that was seen again`, async (t) => {
    const { publisher, store, tree, published, directory } = newPublisher();
    const other = new TreeDevice('b');
    other.makeDirectory('one');
    other.makeDirectory('two');
    const [first, second] = other.batches;
    if (first === undefined || second === undefined) return;
    tree.apply(first);
    const append = store.journals.append.bind(store.journals);
    store.journals.append = () => {
      store.journals.append = append;
      // Comes while the journal goes to the disk.
      tree.apply(second);
      return Promise.reject(new VaultError(code, { op: 'test' }));
    };
    const failing = publisher.publish(directory('a', false));
    if (code === 'io') await t.throwsAsync(failing);
    else await failing;
    await publisher.publish(directory('b', false));
    const seen = published.map(({ body }) => body.seen);
    const upTo = (sequence: number) => [{ journal: other.journal, sequence }];
    // In a conflict the same operations are said again, and have seen no more than before.
    t.deepEqual(seen, code === 'io' ? [upTo(2)] : [upTo(1), upTo(2)]);
  });
}

test('what was made before somebody asks is in the journal when he hears of it', async (t) => {
  const { publisher, store, published, directory } = newPublisher();
  await publisher.flushed();
  const { promise: disk, resolve: done } = Promise.withResolvers<undefined>();
  const commit = store.chunks.commit.bind(store.chunks);
  store.chunks.commit = () => disk.then(commit);
  const first = publisher.publish(directory('a', false));
  await settled();
  const order: string[] = [];
  const asked = publisher.flushed().then(() => order.push(`asked ${String(published.length)}`));
  done(undefined);
  await Promise.all([first, asked]);
  t.deepEqual(order, ['asked 1']);
});
