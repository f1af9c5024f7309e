import test from 'ava';
import fc from 'fast-check';
import { Flow, freeFlow, Pace } from '../../../agent/replication/flow.ts';
import type { DeviceId } from '../../../protocol/ids.ts';
import { sameEverywhere, startFleet } from '../../helpers/replication-fleet.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

test('whoever waits as told gets so many bytes a second, and never more than a burst ahead', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1024, max: 10_000_000 }),
      fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 10 }),
      (rate, sizes, pauses) => {
        const pace = new Pace();
        let nowMs = 5000;
        pace.set(rate, nowMs);
        let bytes = 0;
        for (const [at, size] of sizes.entries()) {
          nowMs += (pauses[at] ?? 0) + pace.waitMs(nowMs);
          t.is(pace.waitMs(nowMs), 0);
          // Before the last one was taken, the rate and a burst were kept.
          t.true(bytes <= (rate * (nowMs - 5000)) / 1000 + rate * 0.25 + 1);
          pace.take(size, nowMs);
          bytes += size;
        }
      },
    ),
  );
});

test('without a limit nothing waits', (t) => {
  const { in: pace } = freeFlow();
  pace.take(1e12, 0);
  t.is(pace.waitMs(0), 0);
});

test('what is held is told once, and kept', (t) => {
  const flow = new Flow({ held: [], outBytesPerSecond: 5000 }, 0);
  const device = '11'.repeat(16) as DeviceId;
  let told = 0;
  flow.onChange(() => (told += 1));
  t.true(flow.hold('in', device, true));
  t.false(flow.hold('in', device, true));
  t.is(told, 1);
  const again = new Flow(flow.settings(), 0);
  t.true(again.isHeld('in', device));
  t.false(again.isHeld('out', device));
  t.is(again.settings().outBytesPerSecond, 5000);
});

for (const side of ['down', 'up'] as const) {
  test(`a limit ${side} is kept, and taken away at once`, async (t) => {
    const fleet = await startFleet(`limit ${side}`, 2);
    const [a, b] = fleet.nodes;
    const random = seededRandom('content');
    const limited = side === 'down' ? b!.replication.flow : a!.replication.flow;
    const direction = side === 'down' ? 'in' : 'out';
    limited.limit(direction, 100_000, fleet.clock.monotonicMs());
    await a!.write({ chunks: Array.from({ length: 40 }, () => random.bytes(100_000)) });
    await fleet.clock.advance(10_000);
    const came = b!.happened.chunks;
    t.true(came >= 4 && came <= 13, `${String(came)} chunks in 10 s at a chunk a second`);
    limited.limit(direction, undefined, fleet.clock.monotonicMs());
    t.true(await fleet.clock.until(() => b!.happened.chunks === 40, 20_000));
    t.true(await sameEverywhere([a!, b!]));
    await fleet.close();
  });

  test(`a transfer that is held ${side} moves no content, changes travel, and it goes on`, async (t) => {
    const fleet = await startFleet(`held ${side}`, 2);
    const [a, b] = fleet.nodes;
    const random = seededRandom('content');
    const [holder, other] = side === 'down' ? [b!, a!] : [a!, b!];
    const direction = side === 'down' ? 'in' : 'out';
    holder.replication.flow.hold(direction, other.device, true);
    await a!.write({ chunks: Array.from({ length: 10 }, () => random.bytes(50_000)) });
    await fleet.clock.advance(20_000);
    t.is(b!.happened.chunks, 0);
    t.true(b!.happened.batches.length > 0);
    holder.replication.flow.hold(direction, other.device, false);
    t.true(await fleet.clock.until(() => b!.happened.chunks === 10, 40_000));
    await fleet.close();
  });
}
