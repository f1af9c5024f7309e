import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const root = join(import.meta.dirname, '../..');

/** A package whose program says on what it runs, with `engines` as given. */
async function makePackage(t: ExecutionContext, engines: string): Promise<string> {
  const directory = await temporaryDirectory(t);
  cpSync(join(root, 'bin'), join(directory, 'bin'), { recursive: true });
  mkdirSync(join(directory, 'cli'));
  const description = {
    name: 'peervault',
    version: '1.2.3',
    type: 'module',
    engines: { node: engines },
  };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(description));
  const program = `
    // Before the first word: whoever reads it may send the signal at once.
    process.on('SIGTERM', () => process.exit(7));
    let code = 'allowed';
    try { new Function('1'); } catch { code = 'refused'; }
    const env = Object.keys(process.env).filter((name) => name.startsWith('PEERVAULT'));
    console.log(JSON.stringify({ words: process.argv.slice(2), code, env, path: process.execPath }));
    if (process.argv.includes('wait')) setInterval(() => undefined, 1000);
    if (process.argv.includes('die')) process.kill(process.pid, 'SIGKILL');
    if (process.argv.includes('fail')) process.exitCode = 3;
  `;
  writeFileSync(join(directory, 'cli/main.ts'), program);
  return directory;
}

/** Gives the package the runtime that this test runs on. */
function addRuntime(directory: string): void {
  const runtime = join(directory, 'node_modules', `node-linux-${process.arch}`);
  mkdirSync(join(runtime, 'bin'), { recursive: true });
  writeFileSync(join(runtime, 'package.json'), '{}');
  symlinkSync(process.execPath, join(runtime, 'bin/node'));
}

const environment = {
  ...process.env,
  PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
};
const run = (words: readonly string[]) =>
  spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', env: environment });

interface Said {
  readonly words: string[];
  readonly code: string;
  readonly env: string[];
}

test('the version is that of the package, on any Node', async (t) => {
  const directory = await makePackage(t, '>=999.0');
  const { stdout, status } = run([process.execPath, join(directory, 'bin/vault'), '--version']);
  t.is(stdout, 'vault 1.2.3\n');
  t.is(status, 0);
});

test('on a Node that is new enough the program runs in place with its words', async (t) => {
  const directory = await makePackage(t, '>=22.20');
  const script = join(directory, 'bin/vault');
  for (const words of [[process.execPath, script], [script], ['sh', script]]) {
    const { stdout, status } = run([...words, 'a b', '--version', 'fail', '$x']);
    t.is(status, 3);
    t.deepEqual((JSON.parse(stdout) as Said).words, ['a b', '--version', 'fail', '$x']);
  }
});

test('the runtime of the package is preferred, through a link too', async (t) => {
  const directory = await makePackage(t, '>=22.20');
  addRuntime(directory);
  symlinkSync(join(directory, 'bin/vault'), join(directory, 'elsewhere'));
  for (const script of ['bin/vault', 'elsewhere']) {
    const said = JSON.parse(run([join(directory, script), 'x']).stdout) as Said;
    t.deepEqual(said.words, ['x']);
    t.is(said.code, 'refused', 'no code is made from strings');
  }
});

test('an old Node without a runtime says what to install', async (t) => {
  const directory = await makePackage(t, '>=999.0');
  const { stderr, status } = run([process.execPath, join(directory, 'bin/vault'), 'ls']);
  t.is(status, 1);
  t.regex(stderr, /^vault: Node .* is too old: peervault needs >=999\.0 .*\n {2}try: install Node/);
});

test('a runtime that is too old itself is started once only', async (t) => {
  const directory = await makePackage(t, '>=999.0');
  addRuntime(directory);
  const { stderr, status } = run([process.execPath, join(directory, 'bin/vault'), 'ls']);
  t.is(status, 1);
  t.is(stderr.split('is too old').length, 2);
});

/** A launcher that takes this Node for too old, and the runtime that it starts for new enough. */
async function makeOldLauncher(t: ExecutionContext): Promise<string> {
  const directory = await makePackage(t, '>=22.20');
  addRuntime(directory);
  const file = join(directory, 'bin/launcher.cjs');
  const text = readFileSync(file, 'utf8');
  const patched = text.replace(
    'if (isNewEnough(process.versions.node)) {',
    'if (process.env.PEERVAULT_STARTED_BY_LAUNCHER !== undefined) {',
  );
  t.not(patched, text);
  writeFileSync(file, patched);
  return join(directory, 'bin/vault');
}

test('an old Node starts the runtime and passes on words, status and signals', async (t) => {
  const script = await makeOldLauncher(t);
  const { stdout, status } = run([process.execPath, script, 'x y', 'fail']);
  t.is(status, 3);
  const said = JSON.parse(stdout) as Said;
  t.deepEqual(said, { ...said, words: ['x y', 'fail'], code: 'refused', env: [] });
  t.is(run([process.execPath, script, 'die']).signal, 'SIGKILL');

  const child = spawn(process.execPath, [script, 'wait']);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  t.is(await new Promise((resolve) => child.once('close', resolve)), 7);
});

test('when the launcher is killed the program ends too', async (t) => {
  const script = await makeOldLauncher(t);
  const child = spawn(process.execPath, [script, 'wait']);
  child.stdout.once('data', () => child.kill('SIGKILL'));
  // Standard output closes only when the program, which holds it too, has ended.
  await new Promise((resolve) => child.once('close', resolve));
  t.is(child.signalCode, 'SIGKILL');
});
