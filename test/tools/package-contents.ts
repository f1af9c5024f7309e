/** What `npm pack` puts together: the programs as they are built, without sources and tests. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const root = join(import.meta.dirname, '..', '..');

test('a package holds the programs, their pages and the description of the protocol', async (t) => {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: root, maxBuffer: 2 ** 24 });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = new Set(files.map(({ path }) => path));
  const { bin, man } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    man: string[];
  };
  const needed = [
    ...Object.values(bin),
    ...man,
    'LICENSE',
    'README.md',
    'bin/launcher.cjs',
    'dist/vault.cjs',
    'dist/agent/main.js',
    'dist/agent/host/work-worker.js',
    'dist/agent/host/index-probe-child.js',
    'dist/protocol/proto/peer.js',
    'dist/tui/main.js',
    'protocol/SPEC.md',
    'protocol/proto/peer.proto',
  ];
  t.deepEqual(
    needed.filter((path) => !paths.has(path)),
    [],
  );
  const sources = [...paths].filter((path) => /^(test|bench|tools)\/|\.ts$/.test(path));
  t.deepEqual(sources, []);
});
