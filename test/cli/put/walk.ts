import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { createBodyReader } from '../../../cli/put/body.ts';
import { timeOf } from '../../../cli/put/source-item.ts';
import { walk } from '../../../cli/put/walk.ts';
import type { SourceItem } from '../../../cli/put/source-item.ts';
import type { VaultError } from '../../../protocol/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

function walkAll(root: string): { items: SourceItem[]; warnings: VaultError[] } {
  const warnings: VaultError[] = [];
  const items = [...walk(Buffer.from(root), (error) => warnings.push(error))];
  return { items, warnings };
}

test('a walk meets everything once, parents before their children', async (t) => {
  const root = await temporaryDirectory(t);
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(root, 'a/b/file'), 'abc', { mode: 0o640 });
  symlinkSync('a/b/../no', join(root, 'link'));
  const raw = Buffer.concat([Buffer.from(root), Buffer.from('/\xfe', 'latin1')]);
  writeFileSync(raw, '');
  const { items, warnings } = walkAll(root);
  const paths = items.map((item) => item.path.toString('latin1'));
  t.deepEqual(paths.toSorted(), ['', 'a', 'a/b', 'a/b/c', 'a/b/file', 'empty', 'link', '\xfe']);
  for (const path of paths.filter((each) => each.includes('/'))) {
    t.true(paths.indexOf(path.slice(0, path.lastIndexOf('/'))) < paths.indexOf(path));
  }
  const of = (path: string) => items.find((item) => item.path.toString('latin1') === path);
  t.is(of('a/b/file')?.size, 3);
  t.is(of('a/b/file')?.mode, 0o640);
  t.is(of('link')?.target?.toString(), 'a/b/../no');
  t.is(of('empty')?.kind, 'directory');
  t.is(of('empty')?.fingerprint, undefined);
  t.deepEqual(warnings, []);
});

test('a pipe is skipped with a warning, a missing root is an error', async (t) => {
  const root = await temporaryDirectory(t);
  t.is(spawnSync('mkfifo', [join(root, 'fifo')]).status, 0);
  const { items, warnings } = walkAll(root);
  t.is(items.length, 1);
  t.deepEqual(
    warnings.map(({ code, subject }) => [code, subject]),
    [['not-supported', join(root, 'fifo')]],
  );
  t.throws(() => walkAll(join(root, 'missing')), { code: 'not-found' });
});

test('the fingerprint changes with size, times and identity', async (t) => {
  const root = await temporaryDirectory(t);
  const file = join(root, 'f');
  writeFileSync(file, 'abc');
  const print = () => walkAll(file).items[0]!.fingerprint!.toString('hex');
  const first = print();
  t.is(print(), first);
  utimesSync(file, 1, 1);
  const second = print();
  t.not(second, first);
  chmodSync(file, 0o600);
  t.not(print(), second);
  writeFileSync(join(root, 'g'), 'abc');
  utimesSync(join(root, 'g'), 1, 1);
  t.not(walkAll(join(root, 'g')).items[0]!.fingerprint!.toString('hex'), second);
});

test('nanoseconds are split so that they count up from the second', (t) => {
  t.deepEqual(timeOf(0n), { seconds: 0, nanoseconds: 0 });
  t.deepEqual(timeOf(-1n), { seconds: -1, nanoseconds: 999_999_999 });
  t.deepEqual(timeOf(-1_000_000_000n), { seconds: -1, nanoseconds: 0 });
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), (time) => {
      const { seconds, nanoseconds } = timeOf(time);
      t.true(nanoseconds >= 0 && nanoseconds < 1e9);
      t.is(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), time);
    }),
  );
});

test('a body is sent whole whatever its size', async (t) => {
  const root = await temporaryDirectory(t);
  const reader = createBodyReader();
  const small = 256 * 1024;
  const piece = 1024 * 1024;
  for (const size of [0, 1, small - 1, small, small + 1, piece, piece + 1, 3 * piece + 17]) {
    const file = join(root, String(size));
    const content = Buffer.alloc(size, `${String(size)}.`);
    writeFileSync(file, content);
    const [item] = walkAll(file).items;
    const got: Buffer[] = [];
    await reader.send(item!, (bytes) => {
      got.push(Buffer.from(bytes));
      return Promise.resolve();
    });
    t.true(Buffer.concat(got).equals(content), String(size));
  }
});

test('a source that changed, grew, shrank or became a link is given up', async (t) => {
  const root = await temporaryDirectory(t);
  const file = join(root, 'f');
  const reader = createBodyReader();
  const attempt = async (size: number, change: () => void, during = false) => {
    writeFileSync(file, Buffer.alloc(size));
    utimesSync(file, 1, 1);
    const [item] = walkAll(file).items;
    if (!during) change();
    let pending = during;
    await reader.send(item!, () => {
      if (pending) change();
      pending = false;
      return Promise.resolve();
    });
  };
  const changed = { code: 'source-changed' } as const;
  await t.throwsAsync(
    attempt(3, () => writeFileSync(file, 'abcd')),
    changed,
  );
  await t.throwsAsync(
    attempt(3, () => writeFileSync(file, 'ab')),
    changed,
  );
  await t.throwsAsync(
    attempt(3, () => utimesSync(file, 2, 2)),
    changed,
  );
  await t.throwsAsync(
    attempt(3e6, () => writeFileSync(file, 'x'), true),
    changed,
  );
  await t.throwsAsync(
    attempt(3e6, () => writeFileSync(file, Buffer.alloc(4e6)), true),
    changed,
  );
  const relink = () => {
    t.is(spawnSync('ln', ['-sf', '/etc/passwd', file]).status, 0);
  };
  await t.throwsAsync(attempt(3, relink), { code: 'not-supported' });
});

test('what the receiver fails with is passed on', async (t) => {
  const root = await temporaryDirectory(t);
  const file = join(root, 'f');
  writeFileSync(file, Buffer.alloc(5e6));
  const [item] = walkAll(file).items;
  const broken = new Error('no more');
  await t.throwsAsync(
    createBodyReader().send(item!, () => Promise.reject(broken)),
    { is: broken },
  );
});

test('a directory that is too large to be taken at once is walked like any other', async (t) => {
  const root = await temporaryDirectory(t);
  // Long names, so that ext4 says that the directory takes more than a MiB.
  const nameOf = (number: number): string => 'é'.repeat(123) + String(number).padStart(9, '0');
  const count = 5000;
  mkdirSync(join(root, 'large'));
  for (let number = 0; number < count; number += 1) {
    writeFileSync(join(root, 'large', nameOf(number)), '');
  }
  const { items, warnings } = walkAll(root);
  const paths = new Set(items.map((item) => item.path.toString()));
  t.is(items.length, count + 2);
  t.true(paths.has(`large/${nameOf(0)}`) && paths.has(`large/${nameOf(count - 1)}`));
  t.is(paths.size, count + 2);
  t.deepEqual(warnings, []);
});
