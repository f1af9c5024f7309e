/**
 * One secret, many keys: HKDF-SHA256 (RFC 5869) with a name for every purpose, so that no key serves
 * two.
 */
import { hkdfSync } from 'node:crypto';
import { idToBytes, type EpochId, type VaultId } from '../../protocol/ids.ts';
import type { EpochKeys, VaultKeys } from './membership.ts';

const noSalt = Buffer.alloc(0);

/** 32 bytes for a purpose. */
export function deriveKey(secret: Uint8Array, purpose: string, salt: Uint8Array = noSalt): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `peervault/1/${purpose}`, 32));
}

/** The keys that live as long as the vault. */
export function vaultKeysFrom(vaultSecret: Uint8Array, vault: VaultId): VaultKeys {
  const salt = idToBytes(vault);
  return {
    dedupKey: deriveKey(vaultSecret, 'vault/dedup', salt),
    gearKey: deriveKey(vaultSecret, 'vault/gear', salt),
  };
}

/** The keys of one epoch. */
export function epochKeysFrom(epochSecret: Uint8Array, id: EpochId): EpochKeys {
  const salt = idToBytes(id);
  return {
    id,
    chunkKey: deriveKey(epochSecret, 'epoch/chunk', salt),
    opKey: deriveKey(epochSecret, 'epoch/op', salt),
  };
}
