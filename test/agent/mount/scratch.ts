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
  const file = (await openScratch(parts)).create('data-1');
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
  const file = scratch.create('data-1');
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
