import test from 'ava';
import { deviceFacts, holdersOf, type DeviceSources } from '../../../agent/vault/why-devices.ts';
import type { ReplicationState } from '../../../agent/replication/replication.ts';
import {
  journalId,
  type DeviceId,
  type IncarnationId,
  type JournalId,
} from '../../../protocol/ids.ts';

const [laptop, nas, vps] = ['a', 'b', 'c'].map((digit) => digit.repeat(32) as DeviceId) as [
  DeviceId,
  DeviceId,
  DeviceId,
];
const journalOf = (device: DeviceId): JournalId =>
  journalId(device, '0'.repeat(16) as IncarnationId);

function sources(
  holdings: readonly [DeviceId, readonly [JournalId, number][], readonly [JournalId, number][]][],
  needed: readonly [JournalId, number][],
): DeviceSources {
  return {
    self: laptop,
    members: [vps, nas, laptop].map((device) => ({
      device,
      name: device,
      role: 'writer' as const,
    })),
    book: [],
    replication: {
      transfers: [],
      holdings: new Map(
        holdings.map(([device, applied, complete]) => [
          device,
          { applied: new Map(applied), complete: new Map(complete), freeBytes: 7 },
        ]),
      ),
    } as unknown as ReplicationState,
    holdsAll: true,
    needed: new Map(needed),
  };
}

const seenBy = (given: DeviceSources, device: DeviceId) => {
  const row = deviceFacts(given).find((each) => each.device === device);
  return [row?.seen, row?.holds, row?.freeBytes];
};

test('this device stands first, and has what it says it has', (t) => {
  const given = sources([], [[journalOf(nas), 3]]);
  t.like(deviceFacts(given), [{ device: laptop, self: true, seen: true, holds: true }]);
  t.is(deviceFacts({ ...given, holdsAll: false })[0]?.holds, false);
});

test('a device has seen and holds what it has announced, in every journal that counts', (t) => {
  const j = journalOf(laptop);
  const given = (applied: number, complete: number) =>
    sources([[nas, [[j, applied]], [[j, complete]]]], [[j, 3]]);
  t.deepEqual(seenBy(given(2, 2), nas), [false, false, 7]);
  t.deepEqual(seenBy(given(3, 2), nas), [true, false, 7]);
  t.deepEqual(seenBy(given(3, 3), nas), [true, true, 7]);
  const two = sources(
    [[nas, [[j, 9]], [[j, 9]]]],
    [
      [j, 3],
      [journalOf(vps), 1],
    ],
  );
  t.deepEqual(seenBy(two, nas), [false, false, 7]);
});

test('who wrote a journal has seen it; whoever said nothing is not known', (t) => {
  const given = sources([], [[journalOf(nas), 3]]);
  t.deepEqual(seenBy(given, nas), [true, undefined, undefined]);
  t.deepEqual(seenBy(given, vps), [undefined, undefined, undefined]);
});

test('what is missing should be with those who said so and with those who wrote it', (t) => {
  const j = journalOf(nas);
  const { replication } = sources([[vps, [[j, 9]], [[j, 2]]]], []);
  const holders = (sequence: number) =>
    [...holdersOf({ replication, self: laptop }, new Map([[j, sequence]]))].sort();
  t.deepEqual(holders(2), [nas, vps]);
  t.deepEqual(holders(3), [nas]);
  t.deepEqual([...holdersOf({ replication, self: nas }, new Map([[j, 3]]))], []);
});
