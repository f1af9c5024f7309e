/**
 * Secrets sealed to one device, as they stand in grants, epochs and member keys. A sealing is bound
 * to the vault, to the issuer whose signature covers it, to what it is for and to its recipient, so
 * that no part of one statement is of use in another.
 */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import { idToBytes, type DeviceId, type StatementId, type VaultId } from '../../protocol/ids.ts';
import { domainHash } from '../../protocol/hash.ts';
import type { SealedKey } from '../../protocol/messages/statement.ts';
import type { Random } from '../ports.ts';
import { openSealing, sealTo, type SealingContext } from './hpke.ts';

export type SealedPurpose = 'epoch' | 'member-key';

export interface SealedBinding {
  readonly vault: VaultId;
  /** 64 hex digits, as in the statement. */
  readonly issuer: string;
  readonly purpose: SealedPurpose;
  /** The statement that made the key; undefined: the one that holds this. */
  readonly subject: StatementId | undefined;
  /** undefined: the recovery key. */
  readonly recipient: DeviceId | undefined;
}

/** An epoch's sealing holds two secrets of 32 bytes. */
export interface EpochSecrets {
  readonly epochSecret: Buffer;
  readonly vaultSecret: Buffer;
}

const domain = 'peervault/1/sealed-key';

/** @param target.noiseKey the recipient's X25519 public key, 32 bytes */
export function sealKey(
  random: Random,
  plain: Uint8Array,
  target: SealedBinding & { readonly noiseKey: Uint8Array },
): SealedKey {
  const sealing = sealTo(target.noiseKey, plain, {
    ...contextOf(target),
    ephemeral: random.bytes(32),
  });
  return { subject: target.subject, recipient: target.recipient, ...sealing };
}

/** The secret, or undefined when it cannot be opened: a bad sealing must not hide the good ones. */
export function openKey(
  noiseSecretKey: Uint8Array,
  sealed: SealedKey,
  binding: SealedBinding,
): Buffer | undefined {
  try {
    return openSealing(noiseSecretKey, sealed, contextOf(binding));
  } catch (error) {
    if (isVaultError(error, 'no-key', 'malformed')) return undefined;
    throw error;
  }
}

/** Both secrets as one plain text. */
export function joinEpochSecrets({ epochSecret, vaultSecret }: EpochSecrets): Buffer {
  return Buffer.concat([epochSecret, vaultSecret]);
}

/** @throws VaultError `malformed` */
export function splitEpochSecrets(plain: Buffer): EpochSecrets {
  if (plain.length !== 64) {
    throw new VaultError('malformed', { op: 'members.splitEpochSecrets', subject: 'epoch secret' });
  }
  return { epochSecret: plain.subarray(0, 32), vaultSecret: plain.subarray(32) };
}

function contextOf(binding: SealedBinding): SealingContext {
  const { vault, issuer, purpose, subject, recipient } = binding;
  return {
    info: Buffer.concat([domainHash(domain), idToBytes(vault), Buffer.from(issuer, 'hex')]),
    aad: Buffer.concat([
      domainHash(purpose),
      subject === undefined ? Buffer.alloc(32) : idToBytes(subject),
      recipient === undefined ? Buffer.alloc(16) : idToBytes(recipient),
    ]),
  };
}
