/**
 * The sealing of batch bodies: AES-256-GCM under a key that is used once, so that its nonce can be
 * zero. The key depends on the epoch's opKey, the device and the random salt in the header; the whole
 * header is authenticated with it (protocol/SPEC.md, "Journals").
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';
import { idToBytes, type DeviceId } from '../../protocol/ids.ts';

const tagBytes = 16;
const keyBytes = 32;
const nonce = Buffer.alloc(12);
const keyInfo = Buffer.from('peervault v1 batch key');

/** What the key of one batch is made of. */
export interface BatchKeyInput {
  /** opKey of the batch's epoch, 32 bytes. */
  readonly opKey: Uint8Array;
  readonly device: DeviceId;
  /** 32 bytes, random, from the header. */
  readonly salt: Uint8Array;
}

/** Ciphertext followed by a tag of 16 bytes. */
export function sealBody(key: BatchKeyInput, headerBytes: Uint8Array, body: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', batchKey(key), nonce);
  cipher.setAAD(headerBytes);
  return Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/** @throws VaultError `damaged` when the key, the header or the ciphertext is not the right one */
export function openBody(key: BatchKeyInput, headerBytes: Uint8Array, sealed: Buffer): Buffer {
  if (sealed.length < tagBytes) throw damaged('it is shorter than its tag');
  const cut = sealed.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', batchKey(key), nonce);
  decipher.setAAD(headerBytes);
  decipher.setAuthTag(sealed.subarray(cut));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]);
  } catch (cause) {
    throw damaged('its tag does not fit', cause);
  }
}

function batchKey({ opKey, device, salt }: BatchKeyInput): Buffer {
  const info = Buffer.concat([keyInfo, idToBytes(device)]);
  return Buffer.from(hkdfSync('sha256', opKey, salt, info, keyBytes));
}

function damaged(detail: string, cause?: unknown): VaultError {
  return new VaultError('damaged', { op: 'journal.openBody', subject: 'batch', detail, cause });
}
