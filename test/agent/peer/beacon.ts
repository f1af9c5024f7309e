import test from 'ava';
import fc from 'fast-check';
import { beaconBytes, openBeacon, sealBeacon } from '../../../agent/peer/beacon.ts';
import { idFromBytes } from '../../../protocol/ids.ts';

const key = Buffer.alloc(32, 1);
const other = Buffer.alloc(32, 2);
const device = idFromBytes('device', Buffer.alloc(16, 7));
const nonce = Buffer.alloc(8, 3);
const hourMs = 3_600_000;
const nowMs = 1_795_000_000_000;
const datagram = sealBeacon({ device, port: 7420 }, key, { nonce, nowMs });

test('Who holds one of the keys reads who listens where', (t) => {
  t.is(datagram.length, beaconBytes);
  t.deepEqual(openBeacon(datagram, [other, key], nowMs), { device, port: 7420 });
  t.is(openBeacon(datagram, [other], nowMs), undefined);
  t.is(openBeacon(datagram, [], nowMs), undefined);
});

test('Nothing in it repeats from one to the next, and the device does not show', (t) => {
  const next = sealBeacon({ device, port: 7420 }, key, { nonce: Buffer.alloc(8, 4), nowMs });
  t.false(datagram.includes(Buffer.alloc(16, 7)));
  t.notDeepEqual(datagram.subarray(14, 30), next.subarray(14, 30));
  t.notDeepEqual(datagram.subarray(30), next.subarray(30));
});

test('It holds for an hour to either side and no longer', (t) => {
  t.truthy(openBeacon(datagram, [key], nowMs + hourMs));
  t.truthy(openBeacon(datagram, [key], nowMs - hourMs));
  t.is(openBeacon(datagram, [key], nowMs + 2 * hourMs), undefined);
  t.is(openBeacon(datagram, [key], nowMs - 2 * hourMs), undefined);
});

test('Any change to it, and any noise, is nothing', (t) => {
  for (let at = 0; at < datagram.length; at += 1) {
    const changed = Buffer.from(datagram);
    changed[at]! ^= 1 << (at % 8);
    t.is(openBeacon(changed, [key], nowMs), undefined, String(at));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      t.is(openBeacon(noise, [key], nowMs), undefined);
    }),
    { numRuns: 500 },
  );
});
