import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot, readProjectFile } from '../helpers/project-files.ts';

const bundle = join(projectRoot, 'dist/vault.cjs');

/** A program as the launcher starts it, without an agent. */
function run(file: string, words: readonly string[]) {
  const flags = ['--disallow-code-generation-from-strings'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, file, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nowhere' },
  });
  return { stdout, stderr, status };
}

test('the client in one file says and does what its modules do', (t) => {
  const lines = [
    ['--help'],
    ['snapshot', 'diff', '--help'],
    ['completion', 'bash'],
    ['ls', '--home', '/nowhere'],
    ['ls', '--no-such-option'],
    ['put', 'x'],
    [],
  ];
  for (const words of lines) {
    const whole = run(bundle, words);
    t.deepEqual(whole, run(join(projectRoot, 'dist/cli/main.js'), words), words.join(' '));
    t.not(`${whole.stdout}${whole.stderr}`, '');
  }
});

test('every command is in it, and nothing of Node is looked for by path', (t) => {
  const text = readFileSync(bundle, 'utf8');
  const commands = [
    ...readProjectFile('cli/handlers.ts').matchAll(/import\('\.\/commands\/([\w-]+)\.ts'\)/g),
  ];
  t.true(commands.length > 50);
  for (const [, name = ''] of commands) t.true(text.includes(`// cli/commands/${name}.ts\n`), name);
  t.notRegex(text, /\brequire\(["']\./, 'a module of ours is taken from beside it');
  t.notRegex(text, /\bimport\.meta\b/, 'it would name the place of the whole file');
});
