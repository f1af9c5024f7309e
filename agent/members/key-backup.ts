/**
 * A device's keys in one file, to be kept elsewhere: with them, what it takes to start in an empty home
 * (the membership log, where the others were), all wrapped by a passphrase. No content and no journal is
 * in it: that comes from the other devices.
 */
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, type DeviceId } from '../../protocol/ids.ts';
import { keysAtRest, members } from '../../protocol/limits.ts';
import { identityFrom, type DeviceIdentity } from './identity.ts';
import { parseJson, type JsonFields } from './json-file.ts';
import { unwrap, wrap, wrappedFrom, type Stretch, type WrapTools } from './passphrase.ts';
import { Secret } from './secret.ts';

export interface KeyBackup {
  readonly identity: DeviceIdentity;
  readonly ownerSeed: Secret | undefined;
  /** Of the device, for people. */
  readonly name: string;
  /** Whether a passphrase protected the keys: it will again. */
  readonly wrapped: boolean;
  /** Signed ones, from the genesis on. */
  readonly statements: readonly Uint8Array[];
  /** Where the others were reached. */
  readonly peers: readonly { readonly device: DeviceId; readonly addresses: readonly string[] }[];
}

const format = 1;
const kind = 'peervault-keys';
const nameCharactersMax = 255;

/** The bytes of the file. @throws VaultError `too-large` */
export async function encodeKeyBackup(
  backup: KeyBackup,
  passphrase: Secret,
  tools: WrapTools,
): Promise<Buffer> {
  const { identity, ownerSeed, name, wrapped, statements, peers } = backup;
  const { device, secrets } = identity;
  const plain = Buffer.from(
    JSON.stringify({
      format,
      signSeed: secrets.signSeed.reveal().toString('hex'),
      noiseSecretKey: secrets.noiseSecretKey.reveal().toString('hex'),
      ...(ownerSeed === undefined ? {} : { ownerSeed: ownerSeed.reveal().toString('hex') }),
      name,
      wrapped,
      statements: statements.map((bytes) => ({ bytes: Buffer.from(bytes).toString('hex') })),
      peers: peers.map((peer) => ({
        device: peer.device,
        addresses: peer.addresses.map((address) => ({ address })),
      })),
    }),
  );
  const fields = await wrap(plain, { passphrase, purpose: purposeOf(device) }, tools);
  plain.fill(0);
  const file = Buffer.from(`${JSON.stringify({ kind, format, device, ...fields })}\n`);
  if (file.length <= keysAtRest.backupBytesMax) return file;
  throw new VaultError('too-large', {
    op: 'keys.backup',
    subject: 'backup of the keys',
    detail: 'the membership log is longer than a backup takes',
  });
}

/** Whose keys a file claims to hold. @throws VaultError `damaged`, `home-newer` */
export function deviceOfKeyBackup(bytes: Buffer, file: string): DeviceId {
  return headOf(parseJson(file, bytes));
}

/**
 * @param file for messages
 * @throws VaultError `denied` when the passphrase is wrong, `damaged`, `home-newer`
 */
export async function decodeKeyBackup(
  bytes: Buffer,
  { file, passphrase, stretch }: { file: string; passphrase: Secret; stretch: Stretch },
): Promise<KeyBackup> {
  const fields = parseJson(file, bytes);
  const device = headOf(fields);
  const wrapped = wrappedFrom(fields, keysAtRest.backupBytesMax);
  const plain = await unwrap(wrapped, { passphrase, purpose: purposeOf(device) }, stretch);
  if (plain === undefined) {
    throw new VaultError('denied', {
      op: 'keys.restore',
      subject: file,
      detail: 'the passphrase is wrong, or the file was changed',
      next: 'give the passphrase that the backup was made with',
    });
  }
  const backup = backupFrom(parseJson(file, plain));
  plain.fill(0);
  if (backup.identity.device === device) return backup;
  throw new VaultError('damaged', {
    op: 'keys.restore',
    subject: file,
    detail: 'the device does not belong to the keys',
  });
}

function headOf(fields: JsonFields): DeviceId {
  fields.oneOf('kind', [kind]);
  fields.checkFormat(format);
  return idFromBytes('device', fields.hex('device', 16));
}

function backupFrom(fields: JsonFields): KeyBackup {
  fields.checkFormat(format);
  return {
    identity: identityFrom(fields.hex('signSeed', 32), fields.hex('noiseSecretKey', 32)),
    ownerSeed: fields.has('ownerSeed') ? new Secret(fields.hex('ownerSeed', 32)) : undefined,
    name: fields.text('name', nameCharactersMax),
    wrapped: fields.flag('wrapped'),
    statements: fields
      .list('statements')
      .map((row) => row.hexUpTo('bytes', members.statementBytesMax + 256)),
    peers: fields.list('peers').map((row) => ({
      device: idFromBytes('device', row.hex('device', 16)),
      addresses: row.list('addresses').map((one) => one.text('address', members.addressBytesMax)),
    })),
  };
}

function purposeOf(device: DeviceId): string {
  return `backup/${device}`;
}
