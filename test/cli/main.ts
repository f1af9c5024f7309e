import { execFile, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { startMemoryAgent } from '../helpers/memory-agent.ts';
import type { MemoryAgent } from '../helpers/memory-agent.ts';
import { runVault, writeVaultProgram } from '../helpers/run-vault.ts';
import type { VaultOptions } from '../helpers/run-vault.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

interface Setup {
  readonly agent: MemoryAgent;
  readonly directory: string;
  run(words: readonly string[], options?: VaultOptions): ReturnType<typeof runVault>;
}

async function setUp(t: ExecutionContext): Promise<Setup> {
  const directory = await temporaryDirectory(t);
  const agent = await startMemoryAgent(join(directory, 'agent.sock'));
  t.teardown(() => agent.close());
  const environment = { VAULT_SOCKET: agent.socketPath };
  return {
    agent,
    directory,
    run: (words, options) => runVault(words, { cwd: directory, ...options, environment }),
  };
}

function makeTree(root: string): void {
  mkdirSync(join(root, 'a/b'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(root, 'a/b/large'), Buffer.alloc(3_000_000, 'large'));
  writeFileSync(join(root, 'a/run'), '#!/bin/sh\n', { mode: 0o750 });
  writeFileSync(join(root, 'zero'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xfe, 0x0a])]), 'raw');
  symlinkSync('a/b/large', join(root, 'link'));
}

/** Path, mode, time to the nanosecond, target and a hash of everything below. */
function listing(root: string): string {
  const script = `find . -printf '%p %m %T@ %l\\n' | sort; find . -type f -exec sha256sum {} + | sort`;
  return spawnSync('sh', ['-c', script], { cwd: root, encoding: 'latin1' }).stdout;
}

test('a tree that is put and got is the same tree', async (t) => {
  const { run, directory, agent } = await setUp(t);
  makeTree(join(directory, 'src'));
  const put = await run(['put', '-r', 'src', '/', '--json']);
  t.is(put.status, 0, put.err);
  t.is((JSON.parse(put.out) as { files: number }).files, 4);
  mkdirSync(join(directory, 'out'));
  const get = await run(['get', '-r', 'src', 'out']);
  t.is(get.status, 0, get.err);
  t.is(listing(join(directory, 'out/src')), listing(join(directory, 'src')));

  const asked = agent.asked.bodies;
  t.is((await run(['put', '-r', 'src', '/'])).status, 0);
  t.is(agent.asked.bodies, asked, 'unchanged files are not sent again');
  t.is((await run(['put', '-r', '--checksum', 'src', '/'])).status, 0);
  t.is(agent.asked.bodies, asked + 4);
});

test('more files than one offer holds all arrive', async (t) => {
  const { run, directory, agent } = await setUp(t);
  const names = Array.from({ length: 1500 }, (_, index) => `${'n'.repeat(100)}${String(index)}`);
  mkdirSync(join(directory, 'many'));
  for (const name of names) writeFileSync(join(directory, 'many', name), name);
  t.is((await run(['put', '-r', 'many/.', '/'])).status, 0);
  for (const name of names) t.is(agent.tree.get(name)?.content.toString(), name);
  const rows = JSON.parse((await run(['ls', '--json'])).out) as { name: string }[];
  t.deepEqual(rows.map((row) => row.name).sort(), names.sort());
});

test('standard input goes in, content comes out', async (t) => {
  const { run } = await setUp(t);
  const input = Buffer.from('line\n'.repeat(100_000));
  t.is((await run(['put', '-', 'in.txt'], { input })).status, 0);
  t.true((await run(['cat', 'in.txt'])).outBytes.equals(input));
  t.true((await run(['get', '/in.txt', '-'])).outBytes.equals(input));
  t.is((await run(['cat', '--offset', '499997', 'in.txt'])).out, 'ne\n');
  t.is((await run(['cat', '--offset=1', '--length=3', 'in.txt'])).out, 'ine');
  t.is((await run(['cat', '--length', '0', 'in.txt'])).out, '');
});

test('failures have their exit status, and are JSON when that was asked', async (t) => {
  const { run, directory } = await setUp(t);
  mkdirSync(join(directory, 'd'));
  const cases: [string[], number, string][] = [
    [['cat', 'missing'], 3, 'not-found'],
    [['cat', '--length', '0', 'missing'], 3, 'not-found'],
    [['nonsense'], 2, 'usage'],
    [['put', 'd', '/'], 1, 'is-directory'],
    [['put', 'missing', '/'], 3, 'not-found'],
    [['get', 'x', 'no/such/place'], 3, 'not-found'],
    [['ls', 'a/../b'], 2, 'name-invalid'],
    [['invite', '--expires', 'soon'], 2, 'usage'],
    [['ls', '--socket', join(directory, 'none')], 6, 'no-agent'],
    [['ls', '--home', 'x'.repeat(108)], 2, 'usage'],
  ];
  for (const [words, status, code] of cases) {
    const plain = await run(words);
    t.is(plain.status, status, words.join(' '));
    t.regex(plain.err, /^vault: /);
    t.is(plain.out, '');
    const json = await run([...words, '--json']);
    t.is(json.status, status);
    const { error } = JSON.parse(json.err) as { error: Record<string, unknown> };
    t.is(error['code'], code, words.join(' '));
    t.deepEqual(Object.keys(error), ['code', 'op', 'subject', 'message', 'next']);
  }
});

test('an agent that is gone is named with what starts one', async (t) => {
  const directory = await temporaryDirectory(t);
  const socket = join(directory, 'agent.sock');
  writeFileSync(socket, '');
  for (const path of [socket, join(directory, 'missing')]) {
    const run = await runVault(['ls', '--socket', path]);
    t.is(run.status, 6);
    t.regex(run.err, /no agent answers.*\n {2}try: start it with: vaultd start\n$/);
  }
});

test('the socket of another user is refused', async (t) => {
  const { agent, run } = await setUp(t);
  if (process.getuid?.() !== 0) {
    t.pass('only root can give a file away');
    return;
  }
  t.is(spawnSync('chown', ['12345', agent.socketPath]).status, 0);
  const { status, err } = await run(['ls']);
  t.is(status, 5);
  t.regex(err, /belongs to another user/);
});

test('a report that is larger than a message, and events, arrive', async (t) => {
  const { run } = await setUp(t);
  t.is((JSON.parse((await run(['members', '--json'])).out) as unknown[]).length, 900);
  const events = await run(['events', '-n', '3']);
  t.is(events.out.split('\n').length, 4);
  t.regex(events.out, /test: \\x1b\[31mevent 2\n$/);
  const lines = (await run(['events', '-n', '2', '--json'])).out.trim().split('\n');
  t.is(lines.map((line) => JSON.parse(line) as unknown).length, 2);
});

test('a source that changes during the put is left out and reported, the rest is stored', async (t) => {
  const { run, directory, agent } = await setUp(t);
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'src/calm'), 'calm');
  const busy = join(directory, 'src/busy');
  writeFileSync(busy, Buffer.alloc(60_000_000));
  let timer: NodeJS.Timeout | undefined;
  const put = await run(['put', '-r', 'src', '/', '--json'], {
    onStart() {
      timer = setInterval(() => appendFileSync(busy, 'x'), 5);
    },
  });
  clearInterval(timer);
  t.is(put.status, 1);
  const { error } = JSON.parse(put.err) as { error: { code: string; subject: string } };
  t.is(error.code, 'source-changed');
  t.true(error.subject.endsWith('src/busy'));
  t.is(agent.tree.get('src/calm')?.content.toString(), 'calm');
  t.false(agent.tree.has('src/busy'));
});

/** Code, subject and next step of each failure that was told as JSON. */
function failuresIn(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { error } = JSON.parse(line) as { error: Record<string, string> };
      return ['code', 'subject', 'next'].map((name) => error[name] ?? '');
    });
}

test('items that the agent refuses are named, the others are stored', async (t) => {
  const { run, directory, agent } = await setUp(t);
  makeTree(join(directory, 'src'));
  mkdirSync(join(directory, 'more'));
  writeFileSync(join(directory, 'more/last'), 'last');
  agent.refused.set('src/a/run', 'is-directory').set('src/zero', 'name-too-long');
  const put = await run(['put', '-r', 'src', 'missing', 'more', '/', '--json']);
  t.is(put.status, 1, put.err);
  t.deepEqual(failuresIn(put.err).sort(), [
    ['is-directory', '/src/a/run', 'try another'],
    ['name-too-long', '/src/zero', 'try another'],
    ['not-found', 'missing', 'check the name: ls shows what is there'],
  ]);
  t.is((JSON.parse(put.out) as { files: number }).files, 3);
  t.is(agent.tree.get('more/last')?.content.toString(), 'last');
  t.false(agent.tree.has('src/zero'));

  const text = await run(['put', '-r', 'src', '/']);
  t.is(text.status, 1);
  t.regex(text.err, /^vault: is a directory: \/src\/a\/run\n {2}try: try another$/m);
  t.regex(text.err, /^stored 0 files, 4 directories/m);
});

test('when every item fails for one reason, the status is that of the reason', async (t) => {
  const { run, directory, agent } = await setUp(t);
  writeFileSync(join(directory, 'a'), 'a');
  writeFileSync(join(directory, 'b'), 'b');
  agent.refused.set('a', 'name-invalid').set('b', 'name-invalid');
  const same = await run(['put', 'a', 'b', '/', '--json']);
  t.is(same.status, 2);
  t.is(same.out, '', 'nothing was stored: there is no result');
  t.is(failuresIn(same.err).length, 2);
  agent.refused.set('b', 'not-found');
  t.is((await run(['put', 'a', 'b', '/'])).status, 1);
  agent.refused.delete('b');
  t.is((await run(['put', 'a', 'b', '/'])).status, 1);
  t.is((await run(['put', 'missing', 'gone', '/'])).status, 3);
});

test('files of a tree that cannot be had are named, the others arrive', async (t) => {
  const { run, directory, agent } = await setUp(t);
  makeTree(join(directory, 'src'));
  t.is((await run(['put', '-r', 'src', '/'])).status, 0);
  agent.refused.set('src/a/run', 'damaged').set('src/zero', 'chunk-missing');
  mkdirSync(join(directory, 'out'));
  const get = await run(['get', '-r', 'missing', 'src', 'out', '--json']);
  t.is(get.status, 1, get.err);
  t.deepEqual(
    failuresIn(get.err).map(([code, subject]) => [code, subject]),
    [
      ['not-found', '/missing'],
      ['damaged', '/src/a/run'],
      ['chunk-missing', '/src/zero'],
    ],
  );
  t.like(JSON.parse(get.out), { files: 2, directories: 4, symlinks: 1 });
  t.deepEqual(readdirSync(join(directory, 'out/src/a')), ['b']);
  t.is(statSync(join(directory, 'out/src/a/b/large')).size, 3_000_000);

  const one = await run(['get', 'src/zero', 'out']);
  t.is(one.status, 9, 'one file, one reason');
  t.is(one.out, '');
  t.is((await run(['get', 'src/zero', 'src/a/run', 'src/link', 'out'])).status, 1);
});

test('a path that is not there comes with the name that was probably meant', async (t) => {
  const { run, agent } = await setUp(t);
  for (const path of ['docs', 'docs/my notes']) t.is((await run(['mkdir', path])).status, 0);
  t.is((await run(['put', '-', 'docs/report.pdf'], { input: Buffer.from('x') })).status, 0);
  const cases: [string[], RegExp][] = [
    [['stat', 'docs/reprot.pdf'], /^ {2}try: did you mean \/docs\/report\.pdf\?$/m],
    [['ls', '/dcs'], /did you mean \/docs\?/],
    [['rm', 'doc/report.pdf'], /did you mean \/docs\/report\.pdf\?/],
    [['get', 'docs/report.pd', '.'], /did you mean \/docs\/report\.pdf\?/],
    [['stat', 'docs/my note'], /did you mean '\/docs\/my notes'\?/],
  ];
  for (const [words, wanted] of cases) {
    const { status, err } = await run(words);
    t.is(status, 3, words.join(' '));
    t.regex(err, wanted);
  }
  const far = await run(['stat', 'nothing/like/it']);
  t.is(far.status, 3);
  t.notRegex(far.err, /did you mean/);
  t.true(agent.tree.has('docs/report.pdf'));
});

test('Ctrl-C in the middle of a get leaves nothing half-visible', async (t) => {
  const { run, directory, agent } = await setUp(t);
  const mtime = { seconds: 1, nanoseconds: 0 };
  const content = Buffer.alloc(600_000_000);
  const item = { path: Buffer.from('big'), size: 0, mode: 0o644, mtime, kind: 'file' } as const;
  agent.tree.set('big', { item, content });
  const out = join(directory, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'big'), 'old');
  const get = await run(['get', 'big', 'out'], {
    onStart(child) {
      // As soon as its temporary file is there, it is interrupted.
      const timer = setInterval(() => {
        if (child.exitCode !== null) clearInterval(timer);
        if (readdirSync(out).length < 2) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 1);
    },
  });
  t.is(get.status, 130, get.err);
  t.regex(get.err, /^vault: interrupted\n$/);
  t.deepEqual(readdirSync(out), ['big']);
  t.is(readFileSync(join(out, 'big'), 'utf8'), 'old');
});

test('Ctrl-C in the middle of a put ends with 130 and stores nothing', async (t) => {
  const { run, agent } = await setUp(t);
  const put = await run(['put', '-', 'x'], {
    input: 'held',
    onStart(child) {
      const timer = setInterval(() => {
        if (child.exitCode !== null) clearInterval(timer);
        if (agent.asked.bodies === 0) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 1);
    },
  });
  t.is(put.status, 130);
  t.is(put.err, 'vault: interrupted\n');
  t.is(agent.tree.size, 0);
});

test('a reader that goes away is no failure', async (t) => {
  const { agent, directory } = await setUp(t);
  const mtime = { seconds: 1, nanoseconds: 0 };
  const item = { path: Buffer.from('big'), size: 0, mode: 0o644, mtime, kind: 'file' } as const;
  agent.tree.set('big', { item, content: Buffer.alloc(5_000_000, 'x') });
  const program = writeVaultProgram(directory);
  const script = `set -o pipefail; "${program}" cat --socket "${agent.socketPath}" big | head -c 4`;
  const shell = spawn('bash', ['-c', script]);
  const out: Buffer[] = [];
  shell.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  const status = await new Promise((resolve) => shell.on('close', resolve));
  t.is(status, 0);
  t.is(Buffer.concat(out).toString(), 'xxxx');
});

test('completion knows commands, flags and paths', async (t) => {
  const { run, agent, directory } = await setUp(t);
  writeVaultProgram(directory);
  t.is((await run(['mkdir', 'docs'])).status, 0);
  t.is((await run(['put', '-', 'dog'], { input: Buffer.from('x') })).status, 0);
  t.is((await run(['completion', 'paths', 'do'])).out, 'docs/\ndog\n');
  t.is((await run(['completion', 'paths', 'nowhere/x'])).out, '');
  const script = (await run(['completion', 'bash'])).out;
  const complete = (...words: string[]) => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const lines = [
      script,
      `PATH=${directory}:$PATH VAULT_SOCKET='${agent.socketPath}'; export PATH VAULT_SOCKET`,
      `COMP_WORDS=(vault ${typed}); COMP_CWORD=${String(words.length)}; _vault`,
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    return new Promise<string[]>((resolve) => {
      execFile('bash', ['-c', lines.join('\n')], (_error, out) => {
        resolve(out.trim().split('\n').filter(Boolean).sort());
      });
    });
  };
  t.deepEqual(await complete('pe'), ['peers']);
  t.deepEqual(await complete('peers', ''), ['add', 'list', 'rm']);
  t.deepEqual(await complete('put', '--ch'), ['--checksum']);
  t.deepEqual(await complete('--json', 'ls', 'do'), ['docs/', 'dog']);
  t.deepEqual(await complete('invite', '--ro'), ['--role']);
  t.deepEqual(await complete('peers', 'add', '--dev'), ['--device']);
});

test('a path from the agent that leads out is refused', async (t) => {
  const { run, directory, agent } = await setUp(t);
  agent.hostileEntries = ['', 'x', '../evil'].map((path, index) => ({
    path: Buffer.from(path),
    kind: index === 0 ? 'directory' : 'file',
    size: 0,
    mode: 0o755,
    mtime: { seconds: 1, nanoseconds: 0 },
    state: 'here',
    inode: 1,
    links: 1,
    chunks: 0,
    chunksHere: 0,
  }));
  mkdirSync(join(directory, 'out'));
  const get = await run(['get', '-r', '/', 'out']);
  t.is(get.status, 8);
  t.false(existsSync(join(directory, 'evil')));
});

test('the mode of a file from standard input is that of a new file', async (t) => {
  const { run, agent, directory } = await setUp(t);
  t.is((await run(['put', '-', 'new'], { input: Buffer.alloc(0) })).status, 0);
  t.is(agent.tree.get('new')?.item.mode, 0o666 & ~process.umask());
  t.is((await run(['get', 'new', 'copy'])).status, 0);
  t.is(statSync(join(directory, 'copy')).size, 0);
});
