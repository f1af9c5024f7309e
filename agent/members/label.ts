/** A device's name for people, sealed under the member key: members read it, strangers do not. */
import { VaultError } from '../../protocol/errors.ts';
import { idToBytes, type DeviceId } from '../../protocol/ids.ts';
import { members } from '../../protocol/limits.ts';
import type { Random } from '../ports.ts';
import { aeadNonceBytes, aeadOpen, aeadSeal } from './aead.ts';
import { deriveKey } from './derive.ts';

/** Which device the label is for: a label cannot be moved to another certificate. */
export interface LabelPlace {
  readonly device: DeviceId;
  /** 32 bytes. */
  readonly memberKey: Uint8Array;
}

/** Nonce and cipher text. @throws VaultError `name-too-long` beyond `limits.members.labelBytesMax` */
export function sealLabel(random: Random, label: string, place: LabelPlace): Buffer {
  const plain = Buffer.from(label, 'utf8');
  if (plain.length > members.labelBytesMax) {
    throw new VaultError('name-too-long', {
      op: 'members.sealLabel',
      subject: label.slice(0, 40),
      detail: `more than ${String(members.labelBytesMax)} bytes`,
    });
  }
  const nonce = random.bytes(aeadNonceBytes);
  const key = deriveKey(place.memberKey, 'label');
  return Buffer.concat([nonce, aeadSeal(key, plain, { nonce, aad: idToBytes(place.device) })]);
}

/**
 * The label, or undefined when none of the keys opens it.
 * @param memberKeys as in `Keyring.memberKeys`
 */
export function openLabel(
  memberKeys: readonly Uint8Array[],
  device: DeviceId,
  sealed: Uint8Array,
): string | undefined {
  const nonce = sealed.subarray(0, aeadNonceBytes);
  for (const memberKey of memberKeys) {
    const plain = aeadOpen(deriveKey(memberKey, 'label'), sealed.subarray(aeadNonceBytes), {
      nonce,
      aad: idToBytes(device),
    });
    if (plain !== undefined) return plain.toString('utf8');
  }
  return undefined;
}
