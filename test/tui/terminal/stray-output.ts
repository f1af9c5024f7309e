/** What a process says while the console has the screen. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const module = join(import.meta.dirname, '../../../tui/terminal/stray-output.ts');
const script = `
  const { holdOutput } = await import(${JSON.stringify(module)});
  const release = holdOutput();
  console.log('one %d', 1);
  console.error('two');
  process.stderr.write('thr\\u001b[2Jee\\n');
  process.emitWarning('four');
  await new Promise((resolve) => setImmediate(resolve));
  process.stdout.write('screen;');
  release();
  console.log('afterwards');
`;

test('it is kept, and said when the terminal is given back, harmless', (t) => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script],
    {
      encoding: 'utf8',
    },
  );
  t.is(status, 0, stderr);
  t.is(stdout, 'screen;afterwards\n');
  t.regex(stderr, /^one 1\ntwo\nthr\\x1b\[2Jee\n\(node\) Warning: four/);
});
