import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { shellWord } from '../../../protocol/text/shell-word.ts';

test('plain words stay as they are, others are quoted', (t) => {
  t.is(shellWord('/docs/a-b_c.txt'), '/docs/a-b_c.txt');
  t.is(shellWord('/my docs'), `'/my docs'`);
  t.is(shellWord(''), `''`);
  t.is(shellWord('-r'), `'-r'`);
  t.is(shellWord(`it's`), `'it'\\''s'`);
});

test('a shell reads every word back as it was', (t) => {
  const words = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 200, seed: 1 });
  const texts = words.map((word) => word.replaceAll('\0', ''));
  const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  t.deepEqual(stdout.split('\0').slice(0, -1), texts);
});
