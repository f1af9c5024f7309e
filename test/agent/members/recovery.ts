import test from 'ava';
import { makeRecoveryWords, recoveryKeysFromWords } from '../../../agent/members/recovery.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const words = makeRecoveryWords(seededRandom('recovery'));

test('the words make the same keys each time, whatever their case', (t) => {
  const keys = recoveryKeysFromWords(words);
  const again = recoveryKeysFromWords(words.map((word) => ` ${word.toUpperCase()} `));
  t.deepEqual(again.sign.publicKey, keys.sign.publicKey);
  t.deepEqual(again.seal, keys.seal);
  t.notDeepEqual(keys.sign.publicKey, keys.seal.publicKey);
});

// BIP39, test vectors: 256 bits of zeros.
test('the published words of all zeros are read', (t) => {
  const zeros = [...Array<string>(23).fill('abandon'), 'art'];
  t.deepEqual(
    makeRecoveryWords({ bytes: (count) => Buffer.alloc(count), fraction: () => 0 }),
    zeros,
  );
  t.is(recoveryKeysFromWords(zeros).sign.publicKey.length, 32);
});

for (const [why, bad, message] of [
  ['none', [], /0 words/],
  ['one too few', words.slice(1), /23 words/],
  ['one too many', [...words, 'art'], /25 words/],
  ['a stranger', words.with(4, 'peervault'), /word 5/],
  ['two swapped', words.with(0, words[1]!).with(1, words[0]!), /order/],
] as const) {
  test(`recovery words with ${why} are refused, and not repeated`, (t) => {
    const error = t.throws(() => recoveryKeysFromWords(bad), { code: 'usage', message });
    t.false(words.some((word) => word.length > 5 && error?.message.includes(word)));
  });
}
