/** Every command of `vault` on a real agent, for people and with `--json`, with its exit status. */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { folderShape } from '../helpers/folder-shape.ts';
import { openControlSession } from '../helpers/control-session.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);
const run = promisify(execFile);

let folder = '';
let laptop: RealDevice;
let nas: RealDevice;

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite('writer'));
  await nas.start();
});

const said = async (...words: string[]): Promise<string> =>
  mustSucceed(await laptop.vault(...words)).stdout;

async function fails(t: ExecutionContext, code: number, ...words: string[]): Promise<string> {
  const outcome = await laptop.vault(...words);
  t.is(outcome.code, code, `${words.join(' ')}: ${outcome.stderr}`);
  return outcome.stderr;
}

interface Row {
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  readonly mtime: string;
  readonly mode: number;
  readonly version: string | null;
  readonly state: string;
  readonly nameBytes?: string;
}

const rowsOf = async (...words: string[]): Promise<readonly Row[]> =>
  (await laptop.json('ls', ...words)) as readonly Row[];
const statOf = async (path: string): Promise<Row> => (await laptop.json('stat', path)) as Row;

// --- content and names ----------------------------------------------------------------------------

/** Names that are allowed and unpleasant, as bytes, with what a person sees of them. */
const hardNames: readonly (readonly [name: Buffer, shown: string])[] = [
  [Buffer.from('name with  spaces '), 'name with  spaces '],
  [Buffer.from('Ünïcødé 名前 🗂'), 'Ünïcødé 名前 🗂'],
  [Buffer.from('-r'), '-r'],
  [Buffer.from('.hidden'), '.hidden'],
  [Buffer.from('...'), '...'],
  [Buffer.from('line\nbreak\ttab'), 'line\\nbreak\\ttab'],
  [Buffer.from('red\x1b[31m'), 'red\\x1b[31m'],
  [Buffer.from('back\\slash'), 'back\\\\slash'],
  [Buffer.from('invoice\u202egnp.exe'), 'invoice\\u{202e}gnp.exe'],
  [Buffer.from('zero\u200bwidth'), 'zero\\u{200b}width'],
  [Buffer.from([0x6c, 0x61, 0xff, 0x74]), 'la\\xfft'],
  [Buffer.from('a@deadbeef'), 'a@deadbeef'],
  [Buffer.from(`${'é'.repeat(127)}x`), `${'é'.repeat(127)}x`],
  [Buffer.from('n'.repeat(255)), 'n'.repeat(255)],
];

async function makeSource(at: string): Promise<void> {
  await mkdir(join(at, 'empty', 'deeper'), { recursive: true });
  await mkdir(join(at, 'names'));
  for (const [name] of hardNames) {
    await writeFile(Buffer.concat([Buffer.from(`${at}/names/`), name]), name);
  }
  await writeFile(join(at, 'nothing'), '');
  await writeFile(join(at, 'large.bin'), randomBytes(3_000_000));
  await symlink('../outside', join(at, 'dangling'));
  await symlink('nothing', join(at, 'link'));
  for (const [mode, name] of [
    [0o4755, 'setuid'],
    [0o000, 'none'],
    [0o1777, 'sticky'],
  ] as const) {
    await writeFile(join(at, name), name);
    await chmod(join(at, name), mode);
  }
  await chmod(join(at, 'empty'), 0o2750);
  // Nanoseconds, before 1970, and far in the future: more than a number of Node holds.
  await run('touch', ['-d', '2001-02-03 04:05:06.123456789', join(at, 'large.bin')]);
  await run('touch', ['-h', '-d', '1999-12-31 23:59:59.999999999', join(at, 'link')]);
  await run('touch', ['-d', '1969-07-20 20:17:40.000000001', join(at, 'nothing')]);
  await run('touch', ['-d', '2106-02-07 06:28:17.5', join(at, 'sticky')]);
  await run('touch', ['-d', '1980-01-01 00:00:00.000000007', join(at, 'empty')]);
}

async function bytesOfJournals({ home }: RealDevice): Promise<number> {
  const folder = join(home, 'journals');
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test.serial(
  'put and get keep bytes, names, modes, times, links and empty directories',
  async (t) => {
    const source = join(folder, 'source');
    await mkdir(source);
    await makeSource(source);
    const put = mustSucceed(await laptop.vault('put', '-r', source, '/')).stderr;
    t.regex(
      put,
      new RegExp(`^stored ${String(hardNames.length + 5)} files, 4 directories, 2 symbolic`),
    );
    await settle([laptop, nas]);
    mustSucceed(await nas.vault('get', '-r', 'source', join(folder, 'back')));
    const expected = folderShape(source).map((line) =>
      // Root would run it as root, whoever stored it: the bit stays in the vault.
      process.getuid?.() === 0 ? line.replace('/setuid 104755', '/setuid 100755') : line,
    );
    t.deepEqual(folderShape(join(folder, 'back')), expected);
    t.is((await statOf('source/setuid')).mode, 0o4755);

    const journalBytes = await bytesOfJournals(laptop);
    const again = (await laptop.json('put', '-r', source, '/')) as {
      files: number;
      skipped: number;
    };
    t.like(again, { files: 0, skipped: hardNames.length + 5 }, 'nothing is stored twice');
    t.is(await bytesOfJournals(laptop), journalBytes, 'and nothing is said');
    const read = await laptop.json('put', '-r', '--checksum', source, '/');
    t.like(read, { skipped: 0, chunksNew: 0 }, 'read again, and no byte of content is new');
  },
);

test.serial(
  'names that could fool a terminal are shown escaped, and can be typed so',
  async (t) => {
    const shown = hardNames.map(([, text]) => text);
    const lines = (await said('ls', 'source/names')).split('\n').slice(0, -1);
    t.deepEqual(lines.toSorted(), shown.toSorted());
    const screens = [await said('tree', 'source'), await said('ls', '-lR', 'source')];
    for (const text of screens) {
      t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f\u202e\u200b]/);
      for (const name of shown) t.true(text.includes(name), name);
    }
    for (const [name, text] of hardNames) {
      const path = `source/names/${text}`;
      t.is(await said('cat', '--escaped-paths', path), name.toString(), text);
    }
    const json = (await laptop.vault('ls', 'source/names', '--json')).stdout;
    t.notRegex(json, /[\u202e\u200b\u001b]/);
    const rows = JSON.parse(json) as readonly Row[];
    const names = rows.map((row) =>
      row.nameBytes === undefined ? Buffer.from(row.name) : Buffer.from(row.nameBytes, 'base64'),
    );
    const sorted = (list: readonly Buffer[]): string[] =>
      list.map((each) => each.toString('hex')).sort();
    t.deepEqual(sorted(names), sorted(hardNames.map(([name]) => name)));
    t.is(rows.filter(({ nameBytes }) => nameBytes !== undefined).length, 1);
    t.is(await said('cat', 'source/names/a@deadbeef'), 'a@deadbeef', 'a name wins over a version');
  },
);

test.serial('- is standard input and standard output', async (t) => {
  const bytes = randomBytes(300_000);
  const put = await laptop.run('vault', ['put', '-p', '-', 'io/deep/bytes'], { input: bytes });
  mustSucceed(put);
  const row = await statOf('io/deep/bytes');
  t.is(row.size, bytes.length);
  t.is(row.kind, 'file');
  await rm(join(folder, 'out'), { force: true });
  mustSucceed(await laptop.vault('get', 'io/deep/bytes', join(folder, 'out')));
  t.true(bytes.equals(await readFile(join(folder, 'out'))));
  mustSucceed(await laptop.run('vault', ['put', '-', 'io/text'], { input: '0123456789' }));
  t.is(await said('get', 'io/text', '-'), '0123456789');
  t.is(await said('cat', 'io/text', 'io/text'), '01234567890123456789');
  t.is(await said('cat', '--offset', '3', '--length', '4', 'io/text'), '3456');
  t.is(await said('cat', '--offset', '8', 'io/text'), '89');
  t.is(await said('cat', '--offset', '10', 'io/text'), '');
  t.is(await said('cat', '--length', '0', 'io/text'), '');
  mustSucceed(await laptop.run('vault', ['put', '-', 'io/empty'], { input: '' }));
  t.is((await statOf('io/empty')).size, 0);
  await fails(t, 1, 'put', '-', 'io');
  await fails(t, 2, 'put', '-', '-', 'io');
});

test.serial('DEST is read like that of cp, in the vault and outside', async (t) => {
  const at = join(folder, 'dest');
  await mkdir(join(at, 'sub'), { recursive: true });
  for (const name of ['a', 'b', 'sub/c']) await writeFile(join(at, name), name);
  const names = async (path: string): Promise<string[]> =>
    (await rowsOf('-R', path)).map((row) => row.path).sort();
  mustSucceed(await laptop.vault('mkdir', 'd'));
  mustSucceed(await laptop.vault('put', join(at, 'a'), 'd'));
  mustSucceed(await laptop.vault('put', join(at, 'a'), 'd/new-name'));
  mustSucceed(await laptop.vault('put', join(at, 'a'), join(at, 'b'), 'd/'));
  t.deepEqual(await names('d'), ['d/a', 'd/b', 'd/new-name']);
  await fails(t, 3, 'put', join(at, 'a'), join(at, 'b'), 'missing');
  await fails(t, 3, 'put', join(at, 'a'), 'missing/');
  await fails(t, 1, 'put', join(at, 'a'), join(at, 'b'), 'd/a');
  await fails(t, 1, 'put', at, 'd');
  mustSucceed(await laptop.vault('put', '-p', join(at, 'a'), join(at, 'b'), 'made/for/it'));
  t.deepEqual(await names('made'), ['made/for', 'made/for/it', 'made/for/it/a', 'made/for/it/b']);
  mustSucceed(await laptop.vault('put', '-r', at, 'renamed'));
  t.true((await names('renamed')).includes('renamed/sub/c'));
  mustSucceed(await laptop.vault('put', '-r', at, 'renamed'));
  t.true((await names('renamed')).includes('renamed/dest/sub/c'), 'into the directory, now');
  mustSucceed(await laptop.vault('put', '-r', `${at}/.`, 'contents'));
  t.deepEqual(await names('contents'), [
    'contents/a',
    'contents/b',
    'contents/sub',
    'contents/sub/c',
  ]);

  const out = join(folder, 'got');
  await mkdir(out);
  mustSucceed(await laptop.vault('get', 'd/a', out));
  mustSucceed(await laptop.vault('get', 'd/a', join(out, 'z')));
  mustSucceed(await laptop.vault('get', '-r', 'd/b', 'contents', out));
  t.deepEqual((await readdir(out)).sort(), ['a', 'b', 'contents', 'z']);
  t.is(await readFile(join(out, 'contents/sub/c'), 'utf8'), 'sub/c');
  await fails(t, 3, 'get', 'd/a', join(folder, 'missing', 'x'));
  await fails(t, 1, 'get', 'd/a', 'd/b', join(out, 'a'));
  await fails(t, 1, 'get', 'd', out);
});

test.serial('storing again makes a new version, whatever the times say', async (t) => {
  const file = join(folder, 'versioned');
  await writeFile(file, 'first');
  const put = async (): Promise<{ files: number; skipped: number; version: string | null }> =>
    (await laptop.json('put', file, 'versioned')) as never;
  const first = await put();
  t.like(await put(), { files: 0, skipped: 1 });
  const kept = new Date(1_500_000_000_000);
  await utimes(file, kept, kept);
  await put();
  await writeFile(file, 'other');
  await utimes(file, kept, kept);
  const second = await put();
  t.is(second.files, 1, 'same size, same time, other bytes');
  t.not(second.version, first.version);
  t.is(await said('cat', 'versioned'), 'other');
  const { version } = await statOf('versioned');
  t.is(version, second.version);
  t.is(await said('cat', `versioned@${String(version)}`), 'other');
  t.is(await said('cat', 'versioned', '--version', String(version).slice(0, 6)), 'other');
});

test.serial('rm, mv, cp and mkdir do what their namesakes do', async (t) => {
  mustSucceed(await laptop.vault('mkdir', 'm'));
  mustSucceed(await laptop.vault('mkdir', '-p', 'm', 'm/1/2/3'));
  mustSucceed(await laptop.vault('mkdir', '-m', '700', 'm/private'));
  t.is((await statOf('m/private')).mode, 0o700);
  await fails(t, 4, 'mkdir', 'm');
  await fails(t, 3, 'mkdir', 'm/x/y');
  await fails(t, 2, 'mkdir', '-m', '999', 'm/z');
  t.deepEqual(await laptop.json('mkdir', 'm/json'), { entries: 1, version: null });

  for (const name of ['f', 'g']) {
    mustSucceed(await laptop.run('vault', ['put', '-', `m/${name}`], { input: name }));
  }
  const { storedBytes } = (await laptop.json('df')) as { storedBytes: number };
  const copied = (await laptop.json('cp', 'source/large.bin', 'm/copy')) as { entries: number };
  t.is(copied.entries, 1);
  const after = (await laptop.json('df')) as { storedBytes: number };
  t.true(after.storedBytes - storedBytes < 10_000, 'a copy shares the content');
  t.like(await statOf('m/copy'), { size: 3_000_000, mtime: '2001-02-03T04:05:06.123456789Z' });
  await fails(t, 1, 'cp', 'm', 'm2');
  await fails(t, 2, 'cp', '-r', 'm', 'm/1');
  mustSucceed(await laptop.vault('cp', '-r', 'm/1', 'm/f', 'm/private'));
  t.is(await said('cat', 'm/private/f'), 'f');
  t.is((await statOf('m/private/1/2/3')).kind, 'directory');

  mustSucceed(await laptop.vault('mv', 'm/f', 'm/h'));
  await fails(t, 3, 'stat', 'm/f');
  await fails(t, 4, 'mv', '-n', 'm/g', 'm/h');
  mustSucceed(await laptop.vault('mv', 'm/g', 'm/h'));
  t.is(await said('cat', 'm/h'), 'g', 'replaced');
  mustSucceed(await laptop.vault('mv', 'm/h', 'm/copy', 'm/1'));
  mustSucceed(await laptop.vault('mv', 'm/1', 'moved'));
  t.is(await said('cat', 'moved/h'), 'g');
  await fails(t, 2, 'mv', 'moved', 'moved/2');
  await fails(t, 3, 'mv', 'nothing-here', 'x');
  await fails(t, 5, 'mv', '/', 'x');

  await fails(t, 1, 'rm', 'moved');
  await fails(t, 3, 'rm', 'nothing-here');
  mustSucceed(await laptop.vault('rm', '-f', 'nothing-here'));
  const removed = (await laptop.json('rm', '-r', 'moved', 'm')) as { entries: number };
  t.true(removed.entries >= 8, String(removed.entries));
  await fails(t, 3, 'ls', 'moved');
});

test.serial('ls, tree and stat show the same tree in every form', async (t) => {
  const rows = await rowsOf('-R', 'source');
  t.true(rows.every((row) => row.path.startsWith('source/') && row.path.endsWith(row.name)));
  for (const row of rows) {
    t.is(typeof row.size, 'number');
    t.regex(row.mtime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,9})?Z$/);
    t.is(row.version === null, row.kind !== 'file');
  }
  t.deepEqual(
    (await rowsOf('-d', 'source')).map(({ path, kind }) => [path, kind]),
    [['source', 'directory']],
  );
  t.regex(await said('ls', '-l', 'source'), /^-rw-r--r-- +2\.9 MiB .* here +large\.bin$/m);
  t.regex(await said('ls', '-l', '--bytes', 'source'), / 3000000 /);
  t.regex(await said('ls', '-l', 'source'), / link -> nothing$/m);
  t.is((await said('tree', '-L', '1')).split('\n')[0], '/');
  t.notRegex(await said('tree', '-d', 'source'), /large/);
  t.like(await laptop.json('tree', 'source/empty'), { kind: 'directory' });
  const stat = await said('stat', 'source/large.bin');
  t.regex(stat, /^size +3000000 B \(2\.9 MiB\)$/m);
  t.regex(stat, /^modified +2001-02-03T04:05:06\.123456789Z$/m);
  t.regex(stat, /^state +here \((\d+) of \1 chunks\)$/m);
  t.like(await laptop.json('stat', 'source/large.bin'), { author: 'laptop', links: 1 });
  t.is((await statOf('/')).kind, 'directory');
});

// --- devices and the agent ------------------------------------------------------------------------

test.serial('invite, members and peers say who belongs and how they are reached', async (t) => {
  const invited = mustSucceed(await laptop.vault('invite', '--role', 'reader', '--expires', '30m'));
  t.regex(invited.stdout, /^pv1[a-z2-7]+\n$/, 'the ticket alone, for a pipe');
  t.regex(invited.stderr, /as reader, until .*\n {2}vaultd join/);
  t.like(await laptop.json('invite'), { role: 'writer' });
  await fails(t, 2, 'invite', '--role', 'king');
  await fails(t, 2, 'invite', '--expires', 'soon');
  const denied = await nas.vault('invite');
  t.is(denied.code, 5, denied.stderr);

  const members = (await laptop.json('members')) as {
    name: string;
    role: string;
    online: boolean;
  }[];
  t.deepEqual(members.map(({ name, role, online }) => [name, role, online]).sort(), [
    ['laptop', 'admin', true],
    ['nas', 'writer', true],
  ]);
  t.regex(await said('members'), /^nas +writer +active/m);

  const [peer, ...others] = (await laptop.json('peers')) as Record<string, unknown>[];
  t.is(others.length, 0);
  t.like(peer, { deviceId: nas.id, name: 'nas', role: 'writer', online: true });
  t.is(typeof peer?.['rttMs'], 'number');
  t.regex(await said('peers'), /^nas +writer +online/m);
  // The round trip is measured again and again.
  const steady = (text: string): string => text.replace(/ +RTT|(?<=online) +[\d.]+ m?s/g, '');
  t.is(steady(await said('peers', 'list')), steady(await said('peers')));

  const nowhere = '127.0.0.1:1';
  t.like(await laptop.json('peers', 'add', nowhere), { address: nowhere, online: false });
  await eventually('the reason shows', async () => (await said('peers')).includes('ECONNREFUSED'));
  t.regex(await said('peers'), /\n {2}try: check the address/);
  t.like(await laptop.json('peers', 'rm', nowhere), { address: nowhere });
  t.notRegex(await said('peers'), /127\.0\.0\.1:1$/m);
  t.is((await laptop.vault('peers', 'add', nas.listening, '--device', 'nas')).code, 0);
  await fails(t, 3, 'peers', 'add', nowhere, '--device', 'nobody');
  await fails(t, 2, 'peers', 'add', 'nas.example.org');
  await fails(t, 2, 'peers', 'add', 'nas.example.org:0');
});

test.serial('status, df, doctor, transfers and config tell the truth', async (t) => {
  await settle([laptop, nas]);
  const status = await laptop.status();
  t.like(status, {
    deviceId: laptop.id,
    name: 'laptop',
    role: 'admin',
    listen: laptop.listening,
    mounts: [],
    peersOnline: 1,
    behindBytes: 0,
    behindOps: 0,
    health: 'ok',
  });
  t.is(status.supervisorPid, laptop.supervisorPid);
  t.true((status.memoryBytes ?? 0) > 16 * 1024 * 1024);
  const files = (await rowsOf('-R')).filter(({ kind }) => kind === 'file');
  t.is(status.files, files.length);
  t.is(
    status.bytes,
    files.reduce((sum, { size }) => sum + size, 0),
  );
  const text = await said('status');
  for (const word of ['health', 'device', 'vault', 'laptop', status.vaultId, '1 of 1 online']) {
    t.true(text.includes(word), word);
  }

  const df = (await laptop.json('df')) as {
    files: number;
    logicalBytes: number;
    storedBytes: number;
  };
  t.like(df, { files: status.files, logicalBytes: status.bytes });
  t.true(df.storedBytes > 3_000_000);
  t.true((await said('df', '--bytes')).includes(String(df.logicalBytes)));

  const doctor = (await laptop.json('doctor')) as { health: string; checks: { result: string }[] };
  t.is(doctor.health, 'ok');
  t.true(doctor.checks.length >= 4 && doctor.checks.every(({ result }) => result === 'ok'));
  t.regex(await said('doctor'), /^peervault \d+\.\d+\.\d+, Node v/);

  t.true(Array.isArray(await laptop.json('transfers')));
  mustSucceed(await laptop.vault('transfers'));

  const config = (await laptop.json('config')) as { settings: { key: string; source: string }[] };
  t.like(
    config.settings.find(({ key }) => key === 'listen'),
    { source: 'flag' },
  );
  t.like(
    config.settings.find(({ key }) => key === 'name'),
    { source: 'file' },
  );
  t.like(
    config.settings.find(({ key }) => key === 'peers.beacon'),
    { source: 'environment' },
  );
  t.is(await said('config', 'show'), await said('config'));
  const explained = await laptop.json('config', 'explain', 'listen');
  t.true(JSON.stringify(explained).includes('127.0.0.1:0'));
  t.regex(await said('config', 'explain', 'name'), /^from +file \(config\.toml:\d+\)$/m);
  t.regex(await fails(t, 3, 'config', 'explain', 'lissten'), /did you mean listen/);
  const debug = ['config', 'set', 'log.level', 'debug'];
  t.like(await laptop.json(...debug), { changed: true, before: null });
  t.like(await laptop.json(...debug), { changed: false, before: 'debug' });
  t.deepEqual(Object.keys((await laptop.json('config', 'unset', 'log.level')) as object), [
    ...['file', 'changed', 'before', 'stronger'],
  ]);
  t.regex(await fails(t, 2, 'config', 'set', 'log.level', 'loud'), /debug\|info/);
});

test.serial('completion is a script that a shell takes, and knows the paths', async (t) => {
  const script = await said('completion', 'bash');
  await run('bash', ['-n', '-c', script]);
  t.like(await laptop.json('completion', 'zsh'), { shell: 'zsh' });
  t.deepEqual(await laptop.json('completion', 'paths', 'sour'), ['source/']);
  t.is(await said('completion', 'paths', 'source/la'), 'source/large.bin\n');
  t.is(await said('completion', 'paths', 'no/such/'), '');
  await fails(t, 2, 'completion', 'tcsh');
});

test.serial('events --follow goes on with what happens until Ctrl-C', async (t) => {
  const { child, outcome } = laptop.launch('vault', ['events', '--follow', '--json', '-n', '1000']);
  let heard = '';
  child.stdout.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  await eventually('the past is told', () => Promise.resolve(heard.includes('"peer-online"')));
  mustSucceed(await nas.run('vault', ['put', '-', 'from-nas'], { input: randomBytes(100_000) }));
  await eventually('news are told', () => Promise.resolve(heard.includes('"changes-arrived"')));
  child.kill('SIGINT');
  t.is((await outcome).code, 130);
  for (const line of heard.trimEnd().split('\n')) {
    t.regex((JSON.parse(line) as { time: string }).time, /Z$/);
  }
  t.regex(await said('events'), /^\d{4}-.*Z changes-arrived: nas changed something/m);
  t.is((await said('events', '-n', '2')).trimEnd().split('\n').length, 2);
  t.is(await said('events', '-n', '0'), '');
});

// --- interrupted ----------------------------------------------------------------------------------

test.serial(
  'a put that is interrupted or killed leaves what was there before, and nothing half-visible',
  async (t) => {
    mustSucceed(await laptop.run('vault', ['put', '-', 'keep'], { input: 'old' }));
    for (const [name, after, signal] of [
      ['fresh', 3, 'SIGINT'],
      ['keep', 0, 'SIGINT'],
      ['fresh', 3, 'SIGKILL'],
      ['keep', 0, 'SIGKILL'],
    ] as const) {
      const { child, outcome } = laptop.launch('vault', ['put', '-', name]);
      await new Promise((written) => child.stdin.write(randomBytes(6_000_000), written));
      child.kill(signal);
      const { code, stderr } = await outcome;
      if (signal === 'SIGINT') {
        t.is(code, 130, stderr);
        t.regex(stderr, /interrupted/);
      }
      t.is((await laptop.vault('stat', name)).code, after);
    }
    t.is(await said('cat', 'keep'), 'old');
    t.deepEqual(
      (await rowsOf()).map(({ name }) => name).filter((name) => /fresh|keep/.test(name)),
      ['keep'],
    );
  },
);

test.serial(
  'Ctrl-C during a get leaves what was there before, and no temporary file',
  async (t) => {
    const source = join(folder, 'huge');
    await writeFile(source, randomBytes(200_000_000));
    mustSucceed(await laptop.vault('put', source, 'huge'));
    const at = join(folder, 'interrupted');
    await mkdir(at);
    await writeFile(join(at, 'huge'), 'old');
    for (const words of [
      ['get', 'huge', at],
      ['get', 'huge', join(at, 'other')],
    ]) {
      const { child, outcome } = laptop.launch('vault', words);
      while (!(await readdir(at)).some((name) => name.startsWith('.vault-get-'))) {
        t.is(child.exitCode, null, 'it is too fast for this test');
        await new Promise(setImmediate);
      }
      child.kill('SIGINT');
      t.is((await outcome).code, 130);
      t.deepEqual(await readdir(at), ['huge']);
      t.is(await readFile(join(at, 'huge'), 'utf8'), 'old');
    }
  },
);

test.serial('a client that watches hears which reports have changed', async (t) => {
  const { client, close } = await openControlSession(laptop.socket);
  t.teardown(close);
  const news = client.watch();
  t.deepEqual((await news.next()).value, []);
  const heard = new Set<string>();
  const until = async (name: string): Promise<void> => {
    while (!heard.has(name)) for (const each of (await news.next()).value ?? []) heard.add(each);
  };
  await laptop.vault('mkdir', '/watched');
  await until('list');
  t.true(heard.has('status'));
  t.false(heard.has('members'));
  await laptop.vault('snapshot', 'create', 'watched');
  await until('snapshots');
  await news.return(undefined);
});

test.serial('limits are shown, set, refused and taken away', async (t) => {
  t.is(await said('limit'), 'down  no limit\nup    no limit\n');
  t.is(await said('limit', '--up', '500KiB'), 'down  no limit\nup    500 KiB/s\n');
  const both = await laptop.json('limit', '--down', '2MiB');
  t.deepEqual(both, { inBytesPerSecond: 2 * 1024 ** 2, outBytesPerSecond: 500 * 1024 });
  t.regex(await fails(t, 2, 'limit', '--up', 'fast'), /a rate is needed/);
  t.regex(await fails(t, 2, 'limit', '--up', '3'), /from 1.0 KiB to 1.0 TiB a second/);
  t.regex(await fails(t, 2, 'limit', '--up', '1M', '--off'), /goes with no other/);
  t.is(await said('limit', '--off'), 'down  no limit\nup    no limit\n');
});

test.serial('what is paused waits over a restart, and comes when it is let on', async (t) => {
  const id = `in-${laptop.id.slice(0, 8)}`;
  const paused = (await nas.json('transfers', 'pause', id)) as { id: string; state: string }[];
  t.deepEqual(
    paused.map((row) => [row.id, row.state]),
    [[id, 'paused']],
  );
  await nas.stop();
  await nas.start();
  const file = join(folder, 'held');
  await writeFile(file, randomBytes(300_000));
  await said('put', file, '/held');
  await eventually('the change travels', async () => (await nas.vault('stat', '/held')).code === 0);
  const row = async () => (await nas.json('stat', '/held')) as { state: string };
  t.is((await row()).state, 'elsewhere');
  const pieces = async () => mustSucceed(await nas.vault('transfers', 'pieces', '/held')).stdout;
  t.regex(await pieces(), /^\/held: 0 B of 293 KiB here \(0 %\).*\n( {2}\.+\n?)+$/);
  t.regex(mustSucceed(await nas.vault('transfers', 'first', '/held')).stdout, /come first/);
  t.regex((await nas.vault('transfers', 'cancel', id)).stderr, /each has everything/);
  t.is((await nas.vault('transfers', 'pause', 'in-00000000')).code, 3);
  mustSucceed(await nas.vault('transfers', 'resume', id));
  await eventually('the content comes', async () => (await row()).state === 'here');
  t.regex(mustSucceed(await nas.vault('transfers', 'first', '/held')).stdout, /is here/);
  t.regex(await pieces(), /^\/held: 293 KiB of 293 KiB here \(100 %\)\n( {2}#+\n?)+$/);
  const [map] = (await nas.json('transfers', 'pieces', '/held')) as { cells: number[] }[];
  t.deepEqual(
    map?.cells,
    Array.from({ length: 1000 }, () => 100),
  );
  await fails(t, 1, 'transfers', 'pieces', '/');
});

test.serial('a put of a client is a row, waits, and is given up', async (t) => {
  const { client, close } = await openControlSession(laptop.socket);
  t.teardown(close);
  const destination = Buffer.from('never');
  const session = client.put({ destination, parents: true, into: false, checksum: true });
  const over = t.throwsAsync(async () => {
    while ((await session.receive()) !== undefined);
  });
  const rowOf = async () => (await client.transfers()).find(({ kind }) => kind === 'put');
  await eventually('the put is a row', async () => (await rowOf()) !== undefined);
  const put = await rowOf();
  t.is(put?.path, '/never');
  const mtime = { seconds: 0, nanoseconds: 0 };
  const path = Buffer.alloc(0);
  await session.offer([{ path, kind: 'file', size: 1_000_000, mode: 0o644, mtime }]);
  await eventually('what is to come is known', async () => {
    return (await rowOf())?.bytesTotal === 1_000_000;
  });
  const [paused] = await client.transferSteer({ id: put!.id, action: 'pause' });
  t.is(paused?.state, 'paused');
  await said('transfers', 'cancel', put!.id);
  t.regex(String((await over)?.message), /given up with vault transfers cancel/);
  await eventually('the row goes', async () => (await rowOf()) === undefined);
  await fails(t, 3, 'stat', '/never');
});

test.serial('help, quiet and a reader that goes away', async (t) => {
  t.regex(await said('--help'), /put[^]*get[^]*status/);
  t.regex(await said('put', '--help'), /SRC\.\.\. DEST/);
  t.is((await laptop.vault()).code, 2);
  const quiet = mustSucceed(await laptop.vault('put', '-q', join(folder, 'versioned'), 'quiet'));
  t.is(quiet.stdout + quiet.stderr, '');
  const bin = join(import.meta.dirname, '..', '..', 'bin', 'vault');
  const piped = `'${bin}' cat huge --home '${laptop.home}' | head -c 10 | wc -c; echo \${PIPESTATUS[0]}`;
  t.is((await run('bash', ['-c', piped])).stdout, '10\n0\n');
});
