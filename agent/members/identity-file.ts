/**
 * Where the device's own keys rest: `identity/device.json` on every device, `identity/owner.json` where
 * the owner's key is. 0600 through the Disk port, replaced as a whole. `wrapping` says how the secrets of
 * the device are protected beyond that: `none`, or `scrypt` with a passphrase (`passphrase.ts`). The
 * owner's key is sealed under a key of the device, so that whatever protects the one protects both, and
 * a new passphrase is one file.
 */
import { VaultError } from '../../protocol/errors.ts';
import { domainHash } from '../../protocol/hash.ts';
import { idFromBytes, type DeviceId } from '../../protocol/ids.ts';
import { keysAtRest } from '../../protocol/limits.ts';
import type { Disk, Random } from '../ports.ts';
import { aeadNonceBytes, aeadOpen, aeadSeal, aeadTagBytes } from './aead.ts';
import { deriveKey } from './derive.ts';
import { identityFrom, type DeviceIdentity } from './identity.ts';
import { readJson, writeJson, type JsonFields } from './json-file.ts';
import { unwrap, wrap, wrappedFrom, type Stretch, type WrapTools } from './passphrase.ts';
import { Secret } from './secret.ts';
import { signKeyFromSeed, type SignKey } from './sign-key.ts';

export const deviceFile = 'identity/device.json';
export const ownerFile = 'identity/owner.json';
const plainFormat = 1;
/** Older versions know the first format only, and must say so instead of calling this one damaged. */
const sealedFormat = 2;

/** With what an identity is wrapped. */
export interface IdentityWrap extends WrapTools {
  readonly passphrase: Secret;
}

/** What the file says without a passphrase. */
export interface RestingIdentity {
  readonly device: DeviceId;
  readonly wrapped: boolean;
}

/** Durable when it resolves. @param wrapped undefined: protected by the mode of the file alone */
export async function saveIdentity(
  disk: Disk,
  identity: DeviceIdentity,
  wrapped?: IdentityWrap,
): Promise<void> {
  const { device } = identity;
  const signSeed = identity.secrets.signSeed.reveal();
  const noiseSecretKey = identity.secrets.noiseSecretKey.reveal();
  if (wrapped === undefined) {
    await writeJson(disk, deviceFile, {
      format: plainFormat,
      wrapping: 'none',
      device,
      signSeed: signSeed.toString('hex'),
      noiseSecretKey: noiseSecretKey.toString('hex'),
    });
    return;
  }
  const plain = Buffer.concat([signSeed, noiseSecretKey]);
  const { passphrase } = wrapped;
  const fields = await wrap(plain, { passphrase, purpose: purposeOf(device) }, wrapped);
  plain.fill(0);
  await writeJson(disk, deviceFile, { format: sealedFormat, device, ...fields });
}

/** Who this home is, and whether its keys are wrapped; undefined in a home that has none yet. */
export async function lookAtIdentity(disk: Disk): Promise<RestingIdentity | undefined> {
  const fields = await readJson(disk, deviceFile);
  if (fields === undefined) return undefined;
  return restingFrom(fields);
}

/**
 * The device's keys, or undefined in a home that has none yet.
 * @throws VaultError `locked` when they are wrapped and nothing opens them, `denied` when the passphrase is
 *   wrong; `damaged`, `home-newer`, `io`, each names the file
 */
export async function loadIdentity(
  disk: Disk,
  unlock?: { readonly passphrase: Secret; readonly stretch: Stretch },
): Promise<DeviceIdentity | undefined> {
  const fields = await readJson(disk, deviceFile);
  if (fields === undefined) return undefined;
  const { device, wrapped } = restingFrom(fields);
  const identity = wrapped
    ? await unwrapIdentity(fields, device, unlock)
    : identityFrom(fields.hex('signSeed', 32), fields.hex('noiseSecretKey', 32));
  if (identity.device === device) return identity;
  throw new VaultError('damaged', {
    op: 'members.loadIdentity',
    subject: deviceFile,
    detail: 'the device does not belong to the keys',
  });
}

/** Keeps the owner's key. Durable when it resolves. @param seed 32 bytes */
export async function saveOwnerKey(
  disk: Disk,
  seed: Secret,
  { identity, random }: { readonly identity: DeviceIdentity; readonly random: Random },
): Promise<void> {
  const nonce = random.bytes(aeadNonceBytes);
  const sealed = aeadSeal(ownerFileKey(identity), seed.reveal(), { nonce, aad: ownerAad() });
  await writeJson(disk, ownerFile, {
    format: sealedFormat,
    wrapping: 'device',
    nonce: nonce.toString('hex'),
    sealed: sealed.toString('hex'),
  });
}

/**
 * The owner's key, or undefined on a device that is not the owner's.
 * @throws VaultError `damaged`, `home-newer`, `io`; each names the file
 */
export async function loadOwnerKey(
  disk: Disk,
  identity: DeviceIdentity,
): Promise<SignKey | undefined> {
  const seed = await loadOwnerSeed(disk, identity);
  return seed === undefined ? undefined : signKeyFromSeed(seed.reveal());
}

/** The same as 32 bytes, for a backup. */
export async function loadOwnerSeed(
  disk: Disk,
  identity: DeviceIdentity,
): Promise<Secret | undefined> {
  const fields = await readJson(disk, ownerFile);
  if (fields === undefined) return undefined;
  fields.checkFormatUpTo(sealedFormat);
  if (isPlain(fields)) return new Secret(fields.hex('ownerSeed', 32));
  fields.oneOf('wrapping', ['device']);
  const seed = aeadOpen(ownerFileKey(identity), fields.hex('sealed', 32 + aeadTagBytes), {
    nonce: fields.hex('nonce', aeadNonceBytes),
    aad: ownerAad(),
  });
  if (seed !== undefined) return new Secret(seed);
  throw new VaultError('damaged', {
    op: 'members.loadOwnerKey',
    subject: ownerFile,
    detail: 'it was not sealed by this device',
  });
}

/**
 * Seals an owner's key that an earlier version left in the clear: to be done before the device's keys
 * are wrapped, since whoever has the owner's key needs nothing else.
 */
export async function sealOwnerKey(
  disk: Disk,
  by: { readonly identity: DeviceIdentity; readonly random: Random },
): Promise<void> {
  const fields = await readJson(disk, ownerFile);
  if (fields === undefined || !isPlain(fields)) return;
  const seed = await loadOwnerSeed(disk, by.identity);
  if (seed !== undefined) await saveOwnerKey(disk, seed, by);
}

function restingFrom(fields: JsonFields): RestingIdentity {
  fields.checkFormatUpTo(sealedFormat);
  const device = idFromBytes('device', fields.hex('device', 16));
  return { device, wrapped: !isPlain(fields) };
}

/** Only the first format is in the clear: a file of the second one that says `none` is none of ours. */
function isPlain(fields: JsonFields): boolean {
  if (fields.count('format') !== plainFormat) return false;
  fields.oneOf('wrapping', ['none']);
  return true;
}

async function unwrapIdentity(
  fields: JsonFields,
  device: DeviceId,
  unlock: { readonly passphrase: Secret; readonly stretch: Stretch } | undefined,
): Promise<DeviceIdentity> {
  const wrapped = wrappedFrom(fields, keysAtRest.identityBytesMax);
  if (unlock === undefined) {
    throw new VaultError('locked', {
      op: 'members.loadIdentity',
      subject: deviceFile,
      next: 'give its passphrase: vault unlock, or vaultd start --passphrase-file FILE',
    });
  }
  const { passphrase, stretch } = unlock;
  const plain = await unwrap(wrapped, { passphrase, purpose: purposeOf(device) }, stretch);
  if (plain?.length !== 64) throw wrongPassphrase();
  const identity = identityFrom(plain.subarray(0, 32), plain.subarray(32));
  plain.fill(0);
  return identity;
}

/** One error for every way in which a passphrase is not the right one. */
export function wrongPassphrase(): VaultError {
  return new VaultError('denied', {
    op: 'members.passphrase',
    subject: 'passphrase',
    detail: 'it is not the right one',
    next: 'type it again',
  });
}

function purposeOf(device: DeviceId): string {
  return `identity/${device}`;
}

function ownerFileKey(identity: DeviceIdentity): Buffer {
  return deriveKey(identity.secrets.signSeed.reveal(), 'device/owner-key');
}

function ownerAad(): Buffer {
  return domainHash('peervault/1/owner-key');
}
