/**
 * The keys that make this agent a device: one signs its statements and batches, one is what its
 * connections are known by. Their public halves go into its certificate.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { deviceIdOf } from '../../protocol/messages/statement-wire.ts';
import type { Random } from '../ports.ts';
import { noiseKeyFromSecret, type NoiseKey } from './noise-key.ts';
import { Secret } from './secret.ts';
import { signKeyFromSeed, type SignKey } from './sign-key.ts';

export interface DeviceIdentity {
  readonly device: DeviceId;
  readonly signKey: SignKey;
  /** X25519 public key, 32 bytes. */
  readonly noisePublicKey: Buffer;
  readonly secrets: { readonly signSeed: Secret; readonly noiseSecretKey: Secret };
}

/** A device that never was. */
export function makeIdentity(random: Random): DeviceIdentity {
  return identityFrom(random.bytes(32), random.bytes(32));
}

/** The device of two secrets of 32 bytes each. */
export function identityFrom(signSeed: Uint8Array, noiseSecretKey: Uint8Array): DeviceIdentity {
  const signKey = signKeyFromSeed(signSeed);
  return {
    device: deviceIdOf(signKey.publicKey),
    signKey,
    noisePublicKey: noiseKeyFromSecret(noiseSecretKey).publicKey,
    secrets: { signSeed: new Secret(signSeed), noiseSecretKey: new Secret(noiseSecretKey) },
  };
}

/** The pair for Noise, in the clear. */
export function noiseKeyOf(identity: DeviceIdentity): NoiseKey {
  return {
    publicKey: identity.noisePublicKey,
    secretKey: identity.secrets.noiseSecretKey.reveal(),
  };
}
