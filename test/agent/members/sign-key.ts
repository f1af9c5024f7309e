import fc from 'fast-check';
import test from 'ava';
import { signKeyFromSeed, verifySignature } from '../../../agent/members/sign-key.ts';

// RFC 8032, section 7.1, test 2.
const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const signature =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
  '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

test('the published vector signs and verifies', (t) => {
  const key = signKeyFromSeed(seed);
  t.is(key.publicKey.toString('hex'), publicKey);
  t.is(key.sign(Buffer.of(0x72)).toString('hex'), signature);
  t.true(verifySignature(key.publicKey, Buffer.of(0x72), Buffer.from(signature, 'hex')));
});

test('no other message, key or signature passes', (t) => {
  const key = signKeyFromSeed(seed);
  const right = Buffer.from(signature, 'hex');
  t.false(verifySignature(key.publicKey, Buffer.of(0x73), right));
  for (let at = 0; at < 64; at += 1) {
    const wrong = Buffer.from(right);
    wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
    t.false(verifySignature(key.publicKey, Buffer.of(0x72), wrong));
  }
  for (const length of [0, 63]) {
    t.false(verifySignature(key.publicKey, Buffer.of(0x72), right.subarray(0, length)));
  }
  t.false(verifySignature(key.publicKey, Buffer.of(0x72), Buffer.concat([right, Buffer.of(0)])));
  for (const length of [0, 31]) {
    t.false(verifySignature(key.publicKey.subarray(0, length), Buffer.of(0x72), right));
  }
});

test('a key of small order signs nothing', (t) => {
  // With the base point as R and one as S, the equation holds for whatever message hashes to a
  // multiple of the key's order: for the neutral element, for every message.
  const basePoint = Buffer.from(`58${'66'.repeat(31)}`, 'hex');
  const one = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
  const forged = Buffer.concat([basePoint, one]);
  for (const y of ['00', '01', 'ec', 'ed', 'ee']) {
    const tail = y.startsWith('e') ? `${'ff'.repeat(30)}7f` : '00'.repeat(31);
    for (const sign of [0, 0x80]) {
      const key = Buffer.from(y + tail, 'hex');
      key.writeUInt8(key.readUInt8(31) | sign, 31);
      for (let count = 0; count < 16; count += 1) {
        t.false(verifySignature(key, Buffer.from(`message ${count}`), forged));
      }
    }
  }
});

test('bytes that are no point on the curve are no key', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (key, wrong) => {
        t.false(verifySignature(key, Buffer.from('x'), wrong));
      },
    ),
    { numRuns: 300 },
  );
});
