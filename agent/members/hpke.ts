/**
 * Hybrid public key encryption, RFC 9180: base mode, single shot, DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256, ChaCha20-Poly1305. Seals a secret to whoever has one X25519 key. It says nothing about
 * who sealed it: that is the business of the signed statement around it.
 *
 * Synchronous, with the ephemeral key from outside, so that a simulation replays.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';
import { agree, noiseKeyFromSecret } from './noise-key.ts';

export interface Sealing {
  /** 32 bytes: the ephemeral public key. */
  readonly encapsulated: Buffer;
  /** Plain text and a tag of 16 bytes. */
  readonly ciphertext: Buffer;
}

/** What a sealing is bound to; both sides have to give the same bytes. */
export interface SealingContext {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

const kemSuite = Buffer.from('KEM\x00\x20', 'latin1');
const suite = Buffer.from('HPKE\x00\x20\x00\x01\x00\x03', 'latin1');
const tagBytes = 16;
const empty = Buffer.alloc(0);

/**
 * Seals `plain` to `recipient` (32 bytes, X25519).
 * @param ephemeral 32 fresh random bytes, used for this sealing only
 */
export function sealTo(
  recipient: Uint8Array,
  plain: Uint8Array,
  { ephemeral, ...context }: SealingContext & { readonly ephemeral: Uint8Array },
): Sealing {
  const pair = noiseKeyFromSecret(ephemeral);
  const shared = sharedSecret(agree(pair.secretKey, recipient), pair.publicKey, recipient);
  const { key, nonce } = keySchedule(shared, context.info);
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(context.aad, { plaintextLength: plain.length });
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { encapsulated: pair.publicKey, ciphertext };
}

/**
 * Opens a sealing with the recipient's secret key (32 bytes).
 * @throws VaultError `no-key` when it was sealed to another key, bound to something else, or changed
 */
export function openSealing(
  secretKey: Uint8Array,
  { encapsulated, ciphertext }: Sealing,
  context: SealingContext,
): Buffer {
  if (encapsulated.length !== 32 || ciphertext.length < tagBytes) refuse();
  const { publicKey } = noiseKeyFromSecret(secretKey);
  const shared = sharedSecret(agree(secretKey, encapsulated), encapsulated, publicKey);
  const { key, nonce } = keySchedule(shared, context.info);
  const cut = ciphertext.length - tagBytes;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(context.aad, { plaintextLength: cut });
  decipher.setAuthTag(ciphertext.subarray(cut));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(0, cut)), decipher.final()]);
  } catch (error) {
    return refuse(error);
  }
}

/** ExtractAndExpand of DHKEM, RFC 9180 section 4.1. */
function sharedSecret(dh: Buffer, encapsulated: Uint8Array, recipient: Uint8Array): Buffer {
  const prk = labeledExtract({ suite: kemSuite, salt: empty, label: 'eae_prk' }, dh);
  const kemContext = Buffer.concat([encapsulated, recipient]);
  return labeledExpand(prk, { suite: kemSuite, label: 'shared_secret', length: 32 }, kemContext);
}

/** KeySchedule of base mode, RFC 9180 section 5.1: no psk, sequence number 0. */
function keySchedule(shared: Buffer, info: Uint8Array): { key: Buffer; nonce: Buffer } {
  const pskIdHash = labeledExtract({ suite, salt: empty, label: 'psk_id_hash' }, empty);
  const infoHash = labeledExtract({ suite, salt: empty, label: 'info_hash' }, info);
  const context = Buffer.concat([Buffer.of(0), pskIdHash, infoHash]);
  const secret = labeledExtract({ suite, salt: shared, label: 'secret' }, empty);
  return {
    key: labeledExpand(secret, { suite, label: 'key', length: 32 }, context),
    nonce: labeledExpand(secret, { suite, label: 'base_nonce', length: 12 }, context),
  };
}

interface Label {
  readonly suite: Buffer;
  readonly label: string;
}

function labeledExtract(label: Label & { readonly salt: Buffer }, ikm: Uint8Array): Buffer {
  return hmac(label.salt, Buffer.from('HPKE-v1'), label.suite, Buffer.from(label.label), ikm);
}

/** Every length that is needed here fits into one block of HKDF-Expand. */
function labeledExpand(
  prk: Buffer,
  label: Label & { readonly length: number },
  info: Uint8Array,
): Buffer {
  const head = [Buffer.of(0, label.length), Buffer.from('HPKE-v1'), label.suite];
  const block = hmac(prk, ...head, Buffer.from(label.label), info, Buffer.of(1));
  return block.subarray(0, label.length);
}

function hmac(key: Buffer, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function refuse(cause?: unknown): never {
  throw new VaultError('no-key', {
    op: 'members.openSealing',
    detail: 'it was not sealed to this key, or was changed',
    cause,
  });
}
