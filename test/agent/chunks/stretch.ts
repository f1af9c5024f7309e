import test from 'ava';
import { runStretch } from '../../../agent/chunks/stretch.ts';

test('it is scrypt: the examples of RFC 7914, section 12', (t) => {
  const hex = (passphrase: string, salt: string, cost: readonly [number, number, number]): string =>
    Buffer.from(
      runStretch({
        passphrase: Buffer.from(passphrase),
        salt: Buffer.from(salt),
        logN: cost[0],
        r: cost[1],
        p: cost[2],
      }),
    ).toString('hex');
  t.is(
    hex('password', 'NaCl', [10, 8, 16]),
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
  );
  t.is(
    hex('pleaseletmein', 'SodiumChloride', [14, 8, 1]),
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
  );
});

test('the passphrase is overwritten', (t) => {
  const passphrase = Buffer.from('secret');
  runStretch({ passphrase, salt: Buffer.alloc(32), logN: 4, r: 8, p: 1 });
  t.deepEqual(passphrase, Buffer.alloc(6));
});
