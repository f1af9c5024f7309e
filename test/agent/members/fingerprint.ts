import test from 'ava';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { fingerprintWords } from '../../../agent/members/fingerprint.ts';

const signKey = Buffer.alloc(32, 1);
const noiseKey = Buffer.alloc(32, 2);

test('a fingerprint is six words of the list, the same each time', (t) => {
  const words = fingerprintWords({ signKey, noiseKey });
  t.is(words.length, 6);
  for (const word of words) t.true(wordlist.includes(word));
  t.deepEqual(fingerprintWords({ signKey, noiseKey }), words);
});

test('either key changes it', (t) => {
  const words = fingerprintWords({ signKey, noiseKey }).join();
  t.not(fingerprintWords({ signKey: noiseKey, noiseKey }).join(), words);
  t.not(fingerprintWords({ signKey, noiseKey: signKey }).join(), words);
});
