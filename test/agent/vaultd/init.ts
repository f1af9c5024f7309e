import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { runVaultd, startOnTerminal } from '../../helpers/vaultd.ts';

test('init writes a home and puts the recovery words into a private file only', async (t) => {
  const directory = await temporaryDirectory(t);
  const home = join(directory, 'home');
  const words = join(directory, 'words');
  const result = await runVaultd(t, [
    ...['init', '--home', home, '--recovery-file', words, '--name', 'my laptop'],
  ]);
  t.is(result.status, 0, result.stderr);
  t.regex(result.stdout, /^vault [0-9a-f]{64}\ndevice [0-9a-f]{32}\nhome /);
  t.is((await stat(words)).mode & 0o777, 0o600);
  const text = await readFile(words, 'utf8');
  t.true(text.trim().split(' ').length >= 12);
  t.false((result.stdout + result.stderr).includes(text.trim().split(' ').slice(0, 3).join(' ')));
  t.true((await readFile(join(home, 'config.toml'), 'utf8')).includes('name = "my laptop"'));
  t.true((await readdir(join(home, 'identity'))).includes('device.json'));
  t.is((await stat(join(home, 'identity', 'device.json'))).mode & 0o777, 0o600);
  t.false((await readdir(home)).includes('.new'));

  const again = await runVaultd(t, ['init', '--home', home, '--recovery-file', `${words}2`]);
  t.is(again.status, 4);
  t.true(again.stderr.includes('there is a vault in it'));
  await t.throwsAsync(() => stat(`${words}2`), { code: 'ENOENT' });
});

test('init on a terminal shows the words there, once', async (t) => {
  const home = join(await temporaryDirectory(t), 'home');
  const { finished } = startOnTerminal(t, ['init', '--home', home]);
  const { status, stdout } = await finished;
  t.is(status, 0, stdout);
  t.is(stdout.split('Recovery words.').length, 2);
  t.regex(stdout, / 1 [a-z]+ +2 [a-z]+ +3 [a-z]+ +4 [a-z]+/);
});

test('init without a terminal and without a file for the words changes nothing', async (t) => {
  const directory = await temporaryDirectory(t);
  const result = await runVaultd(t, ['init', '--home', join(directory, 'home')]);
  t.is(result.status, 2);
  t.true(result.stderr.includes('--recovery-file'));
  t.deepEqual(await readdir(directory), []);
});

test('init refuses a directory with something in it, and a words file that exists', async (t) => {
  const directory = await temporaryDirectory(t);
  const home = join(directory, 'home');
  await mkdir(home);
  await writeFile(join(home, 'photo'), 'x');
  const used = await runVaultd(t, [
    'init',
    '--home',
    home,
    '--recovery-file',
    join(directory, 'w'),
  ]);
  t.is(used.status, 4);
  t.deepEqual(await readdir(directory), ['home']);
  t.deepEqual(await readdir(home), ['photo']);

  await writeFile(join(directory, 'w'), 'precious');
  const fresh = join(directory, 'fresh');
  const words = await runVaultd(t, [
    'init',
    '--home',
    fresh,
    '--recovery-file',
    join(directory, 'w'),
  ]);
  t.is(words.status, 4);
  t.is(await readFile(join(directory, 'w'), 'utf8'), 'precious');
  await t.throwsAsync(() => stat(fresh), { code: 'ENOENT' });
});

test('commands on a home without a vault say so with their own status', async (t) => {
  const home = join(await temporaryDirectory(t), 'home');
  const results = await Promise.all(
    [['start'], ['stop'], ['status'], ['status', '--json'], ['start', '--mount', '/x']].map(
      (words) => runVaultd(t, [...words, '--home', home]),
    ),
  );
  t.deepEqual(
    results.map((result) => result.status),
    [2, 6, 6, 6, 2],
  );
  t.true(results[0]?.stderr.includes('vaultd init'));
  t.true(results[2]?.stdout.includes('not running'));
  t.is(results[3]?.stdout, '{"running":false}\n');
  t.true(results[4]?.stderr.includes('vaultd init'));
  await t.throwsAsync(() => stat(home), { code: 'ENOENT' });
});

test('start on a terminal offers to create a vault, and no is no', async (t) => {
  const home = join(await temporaryDirectory(t), 'home');
  const { finished } = startOnTerminal(t, ['start', '--home', home], 'n\n');
  const { status, stdout } = await finished;
  t.is(status, 2);
  t.true(stdout.includes('Create one? [y/N]'));
  await t.throwsAsync(() => stat(home), { code: 'ENOENT' });
});

test('join without a ticket, with two, or with one too long leaves nothing behind', async (t) => {
  const directory = await temporaryDirectory(t);
  const home = join(directory, 'home');
  const cases: [readonly string[], string, number][] = [
    [[], '', 2],
    [['pv1a', '--ticket-file', 'x'], '', 2],
    [['-'], 'a'.repeat(100_000), 2],
    [['pv1nonsense'], '', 2],
    [['--ticket-file', join(directory, 'missing')], '', 3],
  ];
  for (const [words, input, status] of cases) {
    const result = await runVaultd(t, ['join', '--home', home, ...words], input);
    t.is(result.status, status, `${words.join(' ')}: ${result.stderr}`);
    t.deepEqual(await readdir(directory), []);
  }
});
