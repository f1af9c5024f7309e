import test from 'ava';
import { openScratch } from '../../../agent/mount/scratch.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { Scratch } from '../../../fuse/operations/port.ts';

async function read(scratch: Scratch, name: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { plain } of scratch.records(name)) found.push(plain.toString());
  return found;
}

test('records come back in order, and the disk has no plain text', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const file = (await openScratch(parts)).create('data-1', { shared: false });
  const words = ['first secret', 'second secret', ''];
  const places = words.map((word) => file.append([Buffer.from(word)]));
  await Promise.all(places.map(({ done }) => done));
  t.is(
    (await file.read(places[1]?.place ?? { offset: 0, plainBytes: 0 })).toString(),
    'second secret',
  );
  t.deepEqual(await read(await openScratch(parts), 'data-1'), words);
  t.false(disk.peek('overlay/data-1')?.includes('secret'));
});

test('a file that was cut or changed opens up to its last whole record', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  const file = scratch.create('data-1', { shared: false });
  for (const word of ['a', 'b', 'c']) await file.append([Buffer.from(word)]).done;
  const whole = disk.peek('overlay/data-1') ?? Buffer.alloc(0);
  disk.poke('overlay/data-1', whole.subarray(0, whole.length - 1));
  t.deepEqual(await read(scratch, 'data-1'), ['a', 'b']);
  const changed = Buffer.from(whole);
  changed.writeUInt8(changed.readUInt8(60) ^ 1, 60);
  disk.poke('overlay/data-1', changed);
  t.deepEqual(await read(scratch, 'data-1'), []);
  disk.poke('overlay/data-2', whole);
  t.deepEqual(await read(scratch, 'data-2'), [], 'a record is bound to its file');
});

test('small files share a log, and each has its own records, also for the next agent', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  const one = scratch.create('data-1', { shared: true });
  const two = scratch.create('names-2', { shared: true });
  const place = one.append([Buffer.from('first '), Buffer.from('secret')]).place;
  for (const word of ['a', 'b']) await two.append([Buffer.from(word)]).done;
  await one.append([Buffer.from('more')]).done;
  t.is((await one.read(place)).toString(), 'first secret');
  t.deepEqual(await disk.list('overlay'), ['log-1']);
  t.false(disk.peek('overlay/log-1')?.includes('secret'));
  const next = await openScratch(parts);
  t.deepEqual([...(await next.list())].sort(), ['data-1', 'names-2']);
  t.deepEqual(await read(next, 'data-1'), ['first secret', 'more']);
  t.deepEqual(await read(next, 'names-2'), ['a', 'b']);
});

test('a shared file that was removed is not there again, and the log goes with the last one', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const first = await openScratch(parts);
  for (const name of ['data-1', 'data-2', 'data-3']) {
    await first.create(name, { shared: true }).append([Buffer.from(name)]).done;
  }
  await first.existing('data-1').remove();
  const second = await openScratch(parts);
  t.deepEqual([...(await second.list())].sort(), ['data-2', 'data-3']);
  await second.existing('data-2').remove();
  t.deepEqual(await disk.list('overlay'), ['log-1', 'log-2'], 'one says what is gone of the other');
  const third = await openScratch(parts);
  t.deepEqual(await third.list(), ['data-3']);
  t.deepEqual(await read(third, 'data-3'), ['data-3']);
  await third.existing('data-3').remove();
  await third.close();
  t.deepEqual(await disk.list('overlay'), []);
});

test('what is said about an older log outlives the log that said it', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const first = await openScratch(parts);
  for (const name of ['data-1', 'data-2']) {
    await first.create(name, { shared: true }).append([Buffer.from(name)]).done;
  }
  const second = await openScratch(parts);
  await second.existing('data-1').remove();
  const large = second.create('data-9', { shared: true });
  for (let megabytes = 0; megabytes < 2; megabytes += 1) {
    await large.append([Buffer.alloc(1024 * 1024)]).done;
  }
  await large.remove();
  t.deepEqual(await disk.list('overlay'), ['log-1', 'log-3']);
  t.deepEqual(await (await openScratch(parts)).list(), ['data-2']);
});

test('a shared log that was cut short opens up to its last whole record, for all of its files', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  for (const name of ['data-1', 'data-2', 'data-1', 'data-3']) {
    const file = scratch.existing(name) as ReturnType<typeof scratch.create>;
    const known = (await scratch.list()).includes(name);
    await (known ? file : scratch.create(name, { shared: true })).append([Buffer.from(name)]).done;
  }
  const whole = disk.peek('overlay/log-1') ?? Buffer.alloc(0);
  disk.poke('overlay/log-1', whole.subarray(0, whole.length - 1));
  const next = await openScratch(parts);
  t.deepEqual([...(await next.list())].sort(), ['data-1', 'data-2']);
  t.deepEqual(await read(next, 'data-1'), ['data-1', 'data-1']);
});

test('callers of one moment share a sync, and what is on the medium costs none', async (t) => {
  const disk = memoryDisk();
  const random = seededRandom('scratch');
  let syncs = 0;
  const counting: typeof disk = {
    ...disk,
    open: async (...words) => {
      const file = await disk.open(...words);
      const sync = async (): Promise<void> => {
        syncs += 1;
        await file.sync();
      };
      return { ...file, sync };
    },
  };
  const scratch = await openScratch({ disk: counting, random, secret: Buffer.alloc(32, 1) });
  const files = ['data-1', 'names-2'].map((name) => scratch.create(name, { shared: true }));
  await Promise.all(files.map((file) => file.append([Buffer.from('x')]).done));
  await Promise.all(files.map((file) => file.sync()));
  t.is(syncs, 1);
  await files[0]?.sync();
  t.is(syncs, 1);
  await files[0]?.append([Buffer.from('y')]).done;
  await files[1]?.sync();
  t.is(syncs, 2);
});

test('what was synced is there after a power cut, with everything before it', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  const names = scratch.create('names-1', { shared: true });
  const data = scratch.create('data-2', { shared: true });
  await names.append([Buffer.from('name')]).done;
  await data.append([Buffer.from('bytes')]).done;
  await data.sync();
  await names.append([Buffer.from('later')]).done;
  const left = await openScratch({ ...parts, disk: disk.afterPowerCut() });
  t.deepEqual(await read(left, 'names-1'), ['name']);
  t.deepEqual(await read(left, 'data-2'), ['bytes']);
});

test('after a sync that failed a log is not written to again, and its files say so', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  const one = scratch.create('data-1', { shared: true });
  await one.append([Buffer.from('a')]).done;
  disk.failing = 'sync';
  await t.throwsAsync(one.sync());
  disk.failing = undefined;
  await t.throwsAsync(one.sync(), undefined, 'the pages may be gone');
  const two = scratch.create('data-2', { shared: true });
  await two.append([Buffer.from('b')]).done;
  await t.notThrowsAsync(two.sync());
  t.deepEqual(await disk.list('overlay'), ['log-1', 'log-2']);
});

test('what was removed stays so over a clean end, while the log that has it is needed', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const first = await openScratch(parts);
  for (const name of ['data-1', 'data-2']) {
    await first.create(name, { shared: true }).append([Buffer.from(name)]).done;
  }
  await first.close();
  const second = await openScratch(parts);
  await second.existing('data-2').remove();
  await second.close();
  t.deepEqual(await (await openScratch(parts)).list(), ['data-1']);
});

test('what a write that failed would have said is not read where the next one stands', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const file = (await openScratch(parts)).create('data-1', { shared: true });
  await file.append([Buffer.from('there')]).done;
  disk.failing = 'write';
  await t.throwsAsync(async () => file.append([Buffer.alloc(40_000, 'x')]).done);
  disk.failing = undefined;
  const large = Buffer.alloc(70_000, 'y');
  const { place, done } = file.append([large]);
  await done;
  t.true((await file.read(place)).equals(large));
});

test('after a log that could not be made comes another one', async (t) => {
  const disk = memoryDisk();
  const parts = { disk, random: seededRandom('scratch'), secret: Buffer.alloc(32, 1) };
  const scratch = await openScratch(parts);
  disk.failing = 'write';
  const file = scratch.create('data-1', { shared: true });
  await t.throwsAsync(async () => file.append([Buffer.from('lost')]).done);
  disk.failing = undefined;
  const { place, done } = file.append([Buffer.from('there')]);
  await done;
  t.is((await file.read(place)).toString(), 'there');
});
