/** What every Disk does; run by the real one and the simulated one. */
import type { ExecutionContext, TestFn } from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../protocol/errors.ts';
import type { Disk, DiskFile } from '../../agent/ports.ts';

export type OpenDisk = (t: ExecutionContext) => Promise<Disk>;

export function diskSuite(test: TestFn, title: string, open: OpenDisk): void {
  test(`${title}: what was written is read back, at any offset`, async (t) => {
    const disk = await open(t);
    const file = await disk.open('file', 'create');
    await file.write(0, [Buffer.from('hello '), Buffer.alloc(0), Buffer.from('world')]);
    await file.write(6, [Buffer.from('W')]);
    t.is((await file.read(0, 11)).toString(), 'hello World');
    t.is((await file.read(6, 100)).toString(), 'World');
    t.is((await file.read(11, 1)).length, 0);
    t.is((await file.read(500, 10)).length, 0);
    t.is((await file.read(3, 0)).length, 0);
    t.is(await file.size(), 11);
    await file.sync();
    await file.close();
  });

  test(`${title}: more parts than one system call takes are written whole`, async (t) => {
    const disk = await open(t);
    const parts = Array.from({ length: 2500 }, (_, at) => Buffer.alloc(1 + (at % 50), at & 0xff));
    const file = await disk.open('many', 'create');
    await file.write(10, parts);
    const all = Buffer.concat(parts);
    t.true((await file.read(10, all.length)).equals(all));
    t.true((await file.read(0, 10)).equals(Buffer.alloc(10)));
    await file.close();
  });

  test(`${title}: create refuses a name that is taken, open one that is not`, async (t) => {
    const disk = await open(t);
    await closed(disk.open('file', 'create'));
    t.true(isVaultError(await t.throwsAsync(disk.open('file', 'create')), 'exists'));
    for (const mode of ['read', 'write'] as const) {
      t.true(isVaultError(await t.throwsAsync(disk.open('none', mode)), 'not-found'));
    }
    await closed(disk.open('file', 'write'));
    await closed(disk.open('file', 'read'));
  });

  test(`${title}: truncate shortens and lengthens with zeros`, async (t) => {
    const disk = await open(t);
    const file = await disk.open('file', 'create');
    await file.write(0, [Buffer.from('abcdef')]);
    await file.truncate(3);
    t.is(await file.size(), 3);
    await file.truncate(5);
    t.deepEqual(await file.read(0, 10), Buffer.from('abc\0\0'));
    await file.close();
    t.is(await disk.sizeOf('file'), 5);
  });

  test(`${title}: names are listed sorted, renamed over others, and removed`, async (t) => {
    const disk = await open(t);
    await disk.makeDirectory('deep/er');
    for (const name of ['b', 'a', 'c']) await closed(disk.open(`deep/er/${name}`, 'create'));
    t.deepEqual(await disk.list('deep/er'), ['a', 'b', 'c']);
    await disk.rename('deep/er/a', 'deep/er/c');
    t.deepEqual(await disk.list('deep/er'), ['b', 'c']);
    await disk.remove('deep/er/b');
    await t.notThrowsAsync(disk.remove('deep/er/b'));
    await disk.syncDirectory('deep/er');
    t.deepEqual(await disk.list('deep/er'), ['c']);
    t.deepEqual(await disk.list('missing'), []);
    t.is(await disk.sizeOf('missing'), undefined);
    t.true(isVaultError(await t.throwsAsync(disk.rename('none', 'other')), 'not-found'));
  });

  test(`${title}: there is space, and directories may be made twice`, async (t) => {
    const disk = await open(t);
    t.true((await disk.freeBytes()) > 0);
    await disk.makeDirectory('one');
    await t.notThrowsAsync(disk.makeDirectory('one'));
    await t.notThrowsAsync(disk.syncDirectory(''));
  });

  test(`${title}: any writes and truncations agree with a buffer`, async (t) => {
    const disk = await open(t);
    let number = 0;
    const change = fc.oneof(
      fc.record({
        at: fc.integer({ min: 0, max: 300 }),
        bytes: fc.uint8Array({ maxLength: 200 }),
      }),
      fc.record({ size: fc.integer({ min: 0, max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 15 }), async (changes) => {
        const file = await disk.open(`property ${String((number += 1))}`, 'create');
        let model: Buffer = Buffer.alloc(0);
        for (const one of changes) {
          if ('size' in one) {
            await file.truncate(one.size);
            model = resized(model, one.size);
          } else {
            await file.write(one.at, [one.bytes]);
            const end = one.bytes.length === 0 ? 0 : one.at + one.bytes.length;
            model = resized(model, Math.max(model.length, end));
            Buffer.from(one.bytes).copy(model, one.at);
          }
        }
        t.true((await file.read(0, 1000)).equals(model));
        await file.close();
      }),
      { numRuns: 30 },
    );
  });
}

function resized(bytes: Buffer, size: number): Buffer {
  const copy = Buffer.alloc(size);
  bytes.copy(copy, 0, 0, size);
  return copy;
}

async function closed(opening: Promise<DiskFile>): Promise<void> {
  await (await opening).close();
}
