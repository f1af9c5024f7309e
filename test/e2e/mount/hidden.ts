/** What is below `.vault` in a mount: the past, what is in conflict, what was deleted, and how it goes. */
import test from 'ava';
import { readFileSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceReport } from '../../../protocol/control/mount-reports.ts';
import { failure } from '../../helpers/posix/posix.ts';
import { realFolder } from '../../helpers/posix/real-folder.ts';
import { eventually, mustSucceed, settle } from '../../helpers/real-device.ts';
import { mountedDevice, shell, whyNoMount } from '../../helpers/real-mount.ts';

/** Changes set out in rounds, at most 400 ms apart: what has been still for so long is all there. */
const quietMs = 1500;

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

interface Status {
  readonly health: string;
  readonly mounts: readonly { readonly path: string }[];
  readonly reasons: readonly { readonly code: string }[];
}

maybe('the past is there by name, and cannot be changed', async (t) => {
  const { mount, device } = await mountedDevice(t, 'one');
  const folder = realFolder(mount);
  await shell(mount, 'mkdir -p docs/sub; echo first >docs/a; head -c 300000 /dev/zero >docs/sub/z');
  await shell(mount, 'ln -s a docs/l; chmod 640 docs/a; setfattr -n user.x -v y docs/a || true');
  await settled(device);
  mustSucceed(await device.vault('snapshot', 'create', 'monday'));
  await shell(mount, 'echo second >docs/a; rm -r docs/sub; rm docs/l; mkdir d; echo in it >d/f');
  await settled(device);
  await shell(mount, 'rm -r d; echo third >docs/a');
  await settled(device);
  const at = join(mount, '.vault');

  t.false(readdirSync(mount).includes('.vault'));
  t.deepEqual(readdirSync(at).sort(), ['at', 'conflicts', 'history', 'status', 'trace', 'trash']);
  const status = JSON.parse(readFileSync(join(at, 'status'), 'utf8')) as Status;
  t.is(status.mounts[0]?.path, mount);
  const trace = JSON.parse(readFileSync(join(at, 'trace'), 'utf8')) as TraceReport;
  t.true(trace.operations.some(({ op, count }) => op === 'create' && count > 0));
  const traced = (await device.json('trace')) as TraceReport;
  t.true(traced.operations.some(({ op, count }) => op === 'create' && count > 0));
  t.true(traced.recent.some(({ path, failed }) => path?.startsWith('/docs') === true && !failed));
  t.regex((await device.vault('trace')).stdout, /create .* took [0-9.]+ ms[^]*operation +count/);

  t.deepEqual(readdirSync(join(at, 'at')), ['monday']);
  t.deepEqual(readdirSync(join(at, 'at/monday/docs')).sort(), ['a', 'l', 'sub']);
  t.is(readFileSync(join(at, 'at/monday/docs/l'), 'utf8'), 'first\n');
  t.is(statSync(join(at, 'at/monday/docs/sub/z')).size, 300_000);
  t.is(statSync(join(at, 'at/monday/docs/a')).mode & 0o777, 0o440);
  const year = String(new Date().getUTCFullYear() + 1);
  t.is(readFileSync(join(at, `at/${year}-01-01/docs/a`), 'utf8'), 'third\n');
  t.throws(() => readdirSync(join(at, 'at/nonsense')), { code: 'ENOENT' });
  t.is(await shell(at, 'find at/monday | wc -l'), '6\n');
  await shell(
    mount,
    'cp -a .vault/at/monday/docs/sub back; cmp back/z .vault/at/monday/docs/sub/z',
  );

  const versions = readdirSync(join(at, 'history/docs/a'));
  t.true(versions.length >= 3, versions.join(' '));
  const texts = versions.map((name) => readFileSync(join(at, 'history/docs/a', name), 'utf8'));
  t.deepEqual([...new Set(texts)].sort(), ['first\n', 'second\n', 'third\n']);
  const [version = ''] = versions;
  const name = `.vault/history/docs/a/${version}`;
  t.is(String(folder.getXattr(name, 'user.vault.version')), version);
  t.is(readFileSync(join(at, 'history/docs/a', version.slice(0, 12)), 'utf8'), texts[0] ?? '');
  t.is(readdirSync(join(at, 'history/d/f')).length, 1);

  t.deepEqual(readdirSync(join(at, 'trash')).sort(), ['d', 'docs']);
  t.is(readFileSync(join(at, 'trash/d/f'), 'utf8'), 'in it\n');
  t.is(statSync(join(at, 'trash/docs/sub/z')).size, 300_000);

  const refusals = [
    () => folder.mkdir('.vault/x'),
    () => folder.open('.vault/at/monday/docs/a', { write: true }),
    () => folder.unlink('.vault/status'),
    () => folder.rename('.vault/at/monday/docs/a', 'a'),
    () => folder.chmod('.vault/at/monday/docs/a', 0o777),
    () => folder.setXattr('.vault/at/monday/docs/a', 'user.x', Buffer.from('v')),
    () => folder.rename('docs/a', '.vault/at/monday/docs/a'),
  ];
  for (const [index, refuse] of refusals.entries()) {
    t.is(await failure(refuse), 'EROFS', String(index));
  }
  await shell(mount, 'rm -rf ./*');
  t.deepEqual(readdirSync(mount), []);
  t.is(readFileSync(join(at, 'at/monday/docs/a'), 'utf8'), 'first\n');
});

maybe('what is in conflict is there with all its versions', async (t) => {
  const one = await mountedDevice(t, 'one');
  await shell(one.mount, 'mkdir docs; echo base >docs/a.txt; echo calm >docs/b.txt');
  await settled(one.device);
  const ticket = await one.device.invite();
  const two = await mountedDevice(t, 'two', { folder: one.folder, ticket });
  await settle([one.device, two.device]);
  await two.device.stop();
  await shell(one.mount, 'echo of one >docs/a.txt');
  await settled(one.device);
  await one.device.stop();
  await two.device.start('--mount', two.mount);
  await shell(two.mount, 'echo of two >docs/a.txt');
  await settled(two.device);
  await one.device.start('--mount', one.mount);
  mustSucceed(await one.device.vault('peers', 'add', two.device.listening));
  await settle([one.device, two.device]);
  for (const { mount } of [one, two]) {
    const conflicts = join(mount, '.vault/conflicts');
    await eventually('the conflict is listed', () =>
      Promise.resolve(readdirSync(conflicts).length > 0),
    );
    const names = readdirSync(join(conflicts, 'docs'));
    t.is(names.length, 2);
    const texts = names.map((name) => readFileSync(join(conflicts, 'docs', name), 'utf8'));
    t.deepEqual(texts.sort(), ['of one\n', 'of two\n']);
    t.true(saysConflict(mount));
  }
  mustSucceed(await one.device.vault('resolve', 'docs/a.txt', '--keep', 'mine'));
  await eventually('its status has heard of it', () => Promise.resolve(!saysConflict(one.mount)));
});

function saysConflict(mount: string): boolean {
  const text = readFileSync(join(mount, '.vault/status'), 'utf8');
  return (JSON.parse(text) as Status).reasons.some(({ code }) => code === 'conflicts');
}

/** What was closed in the mount is in the vault. */
function settled(device: { json(...words: string[]): Promise<unknown> }): Promise<void> {
  let before = '';
  let sinceMs = 0;
  return eventually('the vault has it', async () => {
    const { treeHash } = (await device.json('status')) as { treeHash: string };
    if (treeHash !== before) {
      before = treeHash;
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs > quietMs;
  });
}

maybe('names are bytes there too, and whatever they are they stay names', async (t) => {
  const { mount, device } = await mountedDevice(t, 'one');
  const names = [
    Buffer.from([0xff, 0xfe]),
    Buffer.from('a\nb'),
    Buffer.from('-rf'),
    Buffer.from('%2e%2e'),
    Buffer.from('a@b'),
    Buffer.from('\u202egnp.exe'),
    Buffer.alloc(255, 0xff),
  ];
  const beside = (directory: string, ...more: readonly Buffer[]): Buffer =>
    Buffer.concat([Buffer.from(directory), ...more.flatMap((name) => [Buffer.from('/'), name])]);
  const list = (directory: string | Buffer): readonly string[] =>
    readdirSync(directory, 'buffer').map((name) => name.toString('hex'));
  for (const text of ['first', 'second']) {
    for (const name of names) writeFileSync(beside(mount, name), text);
    await settled(device);
  }

  const history = join(mount, '.vault/history');
  const now = join(mount, `.vault/at/${String(new Date().getUTCFullYear() + 1)}-01-01`);
  const all = names.map((name) => name.toString('hex')).sort();
  t.deepEqual([...list(history)].sort(), all);
  t.deepEqual([...list(now)].sort(), all);
  for (const name of names) {
    const versions = readdirSync(beside(history, name), 'buffer');
    const texts = versions.map((version) => String(readFileSync(beside(history, name, version))));
    t.deepEqual([...new Set(texts)].sort(), ['first', 'second'], name.toString('hex'));
    t.is(String(readFileSync(beside(now, name))), 'second');
    t.is(await about(mount, name, 'state'), 'here');
    t.is(await about(mount, name, 'copies'), '1');
    t.is(await about(mount, name, 'why'), 'everything is on this device');
    t.true(versions.map(String).includes(await about(mount, name, 'version')));
  }

  for (const name of names) unlinkSync(beside(mount, name));
  await settled(device);
  t.deepEqual(list(history), [], 'what is gone is there when it is asked for');
  const trash = join(mount, '.vault/trash');
  t.deepEqual([...list(trash)].sort(), all);
  for (const name of names) {
    t.is(String(readFileSync(beside(trash, name))), 'second');
    t.true(list(beside(history, name)).length >= 2);
  }
});

/** The value of `user.vault.WHAT`. */
function about(mount: string, name: Buffer, what: string): Promise<string> {
  const octal = [...name].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const path = `"./$(printf '${octal}')"`;
  return shell(mount, `getfattr --only-values -n user.vault.${what} -- ${path}`);
}
