import test from 'ava';
import { JournalLines, type Branch } from '../../../agent/replication/journal-lines.ts';
import { BatchDoor } from '../../../agent/replication/receive-batch.ts';
import type { AdmittedBatch } from '../../../agent/replication/received-batch.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { JournalStore } from '../../../agent/store/store.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { journal as limits } from '../../../protocol/limits.ts';
import { idFromBytes, journalId, type BatchHash } from '../../../protocol/ids.ts';

const device = idFromBytes('device', Buffer.alloc(16, 1));
const journal = journalId(device, idFromBytes('incarnation', Buffer.alloc(8, 1)));
const hash = (sequence: number, branch = 0): BatchHash =>
  idFromBytes('batch', Buffer.alloc(32, sequence * 32 + branch));

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
  const memory = createMemoryStore();
  const store = memory.journals;
  const lines = new JournalLines(memory);
  const appended: number[] = [];
  const branches: Branch[] = [];
  const failures: VaultError[] = [];
  const groups: number[] = [];
  const door = new BatchDoor(wrap(store), lines, {
    onAppended: (batches) => {
      groups.push(batches.length);
      appended.push(...batches.map(({ verified }) => verified.header.sequence));
    },
    onBranch: (branch) => branches.push(branch),
    onFailure: (error) => failures.push(error),
  });
  return { door, store, lines, appended, branches, failures, groups };
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

test('A fork begins a branch beside the journal, and both go on', async (t) => {
  const { door, store, appended, branches } = bench();
  for (const sequence of [1, 2, 3]) await door.enter(batch(sequence));
  t.is(await door.enter(batch(2, 1, 0)), 'queued', 'also beside what is still queued');
  t.is(await door.enter(batch(2, 1, 0)), 'known');
  t.is(await door.enter(batch(3, 1)), 'queued', 'it continues the branch');
  t.is(await door.enter(batch(4)), 'queued', 'and the journal goes on');
  await door.idle();
  t.is(branches.length, 1);
  t.is(branches[0]?.first, 2);
  t.deepEqual(appended, [1, 2, 3, 2, 3, 4]);
  t.is(store.tip(journal)?.sequence, 4);
  t.deepEqual(
    store.branches().map(({ sequence }) => sequence),
    [3],
  );
  t.is(await door.enter(batch(3, 1)), 'known', 'now from the disk');
  t.is(await door.enter(batch(3, 2, 1)), 'queued', 'a branch of the branch');
  await door.idle();
  t.is(store.branches().length, 2);
});

test('A batch of a branch whose beginning is not here is said to have diverged', async (t) => {
  const { door, branches } = bench();
  for (const sequence of [1, 2, 3]) await door.enter(batch(sequence));
  await door.idle();
  t.is(await door.enter(batch(4, 1, 1)), 'diverged', 'behind the tip');
  t.is(await door.enter(batch(3, 1, 1)), 'diverged', 'at the tip');
  t.is(await door.enter(batch(6, 1, 1)), 'gap', 'further on it may be anything');
  t.is(branches.length, 0);
});

test('Concurrent beginnings of one branch begin it once', async (t) => {
  const { door, branches, store } = bench();
  for (const sequence of [1, 2, 3]) await door.enter(batch(sequence));
  await door.idle();
  const entries = await Promise.all([1, 2, 3].map(() => door.enter(batch(2, 1, 0))));
  await door.idle();
  t.deepEqual(entries.sort(), ['known', 'known', 'queued']);
  t.is(branches.length, 1);
  t.is(store.branches().length, 1);
});

test('A journal takes a bounded number of branches', async (t) => {
  const { door } = bench();
  await door.enter(batch(1));
  await door.enter(batch(2));
  await door.idle();
  const entries: string[] = [];
  for (let branch = 1; branch <= limits.branchesPerJournalMax + 1; branch += 1) {
    entries.push(await door.enter(batch(2, branch, 0)));
  }
  t.is(entries.filter((entry) => entry === 'queued').length, limits.branchesPerJournalMax);
  t.is(entries.at(-1), 'refused');
});

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
