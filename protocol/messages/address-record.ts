/**
 * A device's own word on where it can be reached, signed and passed on; of two, the one with the higher
 * counter is newer. Who may sign and with which key is the caller's to know.
 */
import { VaultError } from '../errors.ts';
import { domainHash } from '../hash.ts';
import { idToBytes, type DeviceId, type VaultId } from '../ids.ts';
import { members } from '../limits.ts';
import { peervault } from '../proto/members.js';
import { isDialable } from './address.ts';
import { exactBytes, wireId } from './exact-bytes.ts';
import { addressRecordShape } from './members-shape.ts';
import { checkShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const { AddressRecord: RecordWire } = peervault.members;

export interface AddressRecord {
  readonly device: DeviceId;
  readonly counter: number;
  /** `host:port` each, best first. */
  readonly addresses: readonly string[];
}

const op = 'messages.addressRecord';
const domain = 'peervault/1/address-record';
const recordBytesMax = members.addressesPerDeviceMax * (members.addressBytesMax + 4) + 16 + 64 + 32;

/**
 * Signs a record with the device's key.
 * @param sign Ed25519, 64 bytes
 * @throws VaultError `malformed` when an address is, `too-large` when there are too many
 */
export function signAddressRecord(
  vault: VaultId,
  record: AddressRecord,
  sign: (bytes: Uint8Array) => Buffer,
): Buffer {
  if (record.addresses.length > members.addressesPerDeviceMax) {
    throw new VaultError('too-large', { op, subject: 'address record' });
  }
  const addresses = record.addresses.map(checkedAddress);
  const signature = sign(signingBytes(vault, { ...record, addresses }));
  return Buffer.from(
    RecordWire.encode({
      device: idToBytes(record.device),
      counter: record.counter,
      addresses,
      signature,
    }).finish(),
  );
}

/**
 * Reads a record and checks its form and its signature.
 * @param verify whether the signature is the device's; false also when there is no such device
 * @throws VaultError `malformed`
 */
export function readAddressRecord(
  vault: VaultId,
  bytes: Uint8Array,
  verify: (device: DeviceId, bytes: Uint8Array, signature: Uint8Array) => boolean,
): AddressRecord {
  if (bytes.length > recordBytesMax) refuse('too long');
  checkShape(bytes, addressRecordShape, op);
  const wire = RecordWire.decode(bytes);
  const record = {
    device: wireId('device', wire.device),
    counter: countFromWire(wire.counter, op),
    addresses: wire.addresses.map(checkedAddress),
  };
  const signature = exactBytes(wire.signature, 64, 'address_record.signature');
  if (!verify(record.device, signingBytes(vault, record), signature)) {
    refuse('the signature is wrong');
  }
  return record;
}

/** Fixed widths and counted texts: no two records have the same bytes. */
function signingBytes(vault: VaultId, { device, counter, addresses }: AddressRecord): Buffer {
  const head = Buffer.alloc(9);
  head.writeBigUInt64BE(BigInt(counter), 0);
  head.writeUInt8(addresses.length, 8);
  const texts = addresses.flatMap((text) => [Buffer.of(text.length), Buffer.from(text, 'latin1')]);
  return Buffer.concat([domainHash(domain), idToBytes(vault), idToBytes(device), head, ...texts]);
}

/** What passes is ASCII and at most 255 long, so one byte holds its length. */
function checkedAddress(text: string): string {
  if (!isDialable(text)) refuse('an address is malformed');
  return text;
}

function refuse(detail: string): never {
  throw new VaultError('malformed', { op, subject: 'address record', detail });
}
