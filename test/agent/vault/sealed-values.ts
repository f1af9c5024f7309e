import test from 'ava';
import { openValue, sealValue } from '../../../agent/vault/sealed-values.ts';

const secret = Buffer.alloc(32, 1);
const key = Buffer.from('key');
const nonce = Buffer.alloc(12, 2);

test('a value opens under its own key with its own secret only', (t) => {
  const value = [Buffer.from('one '), Buffer.alloc(0), Buffer.from('name')];
  const sealed = sealValue(secret, { key, value, nonce });
  t.is(openValue(secret, key, sealed)?.toString(), 'one name');
  t.is(openValue(Buffer.alloc(32, 3), key, sealed), undefined);
  t.is(openValue(secret, Buffer.from('yek'), sealed), undefined);
  t.false(sealed.includes('name'));
});

test('no byte of a sealed value can be changed or left out', (t) => {
  const sealed = sealValue(secret, { key, value: [Buffer.from('abc')], nonce });
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.is(openValue(secret, key, changed), undefined);
    t.is(openValue(secret, key, sealed.subarray(0, at)), undefined);
  }
});
