/** Many items in one put or get, and some that fail: those are named, and everything else is there. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

async function makeOne(t: ExecutionContext): Promise<{ device: RealDevice; folder: string }> {
  const folder = await temporaryFolder(t);
  const device = new RealDevice(t, folder, 'laptop');
  await device.init();
  await device.start();
  return { device, folder };
}

/** Code and subject of each failure, as `--json` tells them; each has to say what to try. */
function failuresIn(t: ExecutionContext, stderr: string): string[][] {
  const lines = stderr.trimEnd().split('\n');
  return lines.map((line) => {
    const { error } = JSON.parse(line) as { error: Record<string, string> };
    t.true((error['next'] ?? '').length > 5, line);
    return [error['code'] ?? '', error['subject'] ?? ''];
  });
}

test.serial('a put names what clashes with the vault and stores the rest', async (t) => {
  const { device, folder } = await makeOne(t);
  // In the vault `a` is a file, and `large` and `small` are directories.
  mustSucceed(await device.vault('mkdir', '-p', 'dst/large', 'dst/small/x'));
  mustSucceed(await device.run('vault', ['put', '-', 'dst/a'], { input: 'a file' }));
  const src = join(folder, 'src');
  await mkdir(join(src, 'a/b/c'), { recursive: true });
  await mkdir(join(src, 'good/deep'), { recursive: true });
  for (const name of ['a/one', 'a/b/two', 'a/b/c/three', 'small', 'good/deep/four', 'z']) {
    await writeFile(join(src, name), name);
  }
  await writeFile(join(src, 'large'), randomBytes(300_000));
  await writeFile(join(src, 'good/other'), randomBytes(500_000));

  const put = await device.vault('put', '-r', `${src}/.`, 'dst', '--json');
  t.is(put.code, 1, put.stderr);
  t.deepEqual(failuresIn(t, put.stderr).sort(), [
    ['is-directory', '/dst/large'],
    ['is-directory', '/dst/small'],
    ['not-directory', '/dst/a'],
    ['not-directory', '/dst/a/b'],
    ['not-directory', '/dst/a/b/c'],
    ['not-directory', '/dst/a/b/c/three'],
    ['not-directory', '/dst/a/b/two'],
    ['not-directory', '/dst/a/one'],
  ]);
  t.like(JSON.parse(put.stdout), {
    files: 3,
    directories: 3,
    symlinks: 0,
    skipped: 0,
    bytes: 'good/deep/four'.length + 500_000 + 1,
  });
  t.is(mustSucceed(await device.vault('cat', 'dst/good/deep/four')).stdout, 'good/deep/four');
  t.is(mustSucceed(await device.vault('cat', 'dst/a')).stdout, 'a file');
  t.is((await device.vault('stat', 'dst/large')).code, 0);
  t.is((await device.vault('stat', 'dst/a/one')).code, 1);

  const text = await device.vault('put', '-r', join(src, 'a'), 'dst/');
  t.is(text.code, 1, 'a directory of the one reason');
  t.regex(text.stderr, /^vault: not a directory: \/dst\/a\/one \(\/dst\/a is .*\)\n {2}try: /m);
  t.notRegex(text.stderr, /^stored/m, 'nothing was');
  const one = await device.vault('put', join(src, 'z'), 'nowhere/z');
  t.is(one.code, 3);
  t.regex(one.stderr, /try: make it first: vault mkdir -p \/nowhere, or give --parents/);
});

test.serial('a device that may not write ends a put at once, with one error', async (t) => {
  const { device, folder } = await makeOne(t);
  const reader = new RealDevice(t, folder, 'reader');
  await reader.join(await device.invite('reader'));
  await reader.start();
  await mkdir(join(folder, 'many'));
  for (let count = 0; count < 50; count++) {
    await writeFile(join(folder, 'many', `f${String(count)}`), 'x');
  }
  const put = await reader.vault('put', '-r', join(folder, 'many'), '/', '--json');
  t.is(put.code, 5);
  t.is(put.stdout, '');
  t.deepEqual(
    failuresIn(t, put.stderr).map(([code]) => code),
    ['read-only'],
  );
});

/** One bit in each of forty parts of every segment. */
async function damageSegments(device: RealDevice): Promise<void> {
  const folder = join(device.home, 'segments');
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.seg'))) {
    const path = join(folder, name);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    for (let part = 0; part < 40; part++) {
      const at = 64 + Math.floor(((part + 0.5) * (size - 64)) / 40);
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, at);
      await file.write(Buffer.of((byte[0] ?? 0) ^ 0x10), 0, 1, at);
    }
    await file.close();
  }
}

test.serial('a get names what is damaged, and the rest arrives', async (t) => {
  const { device, folder } = await makeOne(t);
  t.timeout(100_000);
  const bad = { one: randomBytes(100_000), many: randomBytes(3_000_000) };
  mustSucceed(await device.vault('mkdir', 'tree'));
  for (const [name, input] of Object.entries(bad)) {
    mustSucceed(await device.run('vault', ['put', '-', `tree/bad-${name}`], { input }));
  }
  await device.stop();
  await damageSegments(device);
  await device.start();
  const good = randomBytes(2_000_000);
  for (const name of ['a-good', 'z-good']) {
    mustSucceed(await device.run('vault', ['put', '-', `tree/${name}`], { input: good }));
  }

  const out = join(folder, 'out');
  await mkdir(out);
  const get = await device.vault('get', '-r', 'tree', out, '--json');
  t.is(get.code, 1, get.stderr);
  t.deepEqual(failuresIn(t, get.stderr).sort(), [
    ['damaged', '/tree/bad-many'],
    ['damaged', '/tree/bad-one'],
  ]);
  t.like(JSON.parse(get.stdout), { files: 2, directories: 1 });
  t.deepEqual((await readdir(join(out, 'tree'))).sort(), ['a-good', 'z-good']);
  t.true(good.equals(await readFile(join(out, 'tree/z-good'))));
  // By now the bad copy is set aside.
  const one = await device.vault('get', 'tree/bad-one', out);
  t.is(one.code, 9, 'one file, its own status');
  t.regex(one.stderr, /^vault: a part of the content .*: \/tree\/bad-one \([^]*\n {2}try: /);
});

test.serial(
  'a path that is not there says where to look, and what was probably meant',
  async (t) => {
    const { device } = await makeOne(t);
    mustSucceed(await device.vault('mkdir', '-p', 'docs/old'));
    mustSucceed(await device.run('vault', ['put', '-', 'docs/report.pdf'], { input: 'x' }));
    const cases: [string[], number, RegExp][] = [
      [['stat', 'docs/old/x'], 3, /try: vault ls \/docs\/old shows what is there/],
      [['stat', 'docs/no/x/y'], 3, /try: vault ls \/docs shows what is there/],
      [['ls', 'nowhere'], 3, /try: vault ls \/ shows what is there/],
      [
        ['get', 'docs/reprot.pdf', '.'],
        3,
        /try: did you mean \/docs\/report\.pdf\? vault ls \/docs/,
      ],
      [['rm', 'dcs'], 3, /did you mean \/docs\?/],
      [['mv', 'docs/report.pd', 'x'], 3, /did you mean \/docs\/report\.pdf\?/],
      [['mv', 'docs/report.pdf', 'a/b/c'], 3, /make it first: vault mkdir -p \/a\/b/],
      [['stat', 'docs/report.pdf/x'], 1, /vault stat \/docs\/report\.pdf says what it is/],
      [['cp', '-r', '/', 'x'], 5, /root cannot be copied into itself[^]*name what is to be copied/],
      [['mv', '/', 'x'], 5, /root stays where it is[^]*name what is to be moved/],
      [['mv', 'docs', 'docs/old/x'], 2, /choose a place outside \/docs/],
      [['mkdir', 'docs/report.pdf'], 4, /a file has this name[^]*choose another name/],
    ];
    for (const [words, code, wanted] of cases) {
      const outcome = await device.vault(...words);
      t.is(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`);
      t.regex(outcome.stderr, wanted);
    }
  },
);
