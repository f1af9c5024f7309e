import test from 'ava';
import { Guests } from '../../../agent/peer/guests.ts';
import type { Guest } from '../../../agent/peer/peer.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { connections, time } from '../../../protocol/limits.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import { CreditPool } from '../../../protocol/rpc/credit.ts';
import { createPlainLink } from '../../../protocol/rpc/plain-link.ts';
import type { CallHandler, RpcConnection } from '../../../protocol/rpc/rpc.ts';
import { createByteStreamPair, type MemoryStream } from '../../helpers/byte-stream-pair.ts';
import { createManualClock, type ManualClock } from '../../helpers/manual-clock.ts';

function guestOf(ticket: number, address = 'guest:1'): Guest {
  return {
    ticket: idFromBytes('ticket', Buffer.alloc(16, ticket)),
    noiseKey: Buffer.alloc(32),
    handshakeHash: Buffer.alloc(64),
    address,
  };
}

const never: CallHandler = () => new Promise(() => undefined);

interface House {
  readonly clock: ManualClock;
  readonly guests: Guests;
  readonly ended: string[];
  /** The other end of a guest that was let in. */
  enter(ticket: number): MemoryStream;
  /** A guest that speaks the protocol, and answers pings. */
  enterAndTalk(ticket: number): RpcConnection;
}

function house(handler: CallHandler = never): House {
  const clock = createManualClock();
  const ended: string[] = [];
  const guests = new Guests({
    clock,
    handler: () => handler,
    creditPool: new CreditPool(),
    onEnded: (_guest, reason) => ended.push(reason),
  });
  const enter = (ticket: number): MemoryStream => {
    const [theirs, ours] = createByteStreamPair();
    guests.admit(createPlainLink(ours), guestOf(ticket));
    return theirs;
  };
  return {
    clock,
    guests,
    ended,
    enter,
    enterAndTalk: (ticket) =>
      createRpcConnection(createPlainLink(enter(ticket)), {
        role: 'initiator',
        clock,
        onCall: never,
      }),
  };
}

/** Lets what is on its way arrive, without any time passing. */
async function settle(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
}

/** In steps, so that pings and their answers pass. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let done = 0; done < ms; done += 5_000) {
    clock.advance(Math.min(5_000, ms - done));
    await settle();
  }
}

test('A guest who talks and never joins has to go when the time is up', async (t) => {
  const { clock, ended, enterAndTalk } = house();
  const guest = enterAndTalk(1);
  let gone = false;
  void guest.closed.then(() => (gone = true));
  await pass(clock, time.guestMs - 1);
  t.false(gone, 'until then it may stay');
  await pass(clock, 5_000);
  t.true(gone);
  t.regex(ended.join(), /stays at most 120 s/);
});

test('A guest with an open call has to go as well, and its call fails', async (t) => {
  const { clock, enterAndTalk } = house();
  const guest = enterAndTalk(1);
  const call = guest.call(4, Buffer.alloc(0));
  const answer = call.receive().then(
    () => 'answered',
    () => 'failed',
  );
  await pass(clock, time.guestMs + 5_000);
  t.is(await answer, 'failed');
});

test('A guest who says nothing at all is gone sooner', async (t) => {
  const { clock, ended, enter } = house();
  const stream = enter(1);
  let gone = false;
  void stream.closed.then(() => (gone = true));
  // Nobody reads at the other end either: its link is only drained.
  void (async () => {
    while ((await stream.receive()) !== undefined);
    stream.destroy();
  })();
  await pass(clock, time.peerDeadMs + 5_000);
  t.true(gone);
  t.regex(ended.join(), /nothing heard/);
});

test('Slots that were taken are free again after the time', async (t) => {
  const { clock, ended, enterAndTalk } = house();
  const all = Array.from({ length: connections.guestsMax }, (_, at) => enterAndTalk(at));
  await settle();
  t.deepEqual(ended, []);
  const refused = await enterAndTalk(99).closed;
  t.regex(refused.detail ?? '', /too many guests/);
  await pass(clock, time.guestMs + 5_000);
  await Promise.all(all.map(({ closed }) => closed));
  ended.length = 0;
  enterAndTalk(99);
  await settle();
  t.deepEqual(ended, []);
});

test('One ticket does not take the slots of the others', async (t) => {
  const { enterAndTalk, ended } = house();
  for (let count = 0; count < connections.guestsPerTicketMax; count += 1) enterAndTalk(1);
  const refused = await enterAndTalk(1).closed;
  t.regex(refused.detail ?? '', /with this ticket/);
  ended.length = 0;
  enterAndTalk(2);
  await settle();
  t.deepEqual(ended, []);
});

test('A guest has a few calls open at once, not hundreds', async (t) => {
  let open = 0;
  const { enterAndTalk } = house(() => {
    open += 1;
    return new Promise(() => undefined);
  });
  const guest = enterAndTalk(1);
  const calls = Array.from({ length: 20 }, () => guest.call(4, Buffer.alloc(0)));
  const refused = calls.map((call) =>
    call.receive().then(
      () => 'answered',
      (error: { code: string }) => error.code,
    ),
  );
  await settle();
  t.is(open, connections.guestCallsMax);
  t.is(await refused.at(-1), 'overload');
});

test('Whoever left takes no timer along', async (t) => {
  const { clock, guests, enterAndTalk } = house();
  const guest = enterAndTalk(1);
  await settle();
  const closing = guests.close();
  await pass(clock, 5_000);
  await closing;
  await guest.closed;
  await pass(clock, 5_000);
  t.is(clock.waiting, 0);
});
