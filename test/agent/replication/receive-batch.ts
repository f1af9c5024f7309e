import test from 'ava';
import { BatchDoor, type Fork } from '../../../agent/replication/receive-batch.ts';
import type { AdmittedBatch } from '../../../agent/replication/received-batch.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { JournalStore } from '../../../agent/store/store.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { idFromBytes, journalId, type BatchHash } from '../../../protocol/ids.ts';

const device = idFromBytes('device', Buffer.alloc(16, 1));
const journal = journalId(device, idFromBytes('incarnation', Buffer.alloc(8, 1)));
const hash = (sequence: number, branch = 0): BatchHash =>
  idFromBytes('batch', Buffer.alloc(32, sequence * 16 + branch));

function batch(sequence: number, branch = 0, previousBranch = branch): AdmittedBatch {
  const bytes = Buffer.from(`batch ${String(sequence)}`);
  return {
    from: device,
    small: [],
    verified: {
      author: device,
      hash: hash(sequence, branch),
      bytes,
      headerBytes: bytes,
      sealed: bytes,
      header: {
        journal,
        sequence,
        previous: sequence === 1 ? undefined : hash(sequence - 1, previousBranch),
        membershipHeads: [],
        epoch: idFromBytes('epoch', Buffer.alloc(32)),
        salt: Buffer.alloc(32),
        chunksAdded: [],
        chunksReused: [],
        smallRecords: [],
      },
    },
  };
}

function bench(wrap: (store: JournalStore) => JournalStore = (store) => store) {
  const store = createMemoryStore().journals;
  const appended: number[] = [];
  const forks: Fork[] = [];
  const failures: VaultError[] = [];
  const groups: number[] = [];
  const door = new BatchDoor(wrap(store), {
    onAppended: (batches) => {
      groups.push(batches.length);
      appended.push(...batches.map(({ verified }) => verified.header.sequence));
    },
    onFork: (fork) => forks.push(fork),
    onFailure: (error) => failures.push(error),
  });
  return { door, store, appended, forks, failures, groups };
}

test('Batches enter in order; copies and gaps do not', async (t) => {
  const { door, appended } = bench();
  t.is(await door.enter(batch(2)), 'gap');
  t.is(await door.enter(batch(1)), 'queued');
  t.is(await door.enter(batch(1)), 'known', 'also while it is being appended');
  t.is(await door.enter(batch(2)), 'queued');
  await door.idle();
  t.is(await door.enter(batch(1)), 'known');
  t.is(await door.enter(batch(2)), 'known');
  t.is(await door.enter(batch(4)), 'gap');
  t.deepEqual(appended, [1, 2]);
  t.is(door.tip(journal)?.sequence, 2);
});

test('Batches that come while one is appended share the next append', async (t) => {
  const { door, groups } = bench();
  for (let sequence = 1; sequence <= 15; sequence += 1) await door.enter(batch(sequence));
  await door.idle();
  t.true(groups.length < 15, groups.join());
  t.is(
    groups.reduce((sum, size) => sum + size, 0),
    15,
  );
});

for (const [where, forked] of [
  ['at the tip', batch(3, 1, 0)],
  ['before the tip', batch(2, 1, 0)],
  ['after the tip', batch(4, 1, 1)],
] as const) {
  test(`A fork ${where} freezes the journal once`, async (t) => {
    const { door, appended, forks } = bench();
    for (const sequence of [1, 2, 3]) await door.enter(batch(sequence));
    await door.idle();
    t.is(await door.enter(forked), 'frozen');
    t.is(await door.enter(forked), 'frozen');
    t.is(await door.enter(batch(4)), 'frozen', 'nothing follows');
    t.is(forks.length, 1);
    t.true(door.frozen.has(journal));
    t.deepEqual(appended, [1, 2, 3]);
  });
}

test('When the store refuses, the queue is forgotten and can be sent again', async (t) => {
  let broken = true;
  const { door, appended, failures } = bench((store) => ({
    ...store,
    append: async (batches) => {
      await Promise.resolve();
      if (broken) throw new VaultError('disk-full', { op: 'test' });
      return store.append(batches);
    },
  }));
  await door.enter(batch(1));
  await door.enter(batch(2));
  await door.idle();
  t.is(failures[0]?.code, 'disk-full');
  t.is(door.tip(journal), undefined);
  broken = false;
  t.is(await door.enter(batch(1)), 'queued');
  await door.idle();
  t.deepEqual(appended, [1]);
});
