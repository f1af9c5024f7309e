/**
 * Where the device's own keys rest: `identity/device.json` on every device, `identity/owner.json` where
 * the vault was made. 0600 through the Disk port, replaced as a whole. `wrapping` says how the secrets
 * are protected beyond that; the only way so far is `none`.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Disk } from '../ports.ts';
import { identityFrom, type DeviceIdentity } from './identity.ts';
import { readJson, writeJson, type JsonFields } from './json-file.ts';
import type { Secret } from './secret.ts';
import { signKeyFromSeed, type SignKey } from './sign-key.ts';

export const deviceFile = 'identity/device.json';
export const ownerFile = 'identity/owner.json';
const format = 1;

/** Durable when it resolves. */
export async function saveIdentity(disk: Disk, identity: DeviceIdentity): Promise<void> {
  await writeJson(disk, deviceFile, {
    format,
    wrapping: 'none',
    device: identity.device,
    signSeed: identity.secrets.signSeed.reveal().toString('hex'),
    noiseSecretKey: identity.secrets.noiseSecretKey.reveal().toString('hex'),
  });
}

/**
 * The device's keys, or undefined in a home that has none yet.
 * @throws VaultError `damaged`, `home-newer`, `io`; each names the file
 */
export async function loadIdentity(disk: Disk): Promise<DeviceIdentity | undefined> {
  const fields = await readJson(disk, deviceFile);
  if (fields === undefined) return undefined;
  checkHead(fields);
  const identity = identityFrom(fields.hex('signSeed', 32), fields.hex('noiseSecretKey', 32));
  if (fields.hex('device', 16).toString('hex') !== identity.device) {
    throw new VaultError('damaged', {
      op: 'members.loadIdentity',
      subject: deviceFile,
      detail: 'the device does not belong to the keys',
    });
  }
  return identity;
}

/** Keeps the owner's key. Durable when it resolves. @param seed 32 bytes */
export async function saveOwnerKey(disk: Disk, seed: Secret): Promise<void> {
  const hex = seed.reveal().toString('hex');
  await writeJson(disk, ownerFile, { format, wrapping: 'none', ownerSeed: hex });
}

/**
 * The owner's key, or undefined on a device that is not the owner's.
 * @throws VaultError `damaged`, `home-newer`, `io`; each names the file
 */
export async function loadOwnerKey(disk: Disk): Promise<SignKey | undefined> {
  const fields = await readJson(disk, ownerFile);
  if (fields === undefined) return undefined;
  checkHead(fields);
  return signKeyFromSeed(fields.hex('ownerSeed', 32));
}

function checkHead(fields: JsonFields): void {
  fields.checkFormat(format);
  fields.oneOf('wrapping', ['none']);
}
