import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { makeVault, startReady } from '../helpers/running-vault.ts';

const example = join(import.meta.dirname, '../../examples/control-client.ts');
const flags = ['--disallow-code-generation-from-strings', '--disable-warning=ExperimentalWarning'];

test('the example stores a file through the control socket and reads it back', async (t) => {
  const { ready } = await startReady(t, await makeVault(t));
  const socket = ready[4] ?? '';
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, example, socket], {
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  t.is(lines[0], 'agent laptop, health ok');
  t.regex(lines[1] ?? '', /^stored, version [0-9a-f]{16}$/);
  t.deepEqual(lines.slice(2), ['file hello.txt 21', 'read "hello from a program\\n"']);
});

test('the example says how it is used when no socket is named', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [...flags, example], { encoding: 'utf8' });
  t.is(status, 2);
  t.regex(stderr, /^usage: /);
});
