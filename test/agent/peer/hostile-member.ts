/**
 * A member that is authenticated and hostile, with bare frames on the secure channel: what it can make
 * another device do and keep, and that it is slowed down, thrown out and named.
 */
import test, { type ExecutionContext } from 'ava';
import { noiseKeyOf, type DeviceIdentity } from '../../../agent/members/identity.ts';
import { reachOut } from '../../../agent/peer/handshake.ts';
import type { SecureChannel } from '../../../agent/peer/secure-channel.ts';
import {
  encodeFrameHeader,
  FrameDecoder,
  type Frame,
  type FrameType,
} from '../../../protocol/frame.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { flood, MiB, rpc, wire } from '../../../protocol/limits.ts';
import {
  decodeCallHeader,
  decodeFailure,
  decodeGoodbye,
  encodeCallHeader,
} from '../../../protocol/messages/call.ts';
import {
  decodeFetchRequest,
  encodeChunkHead,
  encodeFetchRequest,
} from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import { recordGroups } from '../../helpers/record-groups.ts';
import { startFleet, type Fleet } from '../../helpers/replication-fleet.ts';
import { chunkOf } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

interface Hostile {
  readonly identity: DeviceIdentity;
  /** Everything that it was sent. */
  readonly heard: Frame[];
  /** Sends frames; false when nobody takes them any more. */
  send(...frames: readonly Buffer[]): Promise<boolean>;
  isOver(): boolean;
}

const frame = (type: FrameType, stream: number, body: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([encodeFrameHeader(type, stream, body.length), body]);
const call = (stream: number, method: number, request: Buffer): Buffer =>
  frame('open', stream, encodeCallHeader({ method, deadlineMs: 0, request }));

/** Becomes a member and connects to the first device. */
async function connect(fleet: Fleet, identity: DeviceIdentity): Promise<Hostile> {
  const [victim] = fleet.nodes;
  const { clock, network } = fleet;
  const authority = {
    ...victim!.authority,
    device: identity.device,
    noiseKey: noiseKeyOf(identity),
  };
  const connecting = (async (): Promise<SecureChannel> => {
    const signal = new AbortController().signal;
    const stream = await network
      .host('evil')
      .dial(victim!.peers.listening, { timeoutMs: 9_000, signal });
    const random = seededRandom('evil');
    return (await reachOut({ authority, clock, random, agent: 'evil/1' }, stream)).channel;
  })();
  await clock.advance(1_000);
  const channel = await connecting;
  const heard: Frame[] = [];
  let over = false;
  void (async () => {
    const decoder = new FrameDecoder();
    for (
      let piece = await channel.receive();
      piece !== undefined;
      piece = await channel.receive()
    ) {
      decoder.push(Buffer.from(piece));
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
        heard.push({ ...next, body: Buffer.from(next.body) });
      }
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      over = true;
      channel.destroy();
    });
  return {
    identity,
    heard,
    send: (...frames) =>
      channel.send(recordGroups(...frames)).then(
        () => !over,
        () => false,
      ),
    isOver: () => over,
  };
}

async function withHostile(seed: string, count = 2): Promise<{ fleet: Fleet; hostile: Hostile }> {
  const fleet = await startFleet(seed, count);
  await fleet.clock.advance(2_000);
  const identity = fleet.vault.admit('writer');
  for (const node of fleet.nodes) await node.learn(fleet.vault.log.all());
  return { fleet, hostile: await connect(fleet, identity) };
}

function isNamed(t: ExecutionContext, fleet: Fleet, { identity }: Hostile, reason: RegExp): void {
  const [victim] = fleet.nodes;
  const named = victim!.happened.misbehaved;
  t.deepEqual(
    named.map(({ device }) => device),
    [identity.device],
  );
  t.regex(named[0]?.reason ?? '', reason);
  const row = victim!.peers.book().find(({ device }) => device === identity.device);
  t.false(row?.online);
  t.regex(row?.trouble?.thrownOut?.reason ?? '', reason);
}

test('a member that floods is slowed down, then thrown out and named; the others are served', async (t) => {
  const { fleet, hostile } = await withHostile('flood');
  const [victim, honest] = fleet.nodes;
  let stream = 1;
  const flooding = (async () => {
    for (let goesOn = true; goesOn;) {
      const calls = Array.from({ length: 400 }, () => call((stream += 2), 99, Buffer.alloc(0)));
      goesOn = await hostile.send(...calls);
    }
  })();
  await fleet.clock.advance(4_000);
  t.deepEqual(victim!.happened.slowed, [hostile.identity.device]);
  t.deepEqual(victim!.happened.misbehaved, [], 'not at once');
  const answered = hostile.heard.filter(({ type }) => type === 'reset').length;
  t.true(answered * flood.workPerCall <= flood.workPerSecond * 6, `${String(answered)} in 4 s`);
  const row = victim!.peers.book().find(({ device }) => device === hostile.identity.device);
  t.true(row?.online);
  t.not(row?.trouble?.slowedAtMs, undefined);

  await honest!.write({ chunks: [Buffer.alloc(70_000, 7)] });
  t.true(await fleet.clock.until(() => victim!.happened.chunks === 1, 5_000));
  await fleet.clock.advance(20_000);
  await flooding;
  t.true(hostile.isOver());
  const goodbye = hostile.heard.find(({ type }) => type === 'goodbye');
  t.is(goodbye && decodeGoodbye(goodbye.body).reason, 'overload');
  isNamed(t, fleet, hostile, /floods/);

  const again = await connect(fleet, hostile.identity);
  await fleet.clock.advance(1_000);
  t.true(again.isOver(), 'it is not let in again at once');
  t.is(victim!.peers.peers().length, 1);
  await fleet.close();
});

test('a member whose frame is larger than any is thrown out and named', async (t) => {
  const { fleet, hostile } = await withHostile('oversized');
  const header = Buffer.from(encodeFrameHeader('data', 1, 8));
  header.writeUInt32BE(wire.frameBodyBytesMax + 1, header.length - 4);
  await hostile.send(header);
  await fleet.clock.advance(3_000);
  t.true(hostile.isOver());
  isNamed(t, fleet, hostile, /./);
  await fleet.close();
});

/** Answers every fetch with the bytes of one chunk, and never ends the call. */
async function answerWithoutEnd({ heard, send }: Hostile, body: Uint8Array): Promise<void> {
  const answered = new Set<number>();
  for (const { type, stream, body: request } of heard) {
    if (type !== 'open' || answered.has(stream)) continue;
    const header = decodeCallHeader(request);
    if (header.method !== peerMethods.fetch) continue;
    const [id] = decodeFetchRequest(header.request).ids;
    answered.add(stream);
    const head = frame('message', stream, encodeChunkHead({ id: id!, length: body.length }));
    await send(head, frame('data', stream, Buffer.from(body)));
  }
  heard.length = 0;
}

test('a member that never ends its answers keeps few calls open, and is thrown out and named', async (t) => {
  const { fleet, hostile } = await withHostile('no end', 1);
  const { replication, happened } = fleet.nodes[0]!;
  let chunks = 0;
  while (chunks <= rpc.streamsPerConnectionMax && happened.misbehaved.length === 0) {
    const { id, body } = chunkOf(seededRandom(`chunk ${String(chunks)}`).bytes(3_000));
    const reading = replication.fetch(id, { length: body.length, timeoutMs: 5_000 });
    await fleet.clock.advance(20);
    await answerWithoutEnd(hostile, body);
    await fleet.clock.advance(20);
    t.is(Buffer.compare(body, (await reading).bytes), 0, 'what it sent is right');
    chunks += 1;
  }
  t.is(chunks, rpc.streamsPerConnectionMax + 1);
  await fleet.clock.advance(3_000);
  t.true(hostile.isOver());
  isNamed(t, fleet, hostile, /more than 256 calls open/);
  await fleet.close();
});

/** Calls that stay open: each asks for a chunk that is here, and takes nothing. */
async function openCalls(
  { fleet, hostile }: { readonly fleet: Fleet; readonly hostile: Hostile },
  count: number,
): Promise<{ readonly streams: readonly number[]; readonly request: Buffer }> {
  const [victim] = fleet.nodes;
  const written = await victim!.write({ chunks: [seededRandom('chunk').bytes(900_000)] });
  const others = Array.from({ length: 999 }, (_, at) => idFromBytes('chunk', Buffer.alloc(32, at)));
  const request = encodeFetchRequest({ ids: [written.header.chunksAdded[0]!.id, ...others] });
  const streams = Array.from({ length: count }, (_, at) => 2 * at + 1);
  const sending = (async () => {
    for (const stream of streams) await hostile.send(call(stream, peerMethods.fetch, request));
  })();
  await fleet.clock.advance(3_000);
  await sending;
  return { streams, request };
}

test('of what a member sends on its own calls and nobody takes, little is kept', async (t) => {
  const { fleet, hostile } = await withHostile('unread');
  const { streams } = await openCalls({ fleet, hostile }, 10);
  const creditBytes = (): number =>
    hostile.heard
      .filter(({ type, stream }) => type === 'credit' && stream === 0)
      .reduce((sum, { body }) => sum + body.readUInt32BE(0), rpc.streamCreditBytesInitial);
  t.true(creditBytes() > 2 * MiB, 'it may send more than is kept');
  const piece = Buffer.alloc(60_000);
  const sending = (async () => {
    for (let round = 0; round < 4; round += 1)
      for (const stream of streams) await hostile.send(frame('data', stream, piece));
  })();
  await fleet.clock.advance(5_000);
  await sending;
  const resets = hostile.heard.filter(({ type }) => type === 'reset');
  const over = new Set(resets.map(({ stream }) => stream));
  t.true(resets.every(({ body }) => decodeFailure(body).code === 'overload'));
  const keptBytes = (streams.length - over.size) * 4 * piece.length;
  t.true(over.size > 0 && keptBytes <= rpc.peerQueueBytesMax, `${String(over.size)} are over`);
  t.false(hostile.isOver(), 'it kept to its credit');
  await fleet.close();
});

test('requests of open calls are bounded together, although no credit covers them', async (t) => {
  const { fleet, hostile } = await withHostile('requests');
  const { streams, request } = await openCalls({ fleet, hostile }, 60);
  const refused = hostile.heard.filter(({ type }) => type === 'reset');
  const open = streams.length - refused.length;
  t.true(open * request.length <= rpc.openRequestBytesMax, `${String(open)} calls are open`);
  t.true(open > 8, `${String(open)} calls are open`);
  t.true(refused.every(({ body }) => decodeFailure(body).code === 'overload'));
  await fleet.close();
});
