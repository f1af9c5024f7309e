/**
 * What a device keeps of the membership log beside it, sealed under a key of its own, in
 * `identity/anchor.json`: which vault it belongs to, which statements it knew last, and the keys with which
 * members know each other. The log is in two files; when both have lost the same statement, this says so,
 * and it is enough to ask the other devices for it. It is never taken for the log: the vault's id is the
 * hash of the first statement, and everything else hangs on that.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { domainHash } from '../../protocol/hash.ts';
import { idFromBytes, type DeviceId, type StatementId, type VaultId } from '../../protocol/ids.ts';
import { members as limits } from '../../protocol/limits.ts';
import type { Disk, Random } from '../ports.ts';
import { aeadNonceBytes, aeadOpen, aeadSeal, aeadTagBytes } from './aead.ts';
import { deriveKey } from './derive.ts';
import type { DeviceIdentity } from './identity.ts';
import { parseJson, readJson, writeJson, type JsonFields } from './json-file.ts';
import type { Membership } from './membership.ts';

export const anchorFile = 'identity/anchor.json';
const format = 1;
const sealedBytesMax = 256 * 1024;
/** A log has one or two; any of many will do to find that it lost something. */
const headsMax = limits.statementHeadsMax;
/** Others may not have heard of the newest one yet. */
const memberKeysMax = 4;

export interface LogAnchor {
  readonly vault: VaultId;
  /** Statements that no other one named. */
  readonly heads: readonly StatementId[];
  /** 32 bytes each, newest first. */
  readonly memberKeys: readonly Buffer[];
  /** The active members, this device among them. */
  readonly devices: readonly AnchoredDevice[];
}

export interface AnchoredDevice {
  readonly device: DeviceId;
  /** 32 bytes, Ed25519. */
  readonly signKey: Buffer;
  /** 32 bytes, X25519. */
  readonly noiseKey: Buffer;
}

/** What is worth keeping of a membership. @param memberKeys newest first */
export function anchorOf(membership: Membership, memberKeys: readonly Buffer[]): LogAnchor {
  const active = [...membership.members.values()].filter((member) => member.active);
  return {
    vault: membership.vault,
    heads: membership.heads.slice(0, headsMax),
    memberKeys: memberKeys.slice(0, memberKeysMax),
    devices: active
      .slice(0, limits.devicesMax)
      .map(({ device, signKey, noiseKey }) => ({ device, signKey, noiseKey })),
  };
}

/**
 * The anchor of this home; undefined in one that has none, or whose cannot be understood, which `onDamage`
 * hears of: the log itself is what counts.
 * @throws VaultError `io`
 */
export async function loadAnchor(
  disk: Disk,
  identity: DeviceIdentity,
  onDamage: (error: VaultError) => void,
): Promise<LogAnchor | undefined> {
  try {
    const fields = await readJson(disk, anchorFile);
    return fields === undefined ? undefined : open(fields, identity);
  } catch (error) {
    if (!isVaultError(error, 'damaged', 'home-newer', 'malformed')) throw error;
    onDamage(error);
    return undefined;
  }
}

/** Durable when it resolves. @throws VaultError `io`, `disk-full` */
export async function saveAnchor(
  disk: Disk,
  anchor: LogAnchor,
  { identity, random }: { readonly identity: DeviceIdentity; readonly random: Random },
): Promise<void> {
  const nonce = random.bytes(aeadNonceBytes);
  const plain = plainOf(anchor);
  const sealed = aeadSeal(keyOf(identity), plain, { nonce, aad: aad() });
  plain.fill(0);
  await writeJson(disk, anchorFile, {
    format,
    wrapping: 'device',
    nonce: nonce.toString('hex'),
    sealed: sealed.toString('hex'),
  });
}

/** Whether two of them say the same. */
export function isSameAnchor(one: LogAnchor, other: LogAnchor): boolean {
  return plainOf(one).equals(plainOf(other));
}

function plainOf({ vault, heads, memberKeys, devices }: LogAnchor): Buffer {
  const json = {
    format,
    vault,
    heads: heads.map((id) => ({ id })),
    memberKeys: memberKeys.map((key) => ({ key: key.toString('hex') })),
    devices: devices.map(({ device, signKey, noiseKey }) => ({
      device,
      signKey: signKey.toString('hex'),
      noiseKey: noiseKey.toString('hex'),
    })),
  };
  return Buffer.from(JSON.stringify(json), 'utf8');
}

function open(fields: JsonFields, identity: DeviceIdentity): LogAnchor {
  fields.checkFormat(format);
  fields.oneOf('wrapping', ['device']);
  const nonce = fields.hex('nonce', aeadNonceBytes);
  const sealed = fields.hexUpTo('sealed', sealedBytesMax + aeadTagBytes);
  const plain = aeadOpen(keyOf(identity), sealed, { nonce, aad: aad() });
  if (plain === undefined) {
    throw new VaultError('damaged', {
      op: 'members.loadAnchor',
      subject: anchorFile,
      detail: 'it was not sealed by this device',
    });
  }
  const content = parseJson(anchorFile, plain);
  content.checkFormat(format);
  return {
    vault: idFromBytes('vault', content.hex('vault', 32)),
    heads: content.list('heads').map((row) => idFromBytes('statement', row.hex('id', 32))),
    memberKeys: content.list('memberKeys').map((row) => row.hex('key', 32)),
    devices: content.list('devices').map((row) => ({
      device: idFromBytes('device', row.hex('device', 16)),
      signKey: row.hex('signKey', 32),
      noiseKey: row.hex('noiseKey', 32),
    })),
  };
}

function keyOf(identity: DeviceIdentity): Buffer {
  return deriveKey(identity.secrets.signSeed.reveal(), 'device/anchor');
}

function aad(): Buffer {
  return domainHash('peervault/1/anchor');
}
