/**
 * The statements that make keys: a new epoch, and a new generation of the member key. Both seal to
 * every device that may have the secret; an epoch also seals to the recovery key and wraps the secrets
 * of its parents, so that whoever reads the new one reads the old ones.
 */
import {
  idToBytes,
  type DeviceId,
  type EpochId,
  type StatementId,
  type VaultId,
} from '../../protocol/ids.ts';
import type { Epoch, MemberKey } from '../../protocol/messages/statement.ts';
import type { Random } from '../ports.ts';
import { aeadNonceBytes, aeadOpen, aeadSeal } from './aead.ts';
import { deriveKey } from './derive.ts';
import { joinEpochSecrets, sealKey, type EpochSecrets } from './sealed-key.ts';

export interface Recipient {
  readonly device: DeviceId;
  /** 32 bytes, X25519. */
  readonly noiseKey: Buffer;
}

/** Whose statement it will be. */
export interface KeyIssuer {
  readonly vault: VaultId;
  /** 64 hex digits. */
  readonly issuer: string;
}

/**
 * A statement that opens an epoch.
 * @param keys.readers every active device that may read
 * @param keys.recoverySeal from the genesis: 32 bytes
 * @param keys.parents the epochs that it follows, with their secrets
 */
export function makeEpoch(
  random: Random,
  { vault, issuer }: KeyIssuer,
  keys: {
    readonly secrets: EpochSecrets;
    readonly readers: readonly Recipient[];
    readonly recoverySeal: Buffer;
    readonly parents: readonly { readonly id: EpochId; readonly epochSecret: Buffer }[];
  },
): Epoch {
  const plain = joinEpochSecrets(keys.secrets);
  const binding = { vault, issuer, purpose: 'epoch', subject: undefined } as const;
  const sealed = [
    sealKey(random, plain, { ...binding, recipient: undefined, noiseKey: keys.recoverySeal }),
    ...keys.readers.map(({ device, noiseKey }) =>
      sealKey(random, plain, { ...binding, recipient: device, noiseKey }),
    ),
  ];
  const wrapping = wrappingKey(keys.secrets.epochSecret);
  return {
    type: 'epoch',
    parents: keys.parents.map(({ id }) => id),
    sealed,
    wrappedParents: keys.parents.map(({ id, epochSecret }) => {
      const nonce = random.bytes(aeadNonceBytes);
      const ciphertext = aeadSeal(wrapping, epochSecret, { nonce, aad: idToBytes(id) });
      return { epoch: id, nonce, ciphertext };
    }),
    nonce: random.bytes(32),
  };
}

/** The secrets of an epoch's parents, as far as they open. */
export function openParents(
  epoch: Epoch,
  epochSecret: Uint8Array,
): readonly { readonly id: EpochId; readonly epochSecret: Buffer }[] {
  const wrapping = wrappingKey(epochSecret);
  return epoch.wrappedParents.flatMap(({ epoch: id, nonce, ciphertext }) => {
    const secret = aeadOpen(wrapping, ciphertext, { nonce, aad: idToBytes(id) });
    return secret?.length === 32 ? [{ id, epochSecret: secret }] : [];
  });
}

/**
 * A statement that makes a generation of the member key.
 * @param key.everybody every active device, blind ones too
 */
export function makeMemberKey(
  random: Random,
  { vault, issuer }: KeyIssuer,
  key: {
    readonly memberKey: Buffer;
    readonly generation: number;
    readonly everybody: readonly Recipient[];
    /** Earlier generations that it opens. */
    readonly previous: readonly { readonly statement: StatementId; readonly key: Buffer }[];
  },
): MemberKey {
  const binding = { vault, issuer, purpose: 'member-key', subject: undefined } as const;
  return {
    type: 'member-key',
    generation: key.generation,
    sealed: key.everybody.map(({ device, noiseKey }) =>
      sealKey(random, key.memberKey, { ...binding, recipient: device, noiseKey }),
    ),
    wrappedPrevious: key.previous.map(({ statement, key: earlier }) => {
      const nonce = random.bytes(aeadNonceBytes);
      const wrapping = previousKey(key.memberKey);
      const ciphertext = aeadSeal(wrapping, earlier, { nonce, aad: idToBytes(statement) });
      return { statement, nonce, ciphertext };
    }),
  };
}

/** The keys of earlier generations, as far as they open. @param memberKey of this one, 32 bytes */
export function openPrevious(
  { wrappedPrevious }: MemberKey,
  memberKey: Uint8Array,
): readonly { readonly statement: StatementId; readonly key: Buffer }[] {
  return wrappedPrevious.flatMap(({ statement, nonce, ciphertext }) => {
    const key = aeadOpen(previousKey(memberKey), ciphertext, { nonce, aad: idToBytes(statement) });
    return key?.length === 32 ? [{ statement, key }] : [];
  });
}

function previousKey(memberKey: Uint8Array): Buffer {
  return deriveKey(memberKey, 'member-key/wrap-previous');
}

function wrappingKey(epochSecret: Uint8Array): Buffer {
  return deriveKey(epochSecret, 'epoch/wrap-parents');
}
