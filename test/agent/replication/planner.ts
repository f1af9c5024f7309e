import test from 'ava';
import fc from 'fast-check';
import { Planner } from '../../../agent/replication/planner.ts';
import type { FetchCall } from '../../../agent/replication/lane.ts';
import { idFromBytes, type ChunkId, type DeviceId } from '../../../protocol/ids.ts';
import { KiB, replication as limits } from '../../../protocol/limits.ts';

const device = (n: number): DeviceId => idFromBytes('device', Buffer.alloc(16, n));
function id(n: number): ChunkId {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(n);
  return idFromBytes('chunk', bytes);
}
const wants = (count: number, length = 100 * KiB, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: id(from + index), length }));

function newPlanner(...peers: number[]): Planner {
  const planner = new Planner({ surelyHolds: () => false, rttMs: () => 10, startAt: 0 });
  for (const peer of peers) planner.addPeer(device(peer));
  return planner;
}

function answer(planner: Planner, peer: number, has: (id: ChunkId) => boolean): void {
  for (;;) {
    const ids = planner.nextQuestion(device(peer), 0);
    if (ids === undefined) return;
    planner.answer(device(peer), ids, (index) => has(ids[index]!));
  }
}

function callsOf(planner: Planner, peer: number, nowMs = 0): FetchCall[] {
  const calls: FetchCall[] = [];
  for (;;) {
    const call = planner.nextCall(device(peer), nowMs);
    if (call === undefined) return calls;
    calls.push(call);
  }
}

const idsOf = (calls: readonly FetchCall[]): ChunkId[] =>
  calls.flatMap(({ chunks }) => chunks.map((chunk) => chunk.id));

test('Questions come in groups of at most 1,024, one at a time', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(1_500));
  const first = planner.nextQuestion(device(1), 0);
  t.is(first?.length, limits.haveIdsMax);
  t.is(planner.nextQuestion(device(1), 0), undefined);
  planner.answer(device(1), first!, () => true);
  t.is(planner.nextQuestion(device(1), 0)?.length, 476);
});

test('Nothing is asked of a peer beyond its window, and the window starts at its least', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(100));
  answer(planner, 1, () => true);
  const bytes = callsOf(planner, 1)
    .flatMap(({ chunks }) => chunks)
    .reduce((sum, chunk) => sum + chunk.length, 0);
  t.true(bytes <= limits.inFlightBytesPerPeerMin + 100 * KiB, String(bytes));
  t.true(bytes >= limits.inFlightBytesPerPeerMin / 2, String(bytes));
});

test('Before its rate is known, the window grows by what comes, up to its bound', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(400));
  answer(planner, 1, () => true);
  const lane = planner.lane(device(1));
  const least = limits.inFlightBytesPerPeerMin;
  t.is(lane?.windowBytes(0, 1), least);
  lane?.meter.add(300 * KiB, 0);
  t.is(lane?.windowBytes(10, 1), least + 300 * KiB);
  lane?.meter.add(1024 * 1024 * KiB, 20);
  t.is(lane?.windowBytes(20, 1), limits.inFlightBytesPerPeerMax);
});

test('All peers together stay below the bound of the process', (t) => {
  const peers = Array.from({ length: 100 }, (_, index) => index + 1);
  const planner = newPlanner(...peers);
  planner.want(wants(2_000, 1024 * KiB));
  for (const peer of peers) answer(planner, peer, () => true);
  const bytes =
    peers.flatMap((peer) => callsOf(planner, peer)).flatMap(({ chunks }) => chunks).length *
    1024 *
    KiB;
  t.true(bytes <= limits.inFlightBytesMax + 1024 * KiB, String(bytes));
});

test('The rarest chunks are asked for first', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(10, 50 * KiB));
  answer(planner, 2, (one) => one !== id(7) && one !== id(8));
  answer(planner, 1, () => true);
  t.deepEqual(
    planner
      .nextCall(device(1), 0)
      ?.chunks.slice(0, 2)
      .map((chunk) => chunk.id),
    [id(7), id(8)],
  );
});

test('Two peers are never asked for the same chunk while both bring something', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(40, 50 * KiB));
  answer(planner, 1, () => true);
  answer(planner, 2, () => true);
  const ids = [...idsOf(callsOf(planner, 1)), ...idsOf(callsOf(planner, 2))];
  t.is(new Set(ids).size, ids.length);
  t.true(ids.length > 10);
});

test('What a call did not bring is free again', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(3, 50 * KiB));
  answer(planner, 1, () => true);
  answer(planner, 2, () => true);
  const [call] = callsOf(planner, 1);
  t.is(call?.chunks.length, 3);
  t.deepEqual(callsOf(planner, 2), []);
  planner.settle(id(0));
  planner.endCall(call!);
  t.deepEqual(idsOf(callsOf(planner, 2)), [id(1), id(2)]);
});

test('A call that stands still is hedged after five seconds and given up after a minute', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(2, 50 * KiB));
  answer(planner, 1, () => true);
  const [slow] = callsOf(planner, 1);
  answer(planner, 2, () => true);
  planner.tick(500);
  t.deepEqual(callsOf(planner, 2, 500), []);
  planner.tick(5_001);
  const [hedge] = callsOf(planner, 2, 5_001);
  t.is(hedge?.chunks.length, 2);
  t.deepEqual(callsOf(planner, 1, 5_001), [], 'the slow one is not asked for more');
  planner.settle(id(0));
  t.false(slow!.abort.signal.aborted);
  planner.settle(id(1));
  t.true(slow!.abort.signal.aborted, 'the loser is cancelled');
});

test('A call without any progress is aborted after a minute', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(2));
  answer(planner, 1, () => true);
  const [call] = callsOf(planner, 1);
  planner.tick(60_000);
  t.false(call!.abort.signal.aborted);
  planner.tick(60_001);
  t.true(call!.abort.signal.aborted);
});

test('At the end a free peer takes chunks from one that has had them for long', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(2, 50 * KiB));
  answer(planner, 1, () => true);
  answer(planner, 2, () => true);
  callsOf(planner, 1);
  t.deepEqual(callsOf(planner, 2, 900), []);
  t.is(idsOf(callsOf(planner, 2, 1_100)).length, 2);
});

test('A peer that goes leaves its work to the others', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(2, 50 * KiB));
  answer(planner, 1, () => true);
  answer(planner, 2, () => true);
  const [call] = callsOf(planner, 1);
  planner.removePeer(device(1));
  t.true(call!.abort.signal.aborted);
  t.is(idsOf(callsOf(planner, 2)).length, 2);
});

test('Chunks that nobody has make room, and are asked about again when somebody comes', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(6_000, 1 * KiB));
  answer(planner, 1, (one) => one === id(5_999));
  planner.tick(1);
  answer(planner, 1, (one) => one === id(5_999));
  planner.tick(2);
  answer(planner, 1, (one) => one === id(5_999));
  t.deepEqual(idsOf(callsOf(planner, 1)), [id(5_999)], 'the one behind thousands is found');
  planner.addPeer(device(2));
  answer(planner, 2, () => true);
  t.true(idsOf(callsOf(planner, 2)).length > 100);
});

test('What is read soon comes first also when it had been put aside', (t) => {
  const planner = newPlanner(1);
  const [read, ...others] = wants(20);
  planner.wantSoon([read!], 'read');
  answer(planner, 1, () => false);
  planner.tick(0);
  t.true(planner.stuck);
  planner.want(others);
  planner.addPeer(device(2));
  answer(planner, 2, () => true);
  t.is(idsOf(callsOf(planner, 2))[0], read!.id);
});

test('A peer that said no is asked again after it announced more', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(1));
  answer(planner, 1, () => false);
  t.is(planner.nextQuestion(device(1), 0), undefined);
  t.is(planner.answerOf(device(1), id(0)), false);
  planner.refresh(device(1));
  answer(planner, 1, () => true);
  t.is(planner.answerOf(device(1), id(0)), true);
  t.is(idsOf(callsOf(planner, 1)).length, 1);
});

test('Chunks that are read soon come first', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(100, 10 * KiB));
  planner.wantSoon(wants(3, 10 * KiB, 900), 'read');
  answer(planner, 1, () => true);
  t.deepEqual(
    planner
      .nextCall(device(1), 0)
      ?.chunks.slice(0, 3)
      .map((chunk) => chunk.id),
    [id(900), id(901), id(902)],
  );
});

test('Chunks that are read soon come first, in their order, also when they were wanted before', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(100, 10 * KiB));
  answer(planner, 1, () => true);
  planner.wantSoon(wants(1, 10 * KiB, 70), 'first');
  planner.wantSoon([...wants(2, 10 * KiB, 50), ...wants(1, 10 * KiB, 20)], 'read');
  const [read, others] = callsOf(planner, 1);
  t.deepEqual(idsOf([read!]), [id(50), id(51), id(20)]);
  t.is(idsOf([others!])[0], id(70));
});

test('While chunks are read from a peer, what nobody waits for keeps to the least', (t) => {
  const planner = newPlanner(1);
  planner.want(wants(400));
  answer(planner, 1, () => true);
  planner.lane(device(1))?.meter.add(1024 * 1024 * KiB, 0);
  planner.wantSoon(wants(2), 'read');
  const calls = callsOf(planner, 1);
  const bytes = idsOf(calls).length * 100 * KiB;
  t.deepEqual(idsOf(calls).slice(0, 2), [id(0), id(1)]);
  t.true(bytes <= limits.inFlightBytesPerPeerMin + 100 * KiB, String(bytes));
  for (const index of [0, 1]) planner.settle(id(index));
  t.true(idsOf(callsOf(planner, 1)).length > 20, 'and then goes on');
});

test('A chunk that is read and long on its way from a slow peer is taken by another one, once', (t) => {
  const planner = newPlanner(1, 2);
  planner.want(wants(200));
  answer(planner, 1, () => true);
  planner.wantSoon(wants(2), 'read');
  const slow = callsOf(planner, 1)[0]!;
  t.deepEqual(idsOf([slow]), [id(0), id(1)]);
  answer(planner, 2, () => true);
  planner.progress(slow, 4_900);
  t.false(idsOf(callsOf(planner, 2, 4_900)).includes(id(0)), 'it may still come in time');
  planner.progress(slow, 5_001);
  for (const call of planner.lane(device(2))!.calls) planner.endCall(call);
  planner.settle(id(0));
  t.is(idsOf(callsOf(planner, 2, 5_001))[0], id(1));
  for (const call of [...planner.lane(device(2))!.calls].slice(1)) planner.endCall(call);
  t.false(idsOf(callsOf(planner, 2, 5_002)).includes(id(1)));
  t.true(planner.isComing(id(1), 5_002, () => false));
});

test('A chunk is coming when a peer brings it, or will bring it before others', (t) => {
  const planner = newPlanner(1);
  const isComing = (n: number, nowMs = 0, isFree = true): boolean =>
    planner.isComing(id(n), nowMs, () => isFree);
  planner.want(wants(60));
  t.false(isComing(0), 'nobody is known to have it');
  answer(planner, 1, (one) => one !== id(58));
  t.false(isComing(50), 'it may take long');
  planner.wantSoon(wants(9, 100 * KiB, 50), 'read');
  t.true(isComing(57));
  t.false(isComing(57, 0, false), 'it may not come from there');
  t.false(isComing(58), 'nobody has it');
  const calls = callsOf(planner, 1);
  t.true(isComing(50, 0, false), 'on its way it comes in any case');
  planner.tick(5_001);
  t.false(isComing(50, 5_001), 'who stands still brings nothing');
  t.false(isComing(57, 5_001));
  for (const call of calls) planner.endCall(call);
  t.true(isComing(57, 5_001));
  planner.lane(device(1))!.pausedUntilMs = 9_000;
  t.false(isComing(57, 5_001));
});

test('Whatever the peers have and lose, everything that one of them has is brought exactly once', (t) => {
  const peer = fc.record({
    has: fc.func(fc.boolean()),
    fails: fc.func(fc.integer({ min: 0, max: 9 })),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(peer, { minLength: 1, maxLength: 4 }),
      (count, peers) => {
        const planner = newPlanner(...peers.map((_, index) => index + 1));
        planner.want(wants(count, 70 * KiB));
        const brought = new Map<ChunkId, number>();
        let nowMs = 0;
        for (let round = 0; round < 400 && !planner.idle; round += 1) {
          nowMs += 100;
          planner.tick(nowMs);
          peers.forEach((one, index) => {
            answer(planner, index + 1, (chunk) => one.has(chunk));
            for (const call of callsOf(planner, index + 1, nowMs)) {
              for (const [place, chunk] of call.chunks.entries()) {
                if (one.fails(round, place) === 0 && round < 50) planner.lacks(call, chunk);
                else if (!chunk.settled) {
                  brought.set(chunk.id, (brought.get(chunk.id) ?? 0) + 1);
                  planner.settle(chunk.id);
                }
              }
              call.complete = true;
              planner.endCall(call);
            }
            planner.refresh(device(index + 1));
          });
        }
        const had = wants(count).filter((want) => peers.some((one) => one.has(want.id)));
        t.is(brought.size, had.length);
        t.true([...brought.values()].every((times) => times === 1));
      },
    ),
    { numRuns: 60 },
  );
});
