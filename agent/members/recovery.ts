/**
 * Twenty-four words (BIP39, English) that stand for 256 bits, and the two keys that they make: one
 * signs a new owner, one opens every epoch. The words are shown once and kept nowhere.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { VaultError } from '../../protocol/errors.ts';
import type { Random } from '../ports.ts';
import { deriveKey } from './derive.ts';
import { noiseKeyFromSecret, type NoiseKey } from './noise-key.ts';
import { signKeyFromSeed, type SignKey } from './sign-key.ts';

export interface RecoveryKeys {
  readonly sign: SignKey;
  readonly seal: NoiseKey;
}

/** Fresh words. */
export function makeRecoveryWords(random: Random): readonly string[] {
  return entropyToMnemonic(random.bytes(32), wordlist).split(' ');
}

/**
 * The keys of 24 words; forgiving on case and white space.
 * @throws VaultError `usage` that names the word that is none, or says that the last word does not fit
 */
export function recoveryKeysFromWords(words: readonly string[]): RecoveryKeys {
  const entropy = entropyOf(words.map((word) => word.trim().toLowerCase()));
  return {
    sign: signKeyFromSeed(deriveKey(entropy, 'recovery/sign')),
    seal: noiseKeyFromSecret(deriveKey(entropy, 'recovery/seal')),
  };
}

function entropyOf(words: readonly string[]): Uint8Array {
  if (words.length !== 24) refuse(`${String(words.length)} words instead of 24`);
  const stranger = words.findIndex((word) => !wordlist.includes(word));
  if (stranger >= 0) refuse(`word ${String(stranger + 1)} is not in the list`);
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    // Every word is in the list, so what is left is the checksum; the words stay out of the error.
    return refuse('one of the words is wrong, or their order');
  }
}

function refuse(detail: string): never {
  throw new VaultError('usage', {
    op: 'members.recoveryKeysFromWords',
    subject: 'recovery words',
    detail,
    next: 'compare them with what was written down',
  });
}
