/** Pages of a state as chunks: only the holder of the key reads them, each only in its place. */
import test from 'ava';
import { openPage, sealNonceBytes, sealPage } from '../../../../agent/vault/fold/sealed-pages.ts';
import { blake3 } from '../../../../protocol/hash.ts';
import { idFromBytes } from '../../../../protocol/ids.ts';

const place = { opKey: Buffer.alloc(32, 1), root: Buffer.alloc(32, 2), index: 3 };
const plain = { page: Buffer.from('what the vault holds'), latestMs: 1_795_000_000_000 };
const nonce = Buffer.alloc(sealNonceBytes, 7);

test('a page comes back in its place, and nowhere else', (t) => {
  const { id, body } = sealPage(place, plain, nonce);
  t.is(id, idFromBytes('chunk', blake3(body)));
  t.deepEqual(openPage(place, body), plain);
  for (const other of [
    { opKey: Buffer.alloc(32, 9) },
    { root: Buffer.alloc(32, 9) },
    { index: 4 },
  ]) {
    t.throws(() => openPage({ ...place, ...other }, body), { message: /page \d of the state/ });
  }
});

test('every flipped bit, and a cut, is found', (t) => {
  const { body } = sealPage(place, plain, nonce);
  for (let at = 0; at < body.length; at += 1) {
    const bent = Buffer.from(body);
    bent[at] = bent[at]! ^ 4;
    t.throws(() => openPage(place, bent));
    t.throws(() => openPage(place, body.subarray(0, at)));
  }
});
