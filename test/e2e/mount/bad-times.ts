/** What programs get when something cannot be: an error number that they know, and nothing that was synced is lost. */
import test, { type ExecutionContext } from 'ava';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, digestOf, openControlSession } from '../../helpers/control-session.ts';
import { eventually, RealDevice, settle, temporaryFolder } from '../../helpers/real-device.ts';
import { mountedDevice, shell, unmountAtEnd, whyNoMount } from '../../helpers/real-mount.ts';
import { makeSmallDisk } from '../../helpers/small-disk.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

const MiB = 1024 * 1024;

/** Runs each line of Perl in a directory; one that gives nothing says what went wrong. */
async function tryAll(
  t: ExecutionContext,
  directory: string,
  tries: readonly (readonly [perl: string, error: string])[],
): Promise<void> {
  for (const [perl, error] of tries) {
    const script = `use Errno; my $done = do { ${perl} }; print $done ? "done" : (grep { $!{$_} } keys %!)[0]`;
    t.is(await shell(directory, 'perl -e "$SCRIPT"', { SCRIPT: script }), error, perl);
  }
}

const changes = [
  'open(F, ">", "new")',
  'open(F, ">>", "file")',
  'open(F, "+<", "file")',
  'truncate("file", 0)',
  'unlink("file")',
  'mkdir("other")',
  'rmdir("directory")',
  'rename("file", "other")',
  'link("file", "other")',
  'symlink("file", "other")',
  'chmod(0600, "file")',
  'utime(1, 1, "file")',
];

maybe('roles, names and other vaults: each refusal has its number', async (t) => {
  t.timeout(120_000);
  const { device, mount, folder } = await mountedDevice(t, 'one');
  await shell(mount, 'echo text >file; mkdir directory');
  const reader = await mountedDevice(t, 'reader', {
    folder,
    ticket: await device.invite('reader'),
  });
  await settle([device, reader.device]);
  t.is(readFileSync(join(reader.mount, 'file'), 'utf8'), 'text\n');
  await tryAll(
    t,
    reader.mount,
    changes.map((perl) => [perl, 'EROFS']),
  );
  const [row] = (await reader.device.status()).mounts;
  t.regex(row?.reason ?? '', /may only read/);

  const blind = await mountedDevice(t, 'blind', { folder, ticket: await device.invite('blind') });
  await tryAll(t, blind.mount, [
    ['opendir(D, ".")', 'EACCES'],
    ['open(F, "<", "file")', 'EACCES'],
    ['open(F, ">", "new")', 'EACCES'],
    ['mkdir("other")', 'EACCES'],
    ['open(F, "<", ".vault/status")', 'done'],
  ]);
  t.regex((await blind.device.status()).mounts[0]?.reason ?? '', /cannot read it/);

  const long = 'x" x 256 . "';
  await tryAll(t, mount, [
    [`open(F, ">", "${long}")`, 'ENAMETOOLONG'],
    [`-e "${long}"`, 'ENAMETOOLONG'],
    [`mkdir("${long}")`, 'ENAMETOOLONG'],
    [`rename("file", "${long}")`, 'ENAMETOOLONG'],
    [`symlink("file", "${long}")`, 'ENAMETOOLONG'],
    [`open(F, ">", "x" x 255)`, 'done'],
  ]);

  const other = await mountedDevice(t, 'other', { folder });
  await tryAll(t, mount, [
    ['rename("file", "../mount-other/file")', 'EXDEV'],
    ['link("file", "../mount-other/file")', 'EXDEV'],
    ['open(F, ">", ".vault/status")', 'EROFS'],
    ['mkdir(".vault/at/monday")', 'EROFS'],
    ['rename("directory", ".vault")', 'EROFS'],
    ['my $name = "fifo"; syscall(133, $name, 010644, 0) == 0', 'EPERM'],
  ]);
  const taken = await other.device.vault('mount', mount);
  t.is(taken.code, 4, 'a vault is mounted once, and there is another one');
  await other.device.stop();
  await other.device.start();
  const over = await other.device.vault('mount', mount);
  t.is(over.code, 4);
  t.regex(over.stderr, /something is mounted there \(fuse\.peervault\)/);
});

maybe('a full disk takes no more, keeps what was synced, and is written again later', async (t) => {
  t.timeout(120_000);
  const folder = await temporaryFolder(t);
  const disk = await makeSmallDisk(t, folder, 64);
  const mount = join(folder, 'mount');
  mkdirSync(mount);
  const device = new RealDevice(t, disk, 'laptop', {
    environment: { VAULT_STORE_FREE_BYTES_MIN: String(24 * MiB) },
  });
  await device.init();
  unmountAtEnd(t, mount);
  await device.start('--mount', mount);
  const synced = new Map<string, string>();
  let refusal: string | undefined;
  for (let number = 0; refusal === undefined && number < 200; number += 1) {
    const name = `file-${String(number)}`;
    const content = contentOf(name, MiB);
    const file = openSync(join(mount, name), 'wx');
    try {
      writeSync(file, content);
      fsyncSync(file);
      synced.set(name, digestOf(content));
    } catch (error) {
      refusal = (error as NodeJS.ErrnoException).code;
    }
    try {
      closeSync(file);
    } catch (error) {
      refusal ??= (error as NodeJS.ErrnoException).code;
    }
  }
  t.is(refusal, 'ENOSPC');
  t.true(synced.size > 5, String(synced.size));
  const check = (when: string): void => {
    for (const [name, digest] of synced) {
      t.is(digestOf(readFileSync(join(mount, name))), digest, `${name} ${when}`);
    }
  };
  check('while it is full');
  await tryAll(t, mount, [
    // More than the whole disk: what was left below the first refusal may take a little.
    ['open(F, ">", "large") && print F "x" x (64 << 20) and close(F)', 'ENOSPC'],
  ]);
  const status = await device.status();
  t.true(status.reasons.some(({ code }) => code === 'disk-full'));

  await device.kill();
  await device.start('--mount', mount);
  check('after a crash on a full disk');
  await shell(mount, 'rm -f file-0 file-1 file-2');
  for (const name of ['file-0', 'file-1', 'file-2']) synced.delete(name);
  await shell('/', `mount -o remount,size=128m ${disk.replaceAll(' ', '\\ ')}`);
  await eventually('writing comes back by itself', async () => {
    const said = await shell(mount, 'head -c 300000 /dev/zero >again && echo done || true');
    return said.includes('done');
  });
  check('afterwards');
  await device.stop();
  await device.start();
  const session = await openControlSession(device.socket);
  const tree = await session.readTree();
  session.close();
  for (const [name, digest] of synced) t.is(tree.get(name), digest, name);
});
