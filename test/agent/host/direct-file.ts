import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createNodeDisk } from '../../../agent/host/node-disk.ts';
import type { Disk, DiskFile } from '../../../agent/ports.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { LoopDisk, whyNoPowerCuts } from '../../helpers/loop-disk.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { diskSuite } from '../../suites/disk.ts';

const bulk = { bulk: true } as const;

/** Every file of it is a bulk file. */
function allBulk(disk: Disk): Disk {
  return { ...disk, open: (path, mode) => disk.open(path, mode, bulk) };
}

diskSuite(test, 'bulk files', async (t) => allBulk(createNodeDisk(await temporaryDirectory(t))));
diskSuite(test, 'bulk files without direct I/O', async (t) =>
  allBulk(createNodeDisk(await temporaryDirectory(t), { directIo: false })),
);

type Step =
  | { readonly type: 'append' | 'write'; readonly at: number; readonly sizes: readonly number[] }
  | { readonly type: 'truncate'; readonly at: number }
  | { readonly type: 'read' | 'lend'; readonly at: number; readonly length: number }
  | { readonly type: 'sync' | 'reopen' };

const size = fc.oneof(
  fc.integer({ min: 0, max: 9000 }),
  fc.integer({ min: 60_000, max: 200_000 }),
  fc.constantFrom(4096, 65_536, 2 * MiB - 48, 2 * MiB, 2 * MiB + 1),
);
const at = fc.integer({ min: 0, max: 3 * MiB });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('append' as const),
        at,
        sizes: fc.array(size, { minLength: 1, maxLength: 4 }),
      }),
    },
    fc.record({ type: fc.constant('write' as const), at, sizes: fc.tuple(size) }),
    fc.record({ type: fc.constant('truncate' as const), at }),
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('read' as const, 'lend' as const),
        at,
        length: size,
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('sync' as const, 'reopen') }) },
  ),
  { maxLength: 14 },
) as fc.Arbitrary<Step[]>;

test('any appends, writes, cuts and reopenings agree with a buffer, seen by us and by others', async (t) => {
  const root = await temporaryDirectory(t);
  const disk = createNodeDisk(root);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const name = `file ${String((number += 1))}`;
      let file = await disk.open(name, 'create', bulk);
      const reader = await disk.open(name, 'read', bulk);
      let model: Buffer = Buffer.alloc(0);
      for (const step of all) {
        if (step.type === 'reopen') {
          await file.close();
          t.is((await readFile(join(root, name))).length, model.length);
          file = await disk.open(name, 'write', bulk);
        } else {
          model = await apply(t, { file, reader }, model, step);
        }
        t.is(await file.size(), model.length);
        t.true((await readFile(join(root, name))).equals(model));
      }
      await file.close();
      await reader.close();
      t.true((await readFile(join(root, name))).equals(model));
      await disk.remove(name);
    }),
    { numRuns: 40 },
  );
});

async function apply(
  t: ExecutionContext,
  { file, reader }: { readonly file: DiskFile; readonly reader: DiskFile },
  model: Buffer,
  step: Step,
): Promise<Buffer> {
  switch (step.type) {
    case 'append':
    case 'write': {
      const parts = step.sizes.map((bytes, index) => pattern(bytes, model.length + index));
      const offset = step.type === 'append' ? model.length : step.at % (model.length + 5000);
      await file.write(offset, parts);
      return overwritten(model, offset, Buffer.concat(parts));
    }
    case 'truncate': {
      const to = step.at % (model.length + 5000);
      await file.truncate(to);
      return resized(model, to);
    }
    case 'read':
    case 'lend': {
      const from = step.at % (model.length + 1);
      const want = model.subarray(from, from + step.length);
      if (step.type === 'read') {
        t.true((await file.read(from, step.length)).equals(want));
        return model;
      }
      for (const each of [file, reader]) {
        const lent = await each.readLent(from, step.length);
        t.true(lent.bytes.equals(want));
        lent.release();
      }
      return model;
    }
    case 'sync':
      await file.sync();
      return model;
    case 'reopen':
      return model;
  }
}

function pattern(bytes: number, seed: number): Buffer {
  const filled = Buffer.allocUnsafeSlow(bytes);
  for (let index = 0; index < bytes; index += 1) filled[index] = (index * 31 + seed * 7 + 1) & 0xff;
  return filled;
}

function resized(bytes: Buffer, to: number): Buffer {
  const copy = Buffer.alloc(to);
  bytes.copy(copy, 0, 0, to);
  return copy;
}

function overwritten(bytes: Buffer, offset: number, fresh: Buffer): Buffer {
  if (fresh.length === 0) return bytes;
  const copy = resized(bytes, Math.max(bytes.length, offset + fresh.length));
  fresh.copy(copy, offset);
  return copy;
}

test('what was appended is seen at once by other handles, plain and bulk', async (t) => {
  const disk = createNodeDisk(await temporaryDirectory(t));
  const writer = await disk.open('file', 'create', bulk);
  const plain = await disk.open('file', 'read');
  const reader = await disk.open('file', 'read', bulk);
  let end = 0;
  for (const bytes of [100_000, 70_000, 3 * MiB, 65_537]) {
    const body = pattern(bytes, bytes);
    await writer.write(end, [body]);
    t.true((await plain.read(end, bytes)).equals(body));
    const lent = await reader.readLent(end, bytes);
    t.true(lent.bytes.equals(body));
    lent.release();
    end += bytes;
  }
  for (const file of [writer, plain, reader]) await file.close();
});

test('bodies that nobody gives back do not stop others from reading', async (t) => {
  const disk = createNodeDisk(await temporaryDirectory(t));
  const body = pattern(1 * MiB, 1);
  const writer = await disk.open('file', 'create', bulk);
  await writer.write(0, [body]);
  await writer.close();
  const file = await disk.open('file', 'read', bulk);
  const kept = [];
  for (let count = 0; count < 40; count += 1) kept.push(await file.readLent(0, body.length));
  t.true(kept.every(({ bytes }) => bytes.equals(body)));
  for (const { release } of kept) {
    release();
    release();
  }
  const again = await file.readLent(1, 5);
  t.true(again.bytes.equals(body.subarray(1, 6)));
  await file.close();
});

const noLoopDisk = whyNoPowerCuts();

test('a full disk refuses an append, keeps what was there, and takes the next one after a cut', async (t) => {
  if (noLoopDisk !== undefined) {
    t.log(`skipped: ${noLoopDisk}`);
    t.pass();
    return;
  }
  const scope = { teardown: (action: () => Promise<void> | void) => t.teardown(action) };
  const place = await temporaryDirectory(t);
  const loop = await LoopDisk.make(scope, place, { fileSystem: 'ext4', bytes: 16 * MiB });
  const disk = createNodeDisk(loop.folder);
  const file = await disk.open('file', 'create', bulk);
  const first = pattern(3 * MiB + 5, 1);
  await file.write(0, [first]);
  const tooMuch = pattern(4 * MiB, 2);
  const error = await t.throwsAsync(file.write(first.length, [tooMuch, tooMuch, tooMuch, tooMuch]));
  t.true(isVaultError(error, 'disk-full'));
  await file.truncate(first.length);
  const second = pattern(200 * KiB, 3);
  await file.write(first.length, [second]);
  await file.sync();
  await file.close();
  t.true((await readFile(join(loop.folder, 'file'))).equals(Buffer.concat([first, second])));
  await loop.unmount();
});

test('where the file system refuses direct I/O, files work without, and the log says so once', async (t) => {
  const root = await temporaryDirectory(t);
  try {
    execFileSync('mount', ['-t', 'ramfs', 'ramfs', root], { stdio: 'ignore' });
  } catch {
    t.log('skipped: mounting a file system without direct I/O needs to be root');
    t.pass();
    return;
  }
  t.teardown(() => execFileSync('umount', ['-l', root]));
  const log = createCollectedLog();
  const disk = createNodeDisk(root, { log: log.log });
  const body = pattern(3 * MiB + 1, 1);
  for (const name of ['one', 'other']) {
    const file = await disk.open(name, 'create', bulk);
    await file.write(0, [body]);
    const reader = await disk.open(name, 'read', bulk);
    const lent = await reader.readLent(7, 200_000);
    t.true(lent.bytes.equals(body.subarray(7, 200_007)));
    lent.release();
    await file.sync();
    for (const each of [file, reader]) await each.close();
    t.true((await readFile(join(root, name))).equals(body));
  }
  t.is(log.messages().length, 1);
  t.regex(log.messages()[0] ?? '', /no direct I\/O here/);
});
