/** A mount can always be taken away, whatever its users and its agent do; a dead one ends with the next start. */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMountTable } from '../../../protocol/text/mount-table.ts';
import { eventually, mustSucceed } from '../../helpers/real-device.ts';
import { mountedDevice, shell, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

function isMounted(directory: string): boolean {
  const table = parseMountTable(readFileSync('/proc/self/mountinfo', 'utf8'));
  return table.some((entry) => entry.directory === directory);
}

maybe('under load it is refused with a word, and forced when that is wanted', async (t) => {
  const { device, mount, folder } = await mountedDevice(t, 'one');
  const script = 'i=0; while head -c 200000 /dev/urandom >w$i; do echo $i; i=$((i+1)); done';
  const writer = spawn('sh', ['-c', script], { cwd: mount, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(writer, 'close');
  await once(writer.stdout, 'data');
  writer.stdout.resume();
  const refused = await device.vault('umount', mount);
  t.is(refused.code, 4, refused.stderr);
  t.regex(refused.stderr, /--force/);
  t.true(isMounted(mount));
  mustSucceed(await device.vault('umount', '--force', mount));
  t.false(isMounted(mount));
  await ended;

  const link = join(folder, 'link');
  symlinkSync(mount, link);
  mustSucceed(await device.vault('mount', link));
  t.true(isMounted(mount), 'as the kernel knows it');
  t.is(await shell(mount, 'stat -c %s w0'), '200000\n', 'what was written is there');
  mustSucceed(await device.vault('umount', link));
  t.false(isMounted(mount));
});

maybe('an agent that hangs, or is gone, keeps no mount and no program', async (t) => {
  const { device, mount } = await mountedDevice(t, 'one');
  writeFileSync(join(mount, 'file'), 'kept\n');
  // Already inside: changing into a mount that hangs would hang whoever starts it.
  const reader = spawn('sh', ['-c', 'read go; echo asking; cat new; exec true'], {
    cwd: mount,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(reader, 'close');
  await device.freeze();
  reader.stdin.end('go\n');
  await once(reader.stdout, 'data');
  const refused = await device.vault('umount', mount);
  t.is(refused.code, 4, refused.stderr);
  mustSucceed(await device.vault('umount', '--force', mount));
  t.false(isMounted(mount));
  await ended;
  await device.thaw();
  await eventually('the agent knows', async () => (await device.status()).mounts.length === 0);
  t.is((await device.vault('cat', '/file')).stdout, 'kept\n');

  mustSucceed(await device.vault('mount', mount));
  await device.kill();
  t.true(isMounted(mount));
  const row = mustSucceed(await device.vault('umount', '--json', mount)).stdout;
  t.deepEqual(JSON.parse(row), {
    path: mount,
    readOnly: false,
    driver: 'kernel',
    state: 'failed',
    reason: 'no agent answered',
  });
  t.false(isMounted(mount));
  t.is((await device.vault('umount', mount)).code, 6, 'there is nothing to take away');
});

maybe(
  'after a crash of everything the next start takes the dead mount away, or makes it again',
  async (t) => {
    const { device, mount } = await mountedDevice(t, 'one');
    const user = spawn('sleep', ['1000'], { cwd: mount, stdio: 'ignore' });
    t.teardown(() => user.kill('SIGKILL'));
    writeFileSync(join(mount, 'one'), 'first\n');
    await device.kill();
    const { code } = t.throws<NodeJS.ErrnoException>(() => readFileSync(join(mount, 'one')));
    t.regex(String(code), /ENOTCONN|ECONNABORTED/);
    await device.start();
    t.false(isMounted(mount), 'given to the start: not made again by one without it');
    t.false(existsSync(join(mount, 'one')));
    t.is((await device.vault('cat', '/one')).stdout, 'first\n');

    mustSucceed(await device.vault('mount', mount));
    writeFileSync(join(mount, 'two'), 'second\n');
    await device.kill();
    await device.start();
    t.is(readFileSync(join(mount, 'two'), 'utf8'), 'second\n', 'made by a client: made again');

    mustSucceed(await device.vault('umount', mount));
    await device.stop();
    await device.start('--mount', mount);
    writeFileSync(join(mount, 'three'), 'third\n');
    // What the kernel remembers of it is no sign of life.
    statSync(mount);
    await device.kill();
    await device.start('--mount', mount);
    const all = await shell(mount, 'cat one two three');
    t.is(all, 'first\nsecond\nthird\n', 'given to both starts');
    await device.stop();
    t.false(isMounted(mount));
  },
);
