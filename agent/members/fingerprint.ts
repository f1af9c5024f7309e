/**
 * A device's keys as six words that two people can compare over a telephone: 66 bits, so finding
 * other keys with the same words is out of reach for the minutes that it matters.
 */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { blake3Of } from '../../protocol/hash.ts';

const words = 6;
const bitsPerWord = 11;

/** Six words of the BIP39 list. @param keys 32 bytes each */
export function fingerprintWords(keys: {
  readonly signKey: Uint8Array;
  readonly noiseKey: Uint8Array;
}): readonly string[] {
  const hash = blake3Of('peervault/1/fingerprint', keys.signKey, keys.noiseKey);
  let bits = BigInt(`0x${hash.toString('hex')}`) >> BigInt(256 - words * bitsPerWord);
  const found: string[] = [];
  for (let count = 0; count < words; count += 1) {
    const word = wordlist[Number(bits & 2047n)];
    if (word !== undefined) found.unshift(word);
    bits >>= BigInt(bitsPerWord);
  }
  return found;
}
