import test from 'ava';
import { BodyPool } from '../../../agent/replication/body-pool.ts';

const bodyBytes = 100_000;

test('a body that is given back is taken again', (t) => {
  const pool = new BodyPool();
  const first = pool.take(bodyBytes);
  pool.give(first);
  const second = pool.take(bodyBytes - 1);
  t.is(second.buffer, first.buffer);
  t.is(second.length, bodyBytes - 1);
  t.not(pool.take(bodyBytes).buffer, first.buffer);
});

test('one that is lent goes round again when everybody has given it back, in whichever order', (t) => {
  for (const last of ['owner', 'reader'] as const) {
    const pool = new BodyPool();
    const body = pool.take(bodyBytes);
    const loans = [pool.lend(body), pool.lend(body)];
    t.true(loans.every(({ bytes }) => bytes === body));
    const early = last === 'owner' ? loans : loans.slice(1);
    if (last === 'reader') pool.give(body);
    // Twice is once.
    for (const { release } of [...early, ...early]) release();
    t.not(pool.take(bodyBytes).buffer, body.buffer);
    if (last === 'owner') pool.give(body);
    else loans[0]?.release();
    t.is(pool.take(bodyBytes).buffer, body.buffer);
  }
});

test('what is from elsewhere is not kept', (t) => {
  const pool = new BodyPool();
  const strange = Buffer.alloc(bodyBytes);
  pool.lend(strange).release();
  pool.give(strange);
  t.not(pool.take(bodyBytes).buffer, strange.buffer);
});
