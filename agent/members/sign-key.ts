/**
 * Ed25519 (RFC 8032) with raw 32-byte keys over OpenSSL. Key objects are expensive to make compared with a
 * signature's check, so those of public keys are kept.
 *
 * Keys of small order are refused: a signature under one of them is good for any message, so it
 * proves nothing about who signed.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';

/** Something that signs: the owner key, the recovery key or a device's. */
export interface SignKey {
  /** 32 bytes, Ed25519. */
  readonly publicKey: Buffer;
  /** 64 bytes over the message. */
  sign(message: Uint8Array): Buffer;
}

const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const cachedKeysMax = 1024;

/** Encodings of the points of small order, without the sign bit (as in libsodium, ed25519_ref10). */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

const publicKeys = new Map<string, KeyObject>();

/** The key that a seed makes. @param seed 32 bytes */
export function signKeyFromSeed(seed: Uint8Array): SignKey {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privateKeyPrefix, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = Buffer.from(publicDer.subarray(publicKeyPrefix.length));
  return { publicKey, sign: (message) => sign(null, message, privateKey) };
}

/**
 * Whether `signature` (64 bytes) is one of `publicKey` (32 bytes) over `message`. Bytes that are no
 * key or no signature are simply not right.
 */
export function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64 || isSmallOrder(publicKey)) return false;
  try {
    return verify(null, message, keyObject(publicKey), signature);
  } catch (error) {
    throw new VaultError('internal', { op: 'members.verifySignature', cause: error });
  }
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('hex');
  let key = publicKeys.get(name);
  if (key === undefined) {
    const der = Buffer.concat([publicKeyPrefix, publicKey]);
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (publicKeys.size >= cachedKeysMax) publicKeys.clear();
    publicKeys.set(name, key);
  }
  return key;
}

function isSmallOrder(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  return smallOrder.has(y.toString('hex'));
}
