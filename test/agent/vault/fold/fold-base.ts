/** What the file about the beginning of the journals says after another start. */
import test from 'ava';
import { foldCopy, foldFile } from '../../../../agent/vault/fold/base-file.ts';
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

test('what one file lost comes from the other, whatever happened to it', async (t) => {
  const parts = partsAt(9_000);
  await (await FoldBase.open(parts)).adopt(fold, 5_000);
  for (const path of [foldFile, foldCopy]) {
    const whole = parts.disk.peek(path)!;
    for (const bytes of damagedForms(whole)) {
      if (bytes === undefined) await parts.disk.remove(path);
      else parts.disk.poke(path, bytes);
      const base = await FoldBase.open(parts);
      t.deepEqual(base.damaged, bytes === undefined ? [] : [path]);
      t.deepEqual([base.id, base.latestMs, base.pages], [fold.id, 5_000, fold.pages]);
      t.true(parts.disk.peek(path)?.equals(whole));
    }
  }
});

test('when both are damaged it is not known, and no digit of them is believed', async (t) => {
  const parts = partsAt(9_000);
  await (await FoldBase.open(parts)).adopt(fold, 5_000);
  const whole = parts.disk.peek(foldFile)!;
  for (const bytes of damagedForms(whole)) {
    for (const path of [foldFile, foldCopy]) {
      if (bytes === undefined) await parts.disk.remove(path);
      else parts.disk.poke(path, bytes);
    }
    const opened = FoldBase.open(parts);
    if (isFormat(bytes)) {
      await t.throwsAsync(opened, { message: /a newer version/ });
      continue;
    }
    t.is((await opened).id, undefined);
    t.is((await opened).damaged.length, bytes === undefined ? 0 : 2);
  }
});

test('a crash between the two files leaves what was, or what is new, in both', async (t) => {
  const parts = partsAt(9_000);
  const base = await FoldBase.open(parts);
  await base.adopt(fold, 5_000);
  const before = parts.disk.peek(foldCopy)!;
  await base.done();
  parts.disk.poke(foldCopy, before);
  const after = await FoldBase.open(parts);
  t.true(after.isDone);
  t.deepEqual(after.damaged, []);
  t.deepEqual(parts.disk.peek(foldCopy), parts.disk.peek(foldFile));
});

test('a full disk keeps nobody from starting, and both files are there before a body goes', async (t) => {
  const parts = partsAt(9_000);
  await (await FoldBase.open(parts)).adopt(fold, 5_000);
  const whole = parts.disk.peek(foldFile)!;
  for (const path of [foldFile, foldCopy]) {
    parts.disk.poke(path, Buffer.alloc(10));
    parts.disk.failing = 'full';
    const base = await FoldBase.open(parts);
    t.deepEqual([base.id, base.latestMs, base.isDone], [fold.id, 5_000, false]);
    await t.throwsAsync(base.mend(), { code: 'disk-full' });
    parts.disk.failing = undefined;
    await base.mend();
    for (const each of [foldFile, foldCopy]) t.deepEqual(parts.disk.peek(each), whole);
  }
});

test('what was found again counts on a full disk too', async (t) => {
  const parts = partsAt(9_000);
  const base = await FoldBase.open(parts);
  parts.disk.failing = 'full';
  await base.recall(fold, 5_000);
  t.is(base.id, fold.id);
  parts.disk.failing = undefined;
  await base.mend();
  t.is((await FoldBase.open(parts)).id, fold.id);
});

test('the single file of an earlier version is read, and its copy made', async (t) => {
  const parts = partsAt(9_000);
  await (await FoldBase.open(parts)).adopt(fold, 5_000);
  const text = parts.disk.peek(foldFile)!.toString();
  const row = { ...(JSON.parse(text) as object), format: 1, check: undefined };
  parts.disk.poke(foldFile, Buffer.from(JSON.stringify(row)));
  await parts.disk.remove(foldCopy);
  t.is((await FoldBase.open(parts)).id, fold.id);
  t.is(parts.disk.peek(foldCopy)?.toString(), text);
});

/** Whether what changed is that a newer version is said to have written it. */
function isFormat(bytes: Buffer | undefined): boolean {
  return bytes?.toString('latin1').includes('"format": 3') === true;
}

/** undefined: the file is not there. A character in every value that is told, none of spaces. */
function damagedForms(whole: Buffer): readonly (Buffer | undefined)[] {
  const forms: (Buffer | undefined)[] = [undefined, Buffer.alloc(0), Buffer.alloc(whole.length)];
  for (let at = 0; at < whole.length; at += 1) {
    const isSpace = whole[at] === 0x20 || whole[at] === 0x0a;
    if (isSpace || (at > 100 && at % 5 > 0)) continue;
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 0x01;
    forms.push(flipped);
    if (at % 20 === 0) forms.push(whole.subarray(0, at));
  }
  return forms;
}
