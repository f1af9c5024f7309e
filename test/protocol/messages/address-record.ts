import fc from 'fast-check';
import test from 'ava';
import { signKeyFromSeed, verifySignature } from '../../../agent/members/sign-key.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { idFromBytes, type DeviceId } from '../../../protocol/ids.ts';
import { members } from '../../../protocol/limits.ts';
import {
  readAddressRecord,
  signAddressRecord,
  type AddressRecord,
} from '../../../protocol/messages/address-record.ts';
import { deviceIdOf } from '../../../protocol/messages/statement-wire.ts';

const key = signKeyFromSeed(Buffer.alloc(32, 1));
const vault = idFromBytes('vault', Buffer.alloc(32, 2));
const device = deviceIdOf(key.publicKey);
const record: AddressRecord = { device, counter: 7, addresses: ['a:1', '[::1]:2'] };
const verify = (of: DeviceId, bytes: Uint8Array, signature: Uint8Array): boolean =>
  of === device && verifySignature(key.publicKey, bytes, signature);
const sign = (bytes: Uint8Array): Buffer => key.sign(bytes);

test('a record survives and is believed', (t) => {
  t.deepEqual(readAddressRecord(vault, signAddressRecord(vault, record, sign), verify), record);
});

test('a record without addresses takes back what was said', (t) => {
  const none = { ...record, addresses: [] };
  t.deepEqual(readAddressRecord(vault, signAddressRecord(vault, none, sign), verify), none);
});

test('a record of another vault is not believed', (t) => {
  const other = idFromBytes('vault', Buffer.alloc(32, 3));
  const bytes = signAddressRecord(other, record, sign);
  t.throws(() => readAddressRecord(vault, bytes, verify), { code: 'malformed' });
});

for (const count of [members.addressesPerDeviceMax, members.addressesPerDeviceMax + 1]) {
  const tooMany = count > members.addressesPerDeviceMax;
  test(`${count} addresses are ${tooMany ? 'too many' : 'fine'}`, (t) => {
    const many = { ...record, addresses: Array<string>(count).fill('a:1') };
    if (tooMany) t.throws(() => signAddressRecord(vault, many, sign), { code: 'too-large' });
    else t.deepEqual(readAddressRecord(vault, signAddressRecord(vault, many, sign), verify), many);
  });
}

test('a malformed address is neither signed nor read', (t) => {
  const bad = { ...record, addresses: ['nowhere'] };
  t.throws(() => signAddressRecord(vault, bad, sign), { code: 'malformed' });
});

test('no mutated record is believed', (t) => {
  const good = signAddressRecord(vault, record, sign);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(good);
      changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
      const error = t.throws(() => readAddressRecord(vault, changed, verify));
      t.true(error instanceof VaultError, String(error));
    }),
    { numRuns: 3000 },
  );
});
