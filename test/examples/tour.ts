import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { cleanEnvironment } from '../helpers/vaultd.ts';

const example = join(import.meta.dirname, '../../examples/tour.sh');

test('the tour runs: two devices, one vault, a change from each side', async (t) => {
  const temporary = await temporaryDirectory(t);
  const { status, stdout, stderr } = spawnSync('sh', [example], {
    encoding: 'utf8',
    env: { ...cleanEnvironment(), TMPDIR: temporary, VAULT_STORE_BALLAST_BYTES: '0' },
  });
  t.is(status, 0, stderr);
  const lines = stdout.split('\n');
  t.deepEqual(lines.slice(0, 2), ['nas has the letter', 'laptop has the change']);
  t.regex(stdout, /^laptop +admin +active +here /m);
  t.regex(stdout, /^nas +writer +active +online /m);
});
