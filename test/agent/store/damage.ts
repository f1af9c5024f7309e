/** Bit rot, sick indexes, failed syncs, full disks: right bytes or a clear error, and a report. */
import test from 'ava';
import { isVaultError } from '../../../protocol/errors.ts';
import type { StoreEvent } from '../../../agent/store/store.ts';
import {
  createSimStoreMachine,
  seededFraction,
  type SimStoreMachine,
} from '../../helpers/sim-store.ts';
import { chunkOf } from '../../suites/chunk-store.ts';
import { allOf, batchOf, journalA, smallOf } from '../../suites/journal-store.ts';

const all = Array.from({ length: 30 }, (_, at) => chunkOf(`rot ${String(at)}`, 200 + at * 50));
const batches = Array.from({ length: 6 }, (_, at) =>
  batchOf(journalA, at + 1, { small: [smallOf(`small ${String(at)}`)] }),
);
const segment = 'segments/00000001.seg';
const journalFile = `journals/${journalA}-0000.jnl`;

async function filled(seed = 1): Promise<SimStoreMachine> {
  const machine = createSimStoreMachine(seed);
  const store = await machine.open();
  for (const one of all) {
    await store.chunks.write([one]);
    await store.chunks.commit();
  }
  for (const batch of batches) await store.journals.append([batch]);
  await store.statements.append([Buffer.from('first'), Buffer.from('second')]);
  await store.close();
  return machine;
}

/** Opens, reads everything, returns what was wrong; missing and damaged are right, other bytes are not. */
async function wrongBytes(machine: SimStoreMachine): Promise<{ wrong: string[]; whole: boolean }> {
  const wrong: string[] = [];
  let whole = true;
  const store = await machine.open();
  for (const { id, body } of all) {
    const read = await store.chunks.read(id).catch(expected);
    if (read === undefined) whole = false;
    else if (!read.equals(body)) wrong.push(`chunk ${id}`);
  }
  const read = await allOf(store.journals, journalA).catch(expected);
  if (read === undefined || read.length < batches.length) whole = false;
  for (const batch of read ?? []) {
    const given = batches[batch.sequence - 1]!;
    if (!Buffer.from(given.bytes).equals(batch.bytes) || given.hash !== batch.hash) {
      wrong.push(`batch ${String(batch.sequence)}`);
    }
    for (const { body } of batch.small) {
      if (!given.small.some((small) => Buffer.from(small.body).equals(body))) wrong.push('small');
    }
  }
  for (const { small } of batches) {
    const [{ id, body }] = small as [(typeof small)[0]];
    const bytes = await store.journals.readSmall(id).catch(expected);
    if (bytes === undefined) whole = false;
    else if (!bytes.equals(Buffer.from(body))) wrong.push(`small ${id}`);
  }
  for (const statement of store.statements.all()) {
    if (!['first', 'second'].includes(Buffer.from(statement).toString())) wrong.push('statement');
  }
  await store.close();
  return { wrong, whole };
}

function expected(error: unknown): undefined {
  if (isVaultError(error, 'damaged', 'chunk-missing')) return undefined;
  throw error;
}

for (const indexLost of [false, true]) {
  test(`a flipped bit anywhere gives right bytes or a clear error${indexLost ? ', also without index' : ''}`, async (t) => {
    const fraction = seededFraction(indexLost ? 11 : 12);
    const { disk } = await filled();
    const files = disk.paths.filter((path) => /\.(seg|jnl|log|id)$/.test(path));
    t.true(files.length >= 5);
    for (const path of files) {
      for (let trial = 0; trial < 12; trial++) {
        const machine = await filled();
        const size = machine.disk.peek(path)!.length;
        // Headers, the first record, the footer and its trailer get their share.
        const span = [size, 64, 112, size][trial % 4]!;
        const from = trial % 4 === 3 ? Math.max(0, size - 60) : 0;
        const bit = Math.floor((from + fraction() * (Math.min(size, span) - from)) * 8);
        machine.disk.flipBit(path, bit);
        if (indexLost) await machine.index.destroy();
        const { wrong } = await wrongBytes(machine);
        t.deepEqual(wrong, [], `${path} bit ${String(bit)}`);
        const again = await wrongBytes(machine);
        t.deepEqual(again.wrong, [], `${path} bit ${String(bit)}, opened again`);
      }
    }
  });
}

test('a rotten body is quarantined with a copy, missing after a restart, and healed by a new write', async (t) => {
  const machine = await filled();
  const victim = all[0]!;
  const at = machine.disk.peek(segment)!.indexOf(victim.body);
  machine.disk.flipBit(segment, (at + 10) * 8);
  const events: StoreEvent[] = [];
  let store = await machine.open((event) => events.push(event));
  t.true(isVaultError(await t.throwsAsync(store.chunks.read(victim.id)), 'damaged'));
  t.false(store.chunks.has(victim.id));
  t.is(events.filter(({ type }) => type === 'record-quarantined').length, 1);
  t.true(machine.disk.paths.some((path) => path.endsWith('.bad')));
  await store.close();
  for (const indexLost of [false, true]) {
    if (indexLost) await machine.index.destroy();
    store = await machine.open();
    t.false(store.chunks.has(victim.id));
    await store.close();
  }
  store = await machine.open();
  t.is((await store.chunks.write([victim])).chunks, 1);
  await store.chunks.commit();
  t.true((await store.chunks.read(victim.id)).equals(victim.body));
  await store.close();
  await machine.index.destroy();
  store = await machine.open();
  t.true((await store.chunks.read(victim.id)).equals(victim.body));
});

test('an unverified read of a rotten body is the caller’s to judge, and its quarantine counts', async (t) => {
  const machine = await filled();
  const victim = all[0]!;
  machine.disk.flipBit(segment, (machine.disk.peek(segment)!.indexOf(victim.body) + 1) * 8);
  const store = await machine.open();
  t.notDeepEqual(await store.chunks.read(victim.id, { verify: false }), victim.body);
  await store.chunks.quarantine(victim.id, 'it did not open');
  t.false(store.chunks.has(victim.id));
});

test('an index that lies or forgets never makes a chunk wrong', async (t) => {
  const fraction = seededFraction(3);
  const machine = await filled();
  await machine.index.rot((key, value) => {
    if (key[0] !== 0x63 && key[0] !== 0x73) return value;
    const rotten = Buffer.from(value);
    const at = Math.floor(fraction() * rotten.length);
    rotten[at] = (rotten[at] ?? 0) ^ (1 << Math.floor(fraction() * 8));
    return rotten;
  });
  const { wrong, whole } = await wrongBytes(machine);
  t.deepEqual(wrong, []);
  t.true(whole, 'places that fail their CRC are searched for in the files');
});

test('an index that points to the right file and the wrong record is corrected', async (t) => {
  const { encodeChunkPlace } = await import('../../../agent/store/keyspace.ts');
  const machine = await filled();
  await machine.index.rot((key, value) =>
    key[0] === 0x63
      ? encodeChunkPlace(key, { segment: 1, offset: 64, length: value.readUInt32LE(8) })
      : value,
  );
  t.deepEqual(await wrongBytes(machine), { wrong: [], whole: true });
});

test('an index that is missing, refused, foreign or of another time is made again', async (t) => {
  const machine = await filled();
  const other = await filled(2);
  const cases: [string, () => Promise<void> | void][] = [
    ['missing', () => machine.index.destroy()],
    ['refused', () => machine.index.refuseOpen()],
    [
      'foreign',
      () => {
        machine.clock.advance(1);
        machine.disk.plant('segments/store.id', Buffer.from('something else'));
      },
    ],
    [
      'of another time',
      () => machine.disk.plant(segment, machine.disk.peek(segment)!.subarray(0, 5000)),
    ],
  ];
  for (const [name, spoil] of cases.slice(0, 3)) {
    await spoil();
    const store = await machine.open();
    t.true(store.report().indexRebuilt, name);
    t.is(store.report().chunks, all.length, name);
    await store.close();
    t.deepEqual(await wrongBytes(machine), { wrong: [], whole: true }, name);
  }
  await cases[3]![1]();
  const store = await machine.open();
  t.true(store.report().indexRebuilt);
  t.true(store.report().chunks < all.length);
  await store.close();
  t.deepEqual((await wrongBytes(machine)).wrong, []);
  t.deepEqual(await wrongBytes(other), { wrong: [], whole: true });
});

test('a torn tail of a journal is cut, kept, and its journal reported, also the time after', async (t) => {
  const machine = await filled();
  const bytes = machine.disk.peek(journalFile)!;
  machine.disk.plant(journalFile, bytes.subarray(0, bytes.length - 3));
  const events: StoreEvent[] = [];
  let store = await machine.open((event) => events.push(event));
  t.deepEqual(store.journals.tip(journalA)?.sequence, batches.length - 1);
  t.deepEqual(store.journals.damaged(), [journalA]);
  t.true(events.some(({ type }) => type === 'tail-cut'));
  await store.journals.append([batches.at(-1)!]);
  await store.close();
  store = await machine.open();
  t.deepEqual(await allOf(store.journals, journalA), batches);
  t.deepEqual(store.journals.damaged(), [journalA]);
});

test('a bad batch with good ones after it is not cut away: the journal is damaged and heals', async (t) => {
  const machine = await filled();
  const victim = batches[2]!;
  const at = machine.disk.peek(journalFile)!.indexOf(victim.bytes);
  machine.disk.flipBit(journalFile, at * 8);
  const size = machine.disk.peek(journalFile)!.length;
  let store = await machine.open();
  t.is(machine.disk.peek(journalFile)!.length, size);
  t.deepEqual(store.journals.damaged(), [journalA]);
  t.is(store.journals.tip(journalA)?.sequence, 2);
  await store.journals.append(batches.slice(2));
  t.deepEqual(await allOf(store.journals, journalA), batches);
  await store.close();
  store = await machine.open();
  t.deepEqual(await allOf(store.journals, journalA), batches);
});

test('journals that are too large to read at every start are believed, and read with care', async (t) => {
  const machine = createSimStoreMachine(4, { store: { journalScanBytesMax: 100 } });
  let store = await machine.open();
  await store.journals.append(batches);
  await store.close();
  machine.disk.flipBit(journalFile, machine.disk.peek(journalFile)!.indexOf(batches[3]!.bytes) * 8);
  store = await machine.open();
  t.is(store.journals.tip(journalA)?.sequence, batches.length);
  t.true(isVaultError(await t.throwsAsync(allOf(store.journals, journalA)), 'damaged'));
  t.deepEqual(store.journals.damaged(), [journalA]);
  await store.close();
  store = await machine.open();
  t.is(store.journals.tip(journalA)?.sequence, 3);
  await store.journals.append(batches);
  t.deepEqual(await allOf(store.journals, journalA), batches);
});

test('after a failed sync the segment is left, and its chunks are durable elsewhere', async (t) => {
  const machine = createSimStoreMachine(1);
  const events: StoreEvent[] = [];
  let store = await machine.open((event) => events.push(event));
  await store.chunks.write(all.slice(0, 3));
  machine.disk.fault = (call, path) => (call === 'sync' && path === segment ? 'io' : undefined);
  await store.chunks.commit();
  t.deepEqual(
    events.map(({ type }) => type),
    ['sync-failed'],
  );
  machine.disk.fault = (call, path) => {
    t.false(path === segment && (call === 'write' || call === 'sync'), 'it is never used again');
    return undefined;
  };
  await store.chunks.write(all.slice(3, 6));
  await store.chunks.commit();
  machine.disk.fault = undefined;
  machine.crash();
  store = await machine.open();
  for (const { id, body } of all.slice(0, 6)) t.true((await store.chunks.read(id)).equals(body));
});

test('callers whose sync failed for good are told, and a later commit makes up for it', async (t) => {
  const machine = createSimStoreMachine(1);
  let store = await machine.open();
  await store.chunks.write(all.slice(0, 3));
  machine.disk.fault = (call) => (call === 'sync' ? 'io' : undefined);
  for (let attempt = 0; attempt < 3; attempt++) {
    t.true(isVaultError(await t.throwsAsync(store.chunks.commit()), 'io'));
  }
  machine.disk.fault = undefined;
  await store.chunks.commit();
  machine.crash();
  store = await machine.open();
  for (const { id, body } of all.slice(0, 3)) t.true((await store.chunks.read(id)).equals(body));
});

test('an index that refuses changes costs nothing but memory', async (t) => {
  const machine = createSimStoreMachine(1);
  let store = await machine.open();
  machine.index.failingWrites = true;
  await store.chunks.write(all);
  await store.chunks.commit();
  await store.journals.append(batches);
  for (const { id, body } of all) t.true((await store.chunks.read(id)).equals(body));
  await store.close();
  machine.index.failingWrites = false;
  store = await machine.open();
  for (const { id, body } of all) t.true((await store.chunks.read(id)).equals(body));
  t.deepEqual(await allOf(store.journals, journalA), batches);
});

test('a full disk refuses chunks, takes batches from the ballast, and recovers by itself', async (t) => {
  const space = { ballastBytes: 20_000, freeBytesMin: 10_000 };
  const machine = createSimStoreMachine(1, { disk: { quotaBytes: 120_000 }, store: space });
  const events: string[] = [];
  const store = await machine.open(({ type }) => events.push(type));
  machine.clock.advance(5_000);
  while (machine.disk.peek('ballast')?.length !== space.ballastBytes) await Promise.resolve();
  const rest = await machine.disk.freeBytes();
  machine.disk.quotaBytes -= rest - 12_000;
  const kept = all.slice(0, 5);
  await store.chunks.write(kept.slice(0, 2)).then(() => store.chunks.commit());
  machine.disk.quotaBytes -= (await machine.disk.freeBytes()) - 100;
  const error = await t.throwsAsync(store.chunks.write(all.slice(10)));
  t.true(isVaultError(error, 'disk-full'));
  t.true(store.report().full);
  t.is(machine.disk.peek('ballast'), undefined);
  t.true(isVaultError(await t.throwsAsync(store.chunks.write([all[9]!])), 'disk-full'));
  await store.journals.append(batches);
  for (const { id, body } of kept.slice(0, 2)) t.true((await store.chunks.read(id)).equals(body));
  machine.disk.quotaBytes += 200_000;
  machine.clock.advance(5_000);
  while (store.report().full) await Promise.resolve();
  while (machine.disk.peek('ballast')?.length !== space.ballastBytes) await Promise.resolve();
  t.deepEqual(events, ['full', 'space-back']);
  await store.chunks.write(all);
  await store.chunks.commit();
  for (const { id, body } of all) t.true((await store.chunks.read(id)).equals(body));
});

test('a chunk that was set aside stays away, also when the process dies before the index knows', async (t) => {
  const machine = await filled();
  const store = await machine.open();
  const [one] = all;
  await store.chunks.quarantine(one!.id, 'a test says so');
  machine.kill();
  const again = await machine.open();
  t.false(again.chunks.has(one!.id));
  t.true(again.chunks.wasDamaged(one!.id));
  await again.chunks.write([one!]);
  await again.chunks.commit();
  machine.kill();
  const mended = await machine.open();
  t.true(mended.chunks.has(one!.id), 'and a good copy counts');
  t.deepEqual(await mended.chunks.read(one!.id), Buffer.from(one!.body));
  await mended.close();
});

test('the news of a chunk that was set aside names it', async (t) => {
  const machine = await filled();
  const events: StoreEvent[] = [];
  const store = await machine.open((event) => events.push(event));
  const [one] = all;
  await store.chunks.quarantine(one!.id, 'a test says so');
  t.deepEqual(events.at(-1)?.chunk, { id: one!.id, length: one!.body.length });
  await store.close();
});
