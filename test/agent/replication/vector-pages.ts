import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { authorBatch } from '../../../agent/journal/author.ts';
import { encodePages, receivePages } from '../../../agent/replication/vector-pages.ts';
import type { StoredBatch } from '../../../agent/store/store.ts';
import { idFromBytes, journalId, type JournalId } from '../../../protocol/ids.ts';
import { replication as limits, rpc, time } from '../../../protocol/limits.ts';
import {
  decodeUpdate,
  encodeSubscribeRequest,
  type Position,
} from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallHandler } from '../../../protocol/rpc/rpc.ts';
import { boundStream } from '../../helpers/bound-stream.ts';
import { startFleet } from '../../helpers/replication-fleet.ts';
import type { TestNode } from '../../helpers/replication-node.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

function incarnation(n: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(n);
  return bytes;
}

/** Every field as long as it can be. */
function positions(count: number): Position[] {
  return Array.from({ length: count }, (_, n) => ({
    journal: journalId(
      idFromBytes('device', Buffer.alloc(16, 0xff)),
      idFromBytes('incarnation', incarnation(n)),
    ),
    sequence: Number.MAX_SAFE_INTEGER,
    hash: idFromBytes('batch', Buffer.alloc(32, n & 0xff)),
  }));
}

const heads = Array.from({ length: 64 }, (_, n) => idFromBytes('statement', Buffer.alloc(32, n)));

/** Sends pages as they are, and says what the other side made of them. */
async function pass(request: Buffer, pages: readonly Buffer[], end = true) {
  let made: Promise<unknown> = Promise.resolve();
  const pair = createRpcPair(async ({ request: got, stream }) => {
    made = receivePages({ request: got, stream }, pair.clock);
    await made;
  });
  const stream = pair.client.call(peerMethods.subscribe, request);
  for (const page of pages) await stream.sendMessage(page);
  if (end) stream.end();
  const answer = stream.receive().catch((error: unknown) => error);
  return { ...pair, answer, made: () => made };
}

test('A vector of any allowed length goes into messages that fit, and comes out the same', async (t) => {
  for (const count of [0, 1, 800, 801, 3_000, limits.positionsMax]) {
    const vector = positions(count);
    const { request, pages } = encodePages({ heads, vector });
    t.true([request, ...pages].every(({ length }) => length + 32 <= rpc.messageBytesMax));
    const { answer, made } = await pass(request, pages);
    t.is(await answer, undefined, String(count));
    t.true(isDeepStrictEqual(await made(), { heads, vector, takesBare: true }));
  }
});

test('Nobody can say more than is allowed, or nothing for ever', async (t) => {
  const { request, pages } = encodePages({ heads, vector: positions(limits.positionsMax + 1) });
  const long = await pass(request, pages);
  t.like(await long.answer, { code: 'peer-misbehaved' });
  const page = encodeSubscribeRequest({ statementHeads: [], vector: [], more: true });
  const empty = await pass(page, [page, page]);
  t.like(await empty.answer, { code: 'peer-misbehaved' });
  const cut = await pass(page, []);
  t.like(await cut.answer, { code: 'peer-misbehaved' });
});

test('A vector whose rest never comes is not waited for', async (t) => {
  const page = encodeSubscribeRequest({ statementHeads: [], vector: positions(1), more: true });
  const { clock, answer } = await pass(page, [page], false);
  await clock.advance(time.callMs + 1_000);
  t.like(await answer, { code: 'timeout' });
});

/** Batches number 1 of so many journals of one device. */
function manyJournals({ identity, members, membership }: TestNode, count: number): StoredBatch[] {
  const random = seededRandom('many journals');
  const { currentEpoch } = membership();
  return Array.from({ length: count }, (_, n) => {
    const journal: JournalId = journalId(
      identity.device,
      idFromBytes('incarnation', incarnation(n)),
    );
    const { hash, bytes } = authorBatch({
      author: {
        vault: members.vault,
        device: identity.device,
        sign: (signed) => identity.signKey.sign(signed),
      },
      header: {
        journal,
        sequence: 1,
        previous: undefined,
        membershipHeads: members.heads(),
        epoch: currentEpoch,
        salt: random.bytes(32),
        chunksAdded: [],
        chunksReused: [],
        smallRecords: [],
      },
      body: { stamp: { wallMs: 1, counter: 0 }, lamport: 1, seen: [], ops: [] },
      opKey: Buffer.alloc(32),
    });
    return { journal, sequence: 1, hash, previous: undefined, bytes, small: [] };
  });
}

/** Counts the batches that a device sends. */
function counting(sent: { batches: number }) {
  return (_peer: unknown, honest: CallHandler): CallHandler =>
    async (call) => {
      const stream = boundStream(call.stream);
      stream.sendMessage = async (bytes) => {
        if (call.method === peerMethods.subscribe && decodeUpdate(bytes).type === 'batch') {
          sent.batches += 1;
        }
        await call.stream.sendMessage(bytes);
      };
      await honest({ ...call, stream });
    };
}

test('3,000 journals are passed on once, and not again at the next connection', async (t) => {
  const sent = { batches: 0 };
  const fleet = await startFleet('3000', 2, (index) =>
    index === 0 ? { corrupt: counting(sent) } : {},
  );
  const [a, b] = fleet.nodes;
  await a!.store.journals.append(manyJournals(a!, 3_000));
  a!.replication.announce();
  t.true(await fleet.clock.until(() => b!.store.journals.tips().length === 3_000, 60_000));
  t.is(sent.batches, 3_000);
  await fleet.clock.advance(5_000);
  fleet.network.breakConnections('host-0', 'host-1');
  await fleet.clock.advance(10_000);
  t.is(b!.peers.peers().length, 1);
  await a!.write();
  t.true(await fleet.clock.until(() => b!.store.journals.tips().length === 3_001, 10_000));
  t.is(sent.batches, 3_001, 'and what is new arrives');
  t.deepEqual([a!.happened.misbehaved, b!.happened.misbehaved], [[], []]);
  t.is(b!.replication.state().behindOps, 0);
  await fleet.close();
});
