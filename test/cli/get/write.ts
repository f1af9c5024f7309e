import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { checkRelativePath, openTargetDirectory } from '../../../cli/get/directory.ts';
import { isExact, openExactTimes } from '../../../cli/get/exact-times.ts';
import { extract } from '../../../cli/get/extract.ts';
import { localMode, openFileWriter, withoutFirst } from '../../../cli/get/file-writer.ts';
import { noProgress } from '../../../cli/output/progress.ts';
import type { GetItem } from '../../../protocol/control/get-items.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

function entryOf(path: string, change: Partial<Entry> = {}): Entry {
  return {
    path: Buffer.from(path),
    kind: 'file',
    size: 0,
    mode: 0o644,
    mtime: { seconds: 981_173_106, nanoseconds: 123_456_789 },
    state: 'here',
    inode: 1,
    links: 1,
    chunks: 0,
    chunksHere: 0,
    ...change,
  };
}

function fileItems(path: string, content: string, change: Partial<Entry> = {}): GetItem[] {
  const entry = entryOf(path, { size: content.length, ...change });
  const data: GetItem[] = content === '' ? [] : [{ type: 'data', bytes: Buffer.from(content) }];
  return [{ type: 'entry', entry }, ...data, { type: 'body-end' }];
}

const directoryItem = (path: string, change: Partial<Entry> = {}): GetItem => ({
  type: 'entry',
  entry: entryOf(path, { kind: 'directory', mode: 0o755, ...change }),
});
const linkItem = (path: string, target: string): GetItem => ({
  type: 'entry',
  entry: entryOf(path, { kind: 'symlink', mode: 0o777, target: Buffer.from(target) }),
});

interface ExtractInto {
  readonly name?: string;
  /** @default throws it */
  readonly onFailed?: (error: VaultError) => void;
}

async function extractInto(
  root: string,
  items: readonly GetItem[],
  { name = '', onFailed = fail }: ExtractInto = {},
): Promise<number> {
  const directory = openTargetDirectory(root);
  const times = openExactTimes();
  async function* stream(): AsyncGenerator<GetItem> {
    for (const item of items) yield await Promise.resolve(item);
  }
  try {
    const options = { directory, root: Buffer.from(root), times, progress: noProgress, onFailed };
    const result = await extract(stream(), { ...options, name: Buffer.from(name) });
    return result.files;
  } finally {
    directory.close();
    await times.finish();
  }
}

function fail(error: VaultError): never {
  throw error;
}

test('a tree is written with its modes and times, those of read-only directories too', async (t) => {
  const root = await temporaryDirectory(t);
  const items = [
    directoryItem(''),
    directoryItem('d', { mode: 0o555 }),
    ...fileItems('d/f', 'hello', { mode: 0o640 }),
    linkItem('d/l', '../../outside'),
    directoryItem('d/empty', { mtime: { seconds: -5, nanoseconds: 1 } }),
    ...fileItems('zero', ''),
  ];
  t.is(await extractInto(root, items, { name: 'top' }), 2);
  const time = (path: string) => lstatSync(join(root, 'top', path), { bigint: true }).mtimeNs;
  t.is(readFileSync(join(root, 'top/d/f'), 'utf8'), 'hello');
  t.is(statSync(join(root, 'top/d/f')).mode & 0o7777, 0o640);
  t.is(statSync(join(root, 'top/d')).mode & 0o7777, 0o555);
  t.is(readlinkSync(join(root, 'top/d/l')), '../../outside');
  for (const path of ['', 'd', 'd/f', 'd/l', 'zero']) t.is(time(path), 981_173_106_123_456_789n);
  t.is(time('d/empty'), -4_999_999_999n);
  t.deepEqual(readdirSync(join(root, 'top')).sort(), ['d', 'zero']);
});

test('paths that lead elsewhere are refused', async (t) => {
  const root = await temporaryDirectory(t);
  for (const path of ['..', '../x', 'a/../../x', '/etc/x', 'a//b', './a', 'a/', 'a\0b', '.']) {
    t.throws(() => checkRelativePath(Buffer.from(path)), { code: 'malformed' }, path);
    await t.throwsAsync(extractInto(root, fileItems(path, 'x')), { code: 'malformed' }, path);
  }
  t.notThrows(() => checkRelativePath(Buffer.from('a/..b/c..')));
  t.deepEqual(readdirSync(root), []);
});

test('a symbolic link in the way is never followed', async (t) => {
  const root = await temporaryDirectory(t);
  const outside = await temporaryDirectory(t);
  const items = [directoryItem(''), linkItem('d', outside), ...fileItems('d/evil', 'x')];
  await t.throwsAsync(extractInto(root, items, { name: 'top' }));
  symlinkSync(outside, join(root, 'top2'));
  await t.throwsAsync(
    extractInto(root, [directoryItem(''), ...fileItems('evil', 'x')], { name: 'top2' }),
  );
  t.deepEqual(readdirSync(outside), []);
});

test('a file takes the place of a link, and what the link leads to stays', async (t) => {
  const root = await temporaryDirectory(t);
  const outside = join(await temporaryDirectory(t), 'precious');
  writeFileSync(outside, 'precious');
  symlinkSync(outside, join(root, 'f'));
  await extractInto(root, fileItems('', 'new'), { name: 'f' });
  t.true(lstatSync(join(root, 'f')).isFile());
  t.is(readFileSync(join(root, 'f'), 'utf8'), 'new');
  t.is(readFileSync(outside, 'utf8'), 'precious');
});

test('whatever fails leaves the old file and no temporary one', async (t) => {
  const root = await temporaryDirectory(t);
  writeFileSync(join(root, 'f'), 'old');
  mkdirSync(join(root, 'dir'));
  const [entry, data] = fileItems('', 'new content');
  const end: GetItem = { type: 'body-end' };
  const longer: GetItem = { type: 'data', bytes: Buffer.from('!') };
  const cases: Record<string, [GetItem[], string]> = {
    'too short': [[entry!, end], 'f'],
    'too long': [[entry!, data!, longer, end], 'f'],
    'cut off': [[entry!, data!], 'f'],
    'a second entry inside': [[entry!, entry!], 'f'],
    'no entry before bytes': [[data!], 'f'],
    'no entry before an end': [[end], 'f'],
    'a directory has the name': [[entry!, data!, end], 'dir'],
  };
  for (const [what, [items, name]] of Object.entries(cases)) {
    await t.throwsAsync(extractInto(root, items, { name }), undefined, what);
    t.is(readFileSync(join(root, 'f'), 'utf8'), 'old');
    t.deepEqual(readdirSync(root).sort(), ['dir', 'f'], what);
  }
});

test('what one item fails with is named, and everything else arrives', async (t) => {
  const root = await temporaryDirectory(t);
  mkdirSync(join(root, 'top/taken/by'), { recursive: true });
  writeFileSync(join(root, 'top/d'), 'a file');
  symlinkSync(root, join(root, 'top/link'));
  const [entry, data] = fileItems('lost', 'half of it');
  const lost = new VaultError('chunk-missing', { op: 'test', subject: '/top/lost' });
  const [short] = fileItems('short', 'xx');
  const items: GetItem[] = [
    directoryItem(''),
    directoryItem('d'),
    ...fileItems('d/f', 'x'),
    linkItem('d/l', 'x'),
    ...fileItems('taken', 'a directory has this name'),
    ...fileItems('link/f', 'would be written elsewhere'),
    ...[entry!, data!, { type: 'failed', error: lost } as const],
    ...[short!, { type: 'body-end' } as const],
    directoryItem('good', { mode: 0o555 }),
    ...fileItems('good/f', 'good'),
  ];
  const failed: VaultError[] = [];
  const onFailed = (error: VaultError) => void failed.push(error);
  t.is(await extractInto(root, items, { name: 'top', onFailed }), 1);
  t.deepEqual(
    failed.map(({ code, subject }) => [code, subject]),
    [
      ['not-directory', join(root, 'top/d')],
      ['not-directory', join(root, 'top/d')],
      ['not-directory', join(root, 'top/d')],
      ['is-directory', join(root, 'top/taken')],
      ['not-directory', join(root, 'top/link')],
      ['chunk-missing', '/top/lost'],
      ['damaged', join(root, 'top/short')],
    ],
  );
  for (const { next } of failed.slice(0, 5)) t.is(typeof next, 'string');
  t.is(readFileSync(join(root, 'top/good/f'), 'utf8'), 'good');
  t.is(statSync(join(root, 'top/good')).mode & 0o7777, 0o555);
  t.is(readFileSync(join(root, 'top/d'), 'utf8'), 'a file');
  t.deepEqual(readdirSync(join(root, 'top')).sort(), ['d', 'good', 'link', 'taken']);
});

test('what concerns every item ends the get', async (t) => {
  const root = await temporaryDirectory(t);
  async function* broken(): AsyncGenerator<GetItem> {
    yield await Promise.resolve(directoryItem(''));
    throw new VaultError('disk-full', { op: 'test' });
  }
  const directory = openTargetDirectory(root);
  t.teardown(() => {
    directory.close();
  });
  const times = openExactTimes();
  const options = { directory, root: Buffer.from(root), times, progress: noProgress };
  const got = extract(broken(), {
    ...options,
    name: Buffer.from('top'),
    onFailed: () => t.fail('this is about no item'),
  });
  await t.throwsAsync(got, { code: 'disk-full' });
});

test('a temporary name that is taken is refused, and large content arrives whole', async (t) => {
  const places = {
    temporary: Buffer.from('/dev/full'),
    final: Buffer.from('/nowhere'),
    shown: 'shown',
  };
  // It exists, so that the writer refuses to take it for its own temporary file.
  t.throws(() => openFileWriter(places, entryOf('')), { code: 'exists', message: /^shown/ });
  const root = await temporaryDirectory(t);
  const writer = openFileWriter(
    { ...places, temporary: Buffer.from(join(root, 't')), final: Buffer.from(join(root, 'f')) },
    entryOf('', { size: 4e6 }),
  );
  for (let sent = 0; sent < 4; sent += 1) await writer.write(Buffer.alloc(1e6, sent));
  await writer.finish();
  await writer.abandon();
  t.is(statSync(join(root, 'f')).size, 4e6);
  t.deepEqual(readdirSync(root), ['f']);
});

test('short writes go on where they stopped', (t) => {
  const pieces = ['ab', '', 'cde', 'f'].map((text) => Buffer.from(text));
  for (let count = 0; count <= 6; count += 1) {
    t.is(Buffer.concat(withoutFirst(pieces, count)).toString(), 'abcdef'.slice(count));
  }
  t.deepEqual(withoutFirst(pieces, 6), []);
});

test('a time counts as exact only when the double that Node passes on is', async (t) => {
  t.true(isExact({ seconds: 1_700_000_000, nanoseconds: 0 }));
  t.true(isExact({ seconds: 1_700_000_000, nanoseconds: 500_000_000 }));
  t.false(isExact({ seconds: 1_700_000_000, nanoseconds: 123_456_789 }));
  t.false(isExact({ seconds: -1, nanoseconds: 0 }));
  const root = await temporaryDirectory(t);
  const time = fc.record({
    seconds: fc.integer({ min: 1 - 2 ** 31, max: 2 ** 33 }),
    nanoseconds: fc.oneof(
      fc.nat(999_999_999),
      fc.nat(999).map((each) => each * 1_000_000),
    ),
  });
  let index = 0;
  const items = fc.sample(time, 60).flatMap((mtime) => {
    index += 1;
    return fileItems(String(index), 'x', { mtime });
  });
  await extractInto(root, items);
  for (const item of items) {
    if (item.type !== 'entry') continue;
    const { path, mtime } = item.entry;
    const { mtimeNs } = lstatSync(join(root, path.toString()), { bigint: true });
    t.is(mtimeNs, BigInt(mtime.seconds) * 1_000_000_000n + BigInt(mtime.nanoseconds));
  }
});

test('a file that vanished before its time was set is counted', async (t) => {
  const times = openExactTimes();
  times.set(Buffer.from('/nowhere/at/all'), { seconds: 1, nanoseconds: 1 });
  t.is(await times.finish(), 1);
  t.is(await openExactTimes().finish(), 0);
});

test('root does not get files that run as root', (t) => {
  const kept = process.getuid?.() === 0 ? 0o1755 : 0o7755;
  t.is(localMode(0o7755), kept);
  t.is(localMode(0o644), 0o644);
});
