/**
 * One cipher key for one message. HMAC-SHA-256 as the key derivation function (NIST SP 800-108 calls
 * for a PRF; a label separates the uses of one chunk key).
 *
 * Keys are wrapped as key objects here, because Node needs several times longer for a raw key than
 * for the whole rest of making a cipher (measured: 15-20 instead of 2 microseconds).
 */
import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const chunkLabel = Buffer.from('peervault chunk key v1', 'utf8');
const smallLabel = Buffer.from('peervault small record key v1', 'utf8');

/** AES-256 key of a chunk: HMAC-SHA-256(chunkKey, label ‖ pid). */
export function chunkCipherKey(chunkKey: Uint8Array, pid: Uint8Array): KeyObject {
  return derive(chunkKey, chunkLabel, pid);
}

/** AES-256 key of a small record: HMAC-SHA-256(chunkKey, label ‖ salt). */
export function smallCipherKey(chunkKey: Uint8Array, salt: Uint8Array): KeyObject {
  return derive(chunkKey, smallLabel, salt);
}

function derive(key: Uint8Array, label: Uint8Array, context: Uint8Array): KeyObject {
  const hmac = createHmac('sha256', keyObjectOf(key));
  return createSecretKey(hmac.update(label).update(context).digest());
}

let latest: { readonly bytes: Buffer; readonly object: KeyObject } | undefined;

/** Chunk after chunk is sealed under the same key. */
function keyObjectOf(key: Uint8Array): KeyObject {
  if (latest?.bytes.equals(key) !== true) {
    latest = { bytes: Buffer.from(key), object: createSecretKey(key) };
  }
  return latest.object;
}
