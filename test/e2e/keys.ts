/**
 * The keys of a device under a passphrase, as somebody lives with them: locked at the start, unlocked,
 * locked again, after a crash, with another passphrase; and put back from a backup on a new disk.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

async function passphraseFiles(folder: string) {
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return {
    right: await write('right', 'correct horse battery\n'),
    wrong: await write('wrong', 'incorrect horse battery\n'),
    other: await write('other', 'another one'),
  };
}

test('a vault with a passphrase: locked until it is given, and locked again on demand', async (t) => {
  t.timeout(300_000);
  const folder = await temporaryFolder(t);
  const files = await passphraseFiles(folder);
  const device = new RealDevice(t, folder, 'laptop');
  const words = join(folder, 'words');
  mustSucceed(
    await device.vaultd(
      ...['init', '--name', 'laptop', '--recovery-file', words],
      ...['--passphrase-file', files.right],
    ),
  );
  for (const name of ['device.json', 'owner.json']) {
    const path = join(device.home, 'identity', name);
    t.is((await stat(path)).mode & 0o777, 0o600);
    t.notRegex(await readFile(path, 'utf8'), /Seed|SecretKey/, 'no key in the clear');
  }

  const wrongStart = await device.vaultd('start', '--passphrase-file', files.wrong);
  t.is(wrongStart.code, 5, wrongStart.stderr);
  t.regex(wrongStart.stderr, /passphrase.*not the right one/);

  await device.startLocked();
  const refused = await device.vault('ls');
  t.is(refused.code, 5);
  t.regex(refused.stderr, /locked/);
  t.regex(refused.stderr, /try: vault unlock/);
  const status = await device.status();
  t.is(status.deviceId, device.id);
  t.deepEqual(
    status.reasons.map(({ code, next }) => [code, next]),
    [['locked', 'vault unlock']],
  );
  t.is((await device.vault('unlock', '--passphrase-file', files.wrong)).code, 5);
  t.is((await device.vault('unlock')).code, 2, 'without a terminal nobody is asked');
  mustSucceed(await device.vault('unlock', '--passphrase-file', files.right));
  mustSucceed(await device.run('vault', ['put', '-', 'kept'], { input: 'content' }));

  const before = (await device.status()).pid;
  const locked = (await device.json('lock')) as { locked: boolean };
  t.true(locked.locked);
  t.is((await device.vault('cat', 'kept')).code, 5, 'from the answer on');
  t.not((await device.status()).pid, before, 'the process that had the keys is gone');
  const input = await readFile(files.right, 'utf8');
  mustSucceed(await device.run('vault', ['unlock', '--passphrase-file', '-'], { input }));
  t.is(mustSucceed(await device.vault('cat', 'kept')).stdout, 'content');
  await device.stop();

  await device.start('--passphrase-file', files.right);
  await device.killAgent();
  await eventually('a killed agent unlocks itself with the file', async () => {
    const { code, stdout } = await device.vault('cat', 'kept');
    return code === 0 && stdout === 'content';
  });
  mustSucceed(await device.vault('lock'));
  await device.killAgent();
  await eventually(
    'one that was locked stays locked, file or not',
    async () =>
      (await device.status().catch(() => undefined))?.reasons.some(
        ({ code }) => code === 'locked',
      ) === true,
  );
  mustSucceed(await device.vault('unlock', '--passphrase-file', files.right));

  const change = ['--passphrase-file', files.right, '--new-passphrase-file', files.other];
  mustSucceed(await device.vault('passphrase', 'change', ...change));
  await device.stop();
  t.is((await device.vaultd('start', '--passphrase-file', files.right)).code, 5);
  await device.start('--passphrase-file', files.other);
  t.is(
    (await device.vault('passphrase', 'set', '--passphrase-file', files.right)).code,
    4,
    'there is one already',
  );
  mustSucceed(await device.vault('passphrase', 'remove', '--passphrase-file', files.other));
  t.is((await device.vault('lock')).code, 2, 'without a passphrase there is no way back');
  await device.stop();
  await device.start();
  t.is(mustSucceed(await device.vault('cat', 'kept')).stdout, 'content');
  await device.stop();
});

test('a device comes back from a backup of its keys, and nothing forks', async (t) => {
  t.timeout(300_000);
  const folder = await temporaryFolder(t);
  const files = await passphraseFiles(folder);
  const laptop = new RealDevice(t, folder, 'laptop');
  const nas = new RealDevice(t, folder, 'nas');
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite('admin'));
  await nas.start();
  mustSucceed(await laptop.run('vault', ['put', '-', 'first'], { input: 'from the laptop' }));
  await settle([laptop, nas]);

  const backup = join(folder, 'laptop.keys');
  mustSucceed(await laptop.vault('keys', 'backup', backup, '--passphrase-file', files.right));
  t.is((await stat(backup)).mode & 0o777, 0o600);
  t.is(
    (await laptop.vault('keys', 'backup', backup, '--passphrase-file', files.right)).code,
    4,
    'nothing is overwritten',
  );
  // What the backup does not know: a change, and a statement.
  mustSucceed(await laptop.run('vault', ['put', '-', 'second'], { input: 'after the backup' }));
  await laptop.invite('reader');
  await settle([laptop, nas]);
  await laptop.stop();
  await rm(laptop.home, { recursive: true });

  t.is((await laptop.vaultd('restore', backup, '--passphrase-file', files.wrong)).code, 5);
  mustSucceed(await laptop.vaultd('restore', backup, '--passphrase-file', files.right));
  await laptop.start();
  await eventually('the restored device gets what it had', async () => {
    const { code, stdout } = await laptop.vault('cat', 'second');
    return code === 0 && stdout === 'after the backup';
  });
  mustSucceed(await laptop.run('vault', ['put', '-', 'third'], { input: 'after the restore' }));
  await settle([laptop, nas]);
  t.is(mustSucceed(await nas.vault('cat', 'third')).stdout, 'after the restore');
  const rows = (await nas.json('journal', 'list')) as { deviceId: string; state: string }[];
  const own = rows.filter(({ deviceId }) => deviceId === laptop.id);
  t.is(own.length, 2, 'one of each life');
  t.false(own.some(({ state }) => state === 'forked'));
  t.truthy(await laptop.invite('reader'), 'having met another device, it issues again');
  await Promise.all([laptop.stop(), nas.stop()]);
});
