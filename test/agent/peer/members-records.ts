import test from 'ava';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { membersRecords } from '../../../agent/peer/members-records.ts';
import { signAddressRecord } from '../../../protocol/messages/address-record.ts';
import { revocationOf, smallVault } from '../../helpers/small-vault.ts';

test('of the records that a newcomer is told, those are kept that members have signed', (t) => {
  const vault = smallVault('records');
  const recordOf = ({ device, signKey }: DeviceIdentity, by = signKey): Buffer =>
    signAddressRecord(
      vault.log.vault,
      { device, counter: 1, addresses: ['192.0.2.7:7420'] },
      (bytes) => by.sign(bytes),
    );
  const [blind, former, other] = [
    vault.admit('blind'),
    vault.admit('writer'),
    vault.admit('admin'),
  ];
  vault.log.issue(vault.owner, revocationOf(former));
  const [first, second] = [recordOf(vault.first), recordOf(blind)];
  const cut = second.subarray(0, 40);
  const changed = Buffer.from(second);
  changed[changed.length - 1]! ^= 1;
  const told = [
    ...[first, recordOf(former), recordOf(vault.device()), recordOf(other, blind.signKey)],
    ...[cut, Buffer.alloc(0), Buffer.alloc(90, 0xff), second, changed],
  ];
  t.deepEqual(
    [...membersRecords(evaluateMembership(vault.log.statements()), told)],
    [
      [vault.first.device, first],
      [blind.device, second],
    ],
  );
});

test('of two records of one member the higher counter wins, in whatever order they are told', (t) => {
  const vault = smallVault('records again');
  const { device, signKey } = vault.first;
  const [older, newer] = [3, 12].map((counter) =>
    signAddressRecord(
      vault.log.vault,
      { device, counter, addresses: [`192.0.2.${String(counter)}:7420`] },
      (bytes) => signKey.sign(bytes),
    ),
  ) as [Buffer, Buffer];
  const membership = evaluateMembership(vault.log.statements());
  for (const told of [
    [older, newer],
    [newer, older],
  ]) {
    t.deepEqual([...membersRecords(membership, told)], [[device, newer]]);
  }
});
