import test from 'ava';
import { serveFetch, type ServeCounters } from '../../../agent/replication/serve.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { ReadBudget } from '../../../agent/store/read-budget.ts';
import type { Store } from '../../../agent/store/store.ts';
import { KiB, MiB, readAhead } from '../../../protocol/limits.ts';
import { decodeChunkHead, encodeFetchRequest } from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';
import { chunkOf } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('serve');
const chunks = Array.from({ length: 64 }, () => chunkOf(random.bytes(256 * KiB)));
const request = encodeFetchRequest({ ids: chunks.map(({ id }) => id) });

/** A store that counts what it gave out. */
async function countingStore(): Promise<{ store: Store; read: { bytes: number } }> {
  const inner = createMemoryStore();
  await inner.chunks.write(chunks);
  const read = { bytes: 0 };
  const counted: Store['chunks'] = {
    ...inner.chunks,
    async read(id, options) {
      const body = await inner.chunks.read(id, options);
      read.bytes += body.length;
      return body;
    },
  };
  return { store: { ...inner, chunks: counted }, read };
}

const freeGate = {
  isHeld: () => false,
  pieceBytes: () => undefined,
  nowMs: () => 0,
  take: () => Promise.resolve(),
};

function counters(budget: ReadBudget): ServeCounters {
  return {
    openFetches: 0,
    chunksDone: 0,
    bytesDone: 0,
    bytesQueued: 0,
    reads: budget.share(),
    onBytes: () => undefined,
    gate: freeGate,
  };
}

/** Reads an answer to its end. */
async function bytesOf(stream: CallStream): Promise<number> {
  let bytes = 0;
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    if (item.type === 'data') bytes += item.bytes.length;
    else decodeChunkHead(item.bytes);
  }
  return bytes;
}

async function settle(): Promise<void> {
  for (let round = 0; round < 200; round += 1) await new Promise(setImmediate);
}

test('Peers that ask for everything and read nothing hold a bounded amount, and others get theirs', async (t) => {
  const { store, read } = await countingStore();
  const budget = new ReadBudget();
  const peer = () => {
    const mine = counters(budget);
    return createRpcPair((call) => serveFetch(store, mine, call));
  };
  const stalled = Array.from({ length: 8 }, peer);
  const calls = stalled.flatMap(({ client }) =>
    Array.from({ length: 60 }, () => client.call(peerMethods.fetch, request)),
  );
  await settle();
  t.is(calls.length * chunks.length * 256 * KiB, 8 * 60 * 16 * MiB, 'it is 7.5 GiB that they want');
  const bound = readAhead.processBytesMax + stalled.length * readAhead.pieceBytesMax;
  // What has left was in the credit of a connection, and in what a stream takes before somebody reads.
  const left = stalled.length * 18 * MiB;
  t.true(read.bytes <= bound + left, `${String(read.bytes / MiB)} MiB were read`);
  t.true(read.bytes >= 8 * MiB);

  const honest = peer();
  const answer = honest.client.call(peerMethods.fetch, request);
  answer.end();
  t.is(await bytesOf(answer), 16 * MiB);
  await Promise.all(stalled.map(({ server }) => server.close('shutting-down')));
  await settle();
  t.is(budget.freeBytes, readAhead.processBytesMax, 'everything is given back');
});

test('A peer whose calls all wait for each other is served when it reads', async (t) => {
  const { store } = await countingStore();
  const budget = new ReadBudget(1 * MiB);
  const mine = counters(budget);
  const { client } = createRpcPair((call) => serveFetch(store, mine, call));
  const calls = Array.from({ length: 20 }, () => client.call(peerMethods.fetch, request));
  await settle();
  for (const call of calls) call.end();
  const all = await Promise.all(calls.map(bytesOf));
  t.true(all.every((bytes) => bytes === 16 * MiB));
  t.is(mine.openFetches, 0);
  t.is(mine.bytesQueued, 0);
  t.is(budget.freeBytes, 1 * MiB);
});
