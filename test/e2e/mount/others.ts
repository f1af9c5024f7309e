/** Changes by others are seen in the mount, and those of the mount by others. */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  opendirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { mountedDevice, shell, whyNoMount, hasProgram } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

maybe('a write on one device is seen in the mount of another', async (t) => {
  const one = await mountedDevice(t, 'one');
  await shell(one.mount, 'echo first >shared; echo kept >other');
  const ticket = await one.device.invite();
  const two = await mountedDevice(t, 'two', { folder: one.folder, ticket });
  t.is(await until(() => readText(two.mount, 'shared'), 'first\n'), 'first\n');
  const open = spawn('sh', ['-c', 'exec 3<shared; read go; cat <&3'], { cwd: two.mount });
  let held = '';
  open.stdout.on('data', (piece: Buffer) => (held += piece.toString()));
  await shell(one.mount, 'echo second, and longer than the first >shared; rm other; mkdir new');
  const second = 'second, and longer than the first\n';
  t.is(await until(() => readText(two.mount, 'shared'), second), second);
  await until(() => shell(two.mount, 'ls'), 'new\nshared\n');
  t.is(await shell(two.mount, 'ls'), 'new\nshared\n');
  const tookMs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const text = `round ${String(round)}\n`;
    const startMs = performance.now();
    writeFileSync(join(one.mount, 'shared'), text);
    while ((await readText(two.mount, 'shared')) !== text && performance.now() - startMs < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    tookMs.push(performance.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  t.log(`seen on the other device after ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  // On a machine that does nothing else it is a tenth of a second.
  t.true((tookMs[2] ?? Infinity) < 5_000);
  open.stdin.end('go\n');
  await once(open, 'close');
  t.regex(held, /first|second/, 'whoever has it open reads a whole version');
});

maybe('what a client of the agent changes is seen at once', async (t) => {
  const { mount, device, folder } = await mountedDevice(t, 'one');
  await shell(mount, 'echo a >f; cat f');
  await shell(folder, 'echo from the client >file');
  t.is((await device.vault('put', join(folder, 'file'), '/f')).code, 0);
  t.is(await until(() => readText(mount, 'f'), 'from the client\n'), 'from the client\n');
});

maybe(
  'a listing that a change comes into names everything that was there throughout',
  async (t) => {
    const { mount, device, folder } = await mountedDevice(t, 'one');
    await shell(mount, 'mkdir d; cd d; for i in $(seq 3000); do : >f$i; done');
    t.is(readdirSync(join(mount, 'd')).length, 3000);
    const listing = opendirSync(join(mount, 'd'), { bufferSize: 1 });
    const seen = new Set<string>();
    for (let count = 0; count < 200; count += 1) seen.add(listing.readSync()?.name ?? '');
    for (const name of seen) unlinkSync(join(mount, 'd', name));
    await shell(folder, 'echo from the client >file');
    t.is((await device.vault('put', join(folder, 'file'), '/d/more')).code, 0);
    await until(() => Promise.resolve(String(existsSync(join(mount, 'd', 'more')))), 'true');
    for (let row = listing.readSync(); row !== null; row = listing.readSync()) seen.add(row.name);
    listing.closeSync();
    const left = Array.from({ length: 3000 }, (_item, index) => `f${String(index + 1)}`);
    t.deepEqual(
      left.filter((name) => !seen.has(name)),
      [],
    );
  },
);

maybe('whoever is not root mounts through fusermount', async (t) => {
  if (!hasProgram('fusermount3') && !hasProgram('fusermount')) {
    t.log('skipped: the package fuse3 is missing');
    t.pass();
    return;
  }
  const folder = '/tmp';
  const script = [
    'mount -t tmpfs none /mnt; mkdir /mnt/h /mnt/m; mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse',
    'mount --bind /mnt/fuse /dev/fuse; chown -R 65534:65534 /mnt/h /mnt/m; chmod 755 /mnt',
    'setpriv --reuid=65534 --regid=65534 --clear-groups sh -euc "$1"',
  ].join('\n');
  const root = join(import.meta.dirname, '..', '..', '..');
  const node = process.execPath;
  const inner = [
    'export VAULT_HOME=/mnt/h/v HOME=/mnt/h',
    `${node} ${root}/bin/vaultd init --recovery-file /mnt/h/w >/dev/null`,
    `${node} ${root}/bin/vaultd start --listen 127.0.0.1:0 --detach >/dev/null`,
    `trap "${node} ${root}/bin/vaultd stop" EXIT`,
    `${node} ${root}/bin/vault mount /mnt/m`,
    'echo mine >/mnt/m/f; cat /mnt/m/f; stat -c %u /mnt/m/f',
    'head -c 3000000 /dev/urandom >/mnt/m/g; cp /mnt/m/g /mnt/h/g; cmp /mnt/m/g /mnt/h/g && echo same',
    `${node} ${root}/bin/vault umount /mnt/m; ls /mnt/m; ${node} ${root}/bin/vault ls`,
  ].join('\n');
  const said = await shell(folder, 'unshare -m sh -euc "$OUTER" sh "$INNER" 2>&1', {
    OUTER: script,
    INNER: inner,
  });
  t.regex(said, /mine\n65534\nsame\n/);
  t.regex(said, /f\ng\n/);
});

function readText(mount: string, name: string): Promise<string> {
  try {
    return Promise.resolve(readFileSync(join(mount, name), 'utf8'));
  } catch {
    return Promise.resolve('');
  }
}

/** Asks until it is so, or for ten seconds. */
async function until(ask: () => Promise<string>, wanted: string): Promise<string> {
  for (let round = 0; ; round += 1) {
    const found = await ask();
    if (found === wanted || round === 100) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
