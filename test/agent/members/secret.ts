import { inspect } from 'node:util';
import test from 'ava';
import { Secret } from '../../../agent/members/secret.ts';

test('whatever prints a secret prints that it is one', (t) => {
  const secret = new Secret(Buffer.from('hunter2hunter2'));
  for (const text of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { depth: 10, showHidden: true }),
  ]) {
    t.true(text.includes('[secret]'), text);
    t.false(text.includes('hunter'), text);
    t.false(text.includes('68 75'), text);
  }
  t.deepEqual(Object.values(secret), []);
});

test('a secret keeps its own copy', (t) => {
  const bytes = Buffer.from([1, 2, 3]);
  const secret = new Secret(bytes);
  bytes.fill(0);
  t.deepEqual(secret.reveal(), Buffer.from([1, 2, 3]));
});
