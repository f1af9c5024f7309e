/** What the file about the beginning of the journals says after another start. */
import test from 'ava';
import { FoldBase } from '../../../../agent/vault/fold/fold-base.ts';
import type {
  BatchHash,
  ChunkId,
  EpochId,
  JournalId,
  StatementId,
} from '../../../../protocol/ids.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';
import { memoryDisk } from '../../../helpers/memory-disk.ts';

const journal = 'ab'.repeat(24) as JournalId;
const fold = {
  id: '01'.repeat(32) as StatementId,
  vector: [{ journal, sequence: 3, hash: '02'.repeat(32) as BatchHash }],
  stateRoot: Buffer.alloc(32, 3),
  pages: [{ id: '04'.repeat(32) as ChunkId, length: 500 }],
  epoch: '05'.repeat(32) as EpochId,
};

function partsAt(nowMs: number) {
  return {
    disk: memoryDisk(),
    clock: createManualClock(nowMs),
    chunks: {
      has: () => true,
      read: () => Promise.reject(new Error('nobody reads it')),
    },
    opKeyOf: () => undefined,
    look: { deviceName: () => '', seed: 1 },
  };
}

test('it begins at the same place after a start, with bodies to take away until they went', async (t) => {
  const parts = partsAt(9_000);
  const base = await FoldBase.open(parts);
  t.deepEqual([base.id, base.isDone, base.latestMs], [undefined, true, undefined]);
  await base.adopt(fold, 5_000);
  for (const each of [base, await FoldBase.open(parts)]) {
    t.deepEqual([each.id, each.isDone, each.latestMs], [fold.id, false, 5_000]);
    t.deepEqual([...each.places], [[journal, 3]]);
    t.is(each.hashAt(journal), fold.vector[0]!.hash);
    t.false(each.isWithin(new Map([[journal, 2]])));
    t.true(each.isWithin(new Map([[journal, 3]])));
  }
  await base.done();
  t.true((await FoldBase.open(parts)).isDone);
});

test('a clock that is far ahead does not hide the time from now on', async (t) => {
  const parts = partsAt(9_000);
  const base = await FoldBase.open(parts);
  await base.adopt(fold, 4_000_000_000_000);
  t.is(base.latestMs, 9_000);
  t.is((await FoldBase.open(parts)).latestMs, 9_000);
});
