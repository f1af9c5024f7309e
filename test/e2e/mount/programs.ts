/** Real programs in a mount, and what a disk beside it would answer. */
import test from 'ava';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram, mountedDevice, shell, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

/** Each prints what it found; the same text has to come from the mount and from the disk. */
const probes: Readonly<Record<string, string>> = {
  'nanosecond times': 'touch -d "2001-02-03 04:05:06.123456789" f; stat -c %y f',
  'times before 1970': 'touch -d "1950-01-01 00:00:00" f; stat -c %Y f',
  'modification time alone': 'touch -a -m -d @5 f; touch -m -d @9 f; stat -c "%X %Y" f',
  'permission bits': 'touch f; chmod 6751 f; stat -c %a f',
  'owner of a file': 'touch f; chown 12345:54321 f; stat -c %u:%g f',
  'hard links': 'echo a >f; ln f g; echo b >>g; cat f; stat -c %h f; rm f; stat -c %h g; cat g',
  'link to a directory': 'mkdir d; ln d e 2>/dev/null || echo refused',
  symlinks: 'ln -s nowhere/at/all l; readlink l; stat -c "%s %F" l',
  'long symlink': 'ln -s $(printf %01000d 0) l; readlink l | wc -c',
  'open and unlinked': 'echo text >f; exec 3<f; rm f; cat <&3; ls',
  'rename over an open file': 'echo old >f; echo new >g; exec 3<f; mv g f; cat <&3 f',
  'rename into itself': 'mkdir -p d/e; mv d d/e 2>/dev/null || echo refused',
  'rename over a full directory': 'mkdir -p a b/c; mv -T a b 2>/dev/null || echo refused',
  'rename over an empty directory': 'mkdir a b; touch a/x; mv -T a b; ls b',
  'rename without replacing': 'echo 1 >a; echo 2 >b; mv -n a b; cat b',
  'remove a full directory': 'mkdir -p d/e; rmdir d 2>/dev/null || echo refused; rmdir d/e d; ls',
  'a name of 255 bytes':
    'touch $(printf %0255d 0); ls | wc -c; touch $(printf %0256d 0) 2>&1 | tail -c 20',
  'names that are not UTF-8': 'touch "$(printf "\\377\\376")"; ls | od -An -tx1',
  'case of names': 'touch A a; ls | wc -l',
  append: 'echo a >>f; echo b >>f; cat f',
  'exclusive creation': 'set -C; echo 1 >f; (echo 2 >f) 2>/dev/null || echo refused; cat f',
  truncate: 'echo abcdef >f; truncate -s 3 f; truncate -s 6 f; od -An -c f',
  'sparse files': 'truncate -s 5T f; stat -c %s f; echo end >>f; tail -c 4 f; stat -c %s f',
  fallocate:
    'fallocate -l 100000 f; stat -c %s f; head -c 8192 /dev/urandom >g; fallocate -p -o 0 -l 4096 g; head -c 4096 g | od -An | head -1',
  'copy of a file': 'head -c 300000 /dev/urandom >f; cp --reflink=auto f g; cmp f g && echo same',
  'copy inside a file':
    'printf abcdefgh >f; dd if=f of=f bs=1 skip=0 seek=4 count=4 conv=notrunc 2>/dev/null; cat f',
  'directory times move':
    'mkdir d; touch -d @5 d; touch d/f; test $(stat -c %Y d) -gt 5 && echo moved',
  'no device files': 'mkfifo p 2>/dev/null || true; echo done',
  'deep directories':
    'd=.; for i in $(seq 60); do d=$d/d; mkdir $d; done; find . | wc -l; rm -r d; ls',
  'many names':
    'for i in $(seq 300); do echo $i >n$i; done; ls | wc -l; cat n* | sort -n | tail -1; rm n*; ls | wc -l',
  'save by rename':
    'echo old >f; for i in 1 2 3; do echo $i >f.tmp; mv f f~; mv f.tmp f; rm f~; done; cat f; ls',
  'write and read back large':
    'head -c 9000000 /dev/urandom >f; md5sum <f >s; cat f >g; md5sum <g | cmp - s && echo same',
  tar: 'mkdir a b; for i in $(seq 40); do head -c $((i*997)) /dev/urandom >a/$i; done; tar cf - -C a . | tar xf - -C b; diff -r a b && echo same',
};

maybe('the mount answers as the disk does', async (t) => {
  const { mount, folder } = await mountedDevice(t, 'one');
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  for (const [index, [name, script]] of Object.entries(probes).entries()) {
    const inside = join(mount, String(index));
    const beside = join(disk, String(index));
    mkdirSync(inside);
    mkdirSync(beside);
    const wanted = await outcome(beside, script);
    t.is(await outcome(inside, script), wanted, name);
  }
});

async function outcome(directory: string, script: string): Promise<string> {
  try {
    return await shell(directory, script);
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return `${stdout}${stderr.replaceAll(directory, '')}status ${String(code)}`;
  }
}

maybe('git works in it, and what it wrote is there after a kill', async (t) => {
  if (!hasProgram('git')) {
    t.log('skipped: git is missing');
    t.pass();
    return;
  }
  const { mount, device } = await mountedDevice(t, 'one');
  await shell(mount, 'git init -q r; cd r; git config user.email a@b; git config user.name a');
  const commit =
    'for i in $(seq 30); do head -c $((i*700)) /dev/urandom | base64 >f$i; done; git add .; git commit -qm x';
  await shell(join(mount, 'r'), commit);
  await device.killAgent();
  t.is(await shell(join(mount, 'r'), 'git status --porcelain; git fsck 2>&1'), '');
  await shell(mount, 'git clone -q r c; cd c; git gc -q; git fsck; diff -r --exclude=.git . ../r');
});

maybe('SQLite keeps its promises in it', async (t) => {
  if (!hasProgram('sqlite3')) {
    t.log('skipped: sqlite3 is missing');
    t.pass();
    return;
  }
  const { mount } = await mountedDevice(t, 'one');
  for (const mode of ['wal', 'delete']) {
    const fill =
      'with recursive c(x) as (values(1) union all select x+1 from c where x<5000) insert into t select x from c';
    const words = `pragma journal_mode=${mode}; create table t(a); ${fill}; update t set a=a+1; pragma integrity_check; select count(*) from t;`;
    const said = await shell(mount, `sqlite3 ${mode}.db '${words}'`);
    t.deepEqual(said.trim().split('\n'), [mode, 'ok', '5000']);
  }
});

maybe('names and attributes come back from the vault itself', async (t) => {
  const { mount, device } = await mountedDevice(t, 'one');
  await shell(
    mount,
    'mkdir d; head -c 600000 /dev/zero | tr "\\0" x >d/f; chmod 640 d/f; ln -s f d/l',
  );
  await device.stop();
  await device.start();
  const rows = (await device.json('ls', '/d')) as { name: string; size: number; mode: number }[];
  t.deepEqual(
    rows.map(({ name }) => name),
    ['f', 'l'],
  );
  t.is(rows[0]?.size, 600_000);
  const got = await device.run('vault', ['cat', '/d/f']);
  t.is(got.stdout.length, 600_000);
});
