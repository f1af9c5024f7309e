import test from 'ava';
import { withoutFirst } from '../../../agent/host/file-io.ts';

test('what a short write left over is found to the byte', (t) => {
  const parts = [Buffer.from('abc'), Buffer.from('de'), Buffer.from('fghi')];
  for (let count = 0; count <= 9; count++) {
    t.is(Buffer.concat(withoutFirst(parts, count)).toString(), 'abcdefghi'.slice(count));
  }
  t.deepEqual(withoutFirst(parts, 100), []);
});
