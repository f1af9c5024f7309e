import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { loadDropPages, WrittenPages } from '../../../agent/host/written-pages.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

interface Advice {
  readonly from: number;
  readonly to: number;
}

/** Keeps what it is asked for; each call is answered when `answer` is called. */
function recorder() {
  const calls: Advice[] = [];
  const waiting: (() => void)[] = [];
  const drop = (descriptor: number, offset: number, bytes: number): Promise<void> => {
    calls.push({ from: offset, to: offset + bytes });
    return new Promise((resolve) => waiting.push(resolve));
  };
  const pages = new WrittenPages(7, () => Promise.resolve(drop));
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    calls,
    pages,
    answer: async () => {
      await settle();
      waiting.shift()?.();
      await settle();
    },
    settle,
  };
}

test('small writes, and small syncs, are not worth a call', async (t) => {
  const { pages, calls, settle } = recorder();
  for (let at = 0; at < 4 * MiB - 4 * KiB; at += 4 * KiB) {
    pages.wrote(at, 4 * KiB);
    pages.synced(pages.end);
  }
  await settle();
  t.deepEqual(calls, []);
});

test('what is written is started at once; only what was written before a sync is dropped after it', async (t) => {
  const { pages, calls, answer } = recorder();
  pages.wrote(100, 9 * MiB);
  await answer();
  const before = pages.end;
  pages.wrote(9 * MiB + 100, 5 * MiB);
  await answer();
  pages.synced(before);
  await answer();
  t.deepEqual(calls, [
    { from: 0, to: 9 * MiB },
    { from: 9 * MiB, to: 14 * MiB },
    { from: 0, to: 9 * MiB },
  ]);
});

test('it is idle when the last call was answered, and nothing is asked twice at a time', async (t) => {
  const { pages, calls, answer, settle } = recorder();
  pages.wrote(0, 5 * MiB);
  pages.wrote(5 * MiB, 5 * MiB);
  pages.synced(pages.end);
  let idle = false;
  void pages.idle().then(() => (idle = true));
  await settle();
  t.is(calls.length, 1);
  await answer();
  t.is(calls.length, 2);
  t.false(idle);
  await answer();
  t.true(idle);
});

test('whole pages, never none and never beyond what was written', async (t) => {
  const write = fc.record({ bytes: fc.integer({ min: 1, max: 7 * MiB }), sync: fc.boolean() });
  const property = fc.asyncProperty(
    fc.nat(10_000),
    fc.array(write, { minLength: 1, maxLength: 12 }),
    async (start, writes) => {
      const { pages, calls, answer } = recorder();
      let end = start;
      let synced = 0;
      for (const { bytes, sync } of writes) {
        pages.wrote(end, bytes);
        end += bytes;
        if (sync) {
          pages.synced(pages.end);
          synced = end;
        }
        await answer();
        await answer();
        for (const { from, to } of calls) {
          t.true(from % 4096 === 0 && to % 4096 === 0);
          t.true(to > from && to <= end);
        }
      }
      const last = Math.max(0, ...calls.map(({ to }) => to));
      t.true(last > synced - 4 * MiB - 8 * KiB, 'little of what was synced is left');
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

test('without such a call nothing happens', async (t) => {
  const pages = new WrittenPages(7, () => Promise.resolve(undefined));
  pages.wrote(0, 20 * MiB);
  pages.synced(pages.end);
  await t.notThrowsAsync(pages.idle());
});

test("a call that fails is nobody else's trouble, and the next one is made", async (t) => {
  const calls: number[] = [];
  const pages = new WrittenPages(7, () =>
    Promise.resolve((descriptor: number, offset: number) => {
      calls.push(offset);
      return Promise.reject(new Error('no'));
    }),
  );
  pages.wrote(0, 5 * MiB);
  await t.notThrowsAsync(pages.idle());
  pages.wrote(5 * MiB, 5 * MiB);
  await t.notThrowsAsync(pages.idle());
  t.deepEqual(calls, [0, 5 * MiB]);
});

async function filled(t: ExecutionContext, name: string): Promise<FileHandle> {
  const file = await open(join(await temporaryDirectory(t), name), 'wx+');
  t.teardown(() => file.close());
  await file.write(Buffer.alloc(8 * MiB, 5));
  await file.datasync();
  return file;
}

test('the kernel takes the call, and the bytes are what they were', async (t) => {
  const drop = await loadDropPages();
  if (drop === undefined) {
    t.log('skipped: there is no posix_fadvise here');
    t.pass();
    return;
  }
  const file = await filled(t, 'file');
  t.is(await drop(file.fd, 0, 8 * MiB), 0);
  const { buffer } = await file.read(Buffer.alloc(8 * MiB), 0, 8 * MiB, 0);
  t.true(buffer.equals(Buffer.alloc(8 * MiB, 5)));
  t.not(await drop(1_000_000, 0, 8 * MiB), 0, 'a wrong descriptor is refused');
});
