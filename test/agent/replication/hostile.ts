import test from 'ava';
import { authorBatch } from '../../../agent/journal/author.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { idFromBytes, journalId, type VaultId } from '../../../protocol/ids.ts';
import { chunk, journal as journalLimits } from '../../../protocol/limits.ts';
import {
  decodeFetchRequest,
  encodeChunkHead,
  encodeUpdate,
  type OutgoingUpdate,
} from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallHandler, CallStream } from '../../../protocol/rpc/rpc.ts';
import {
  sameEverywhere,
  startFleet,
  type Fleet,
  type FleetNode,
} from '../../helpers/replication-fleet.ts';
import { chunkOf } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { smallVault } from '../../helpers/small-vault.ts';

/** Answers subscriptions in its own way, everything else honestly. */
function lyingPublisher(lie: (stream: CallStream) => Promise<void>): FleetNode {
  return {
    corrupt: (_peer, honest) => async (call) => {
      if (call.method !== peerMethods.subscribe) return honest(call);
      await lie(call.stream);
      return honest(call);
    },
  };
}

function lyingServer(fetch: CallHandler): FleetNode {
  return {
    corrupt: (_peer, honest) => (call) =>
      call.method === peerMethods.fetch ? fetch(call) : honest(call),
  };
}

function batchOf(identity: DeviceIdentity, vault: VaultId, sequence = 1): Buffer {
  return authorBatch({
    author: { vault, device: identity.device, sign: (bytes) => identity.signKey.sign(bytes) },
    header: {
      journal: journalId(identity.device, idFromBytes('incarnation', Buffer.alloc(8, 9))),
      sequence,
      previous: sequence === 1 ? undefined : idFromBytes('batch', Buffer.alloc(32, 3)),
      membershipHeads: [],
      epoch: idFromBytes('epoch', Buffer.alloc(32)),
      salt: Buffer.alloc(32, 1),
      chunksAdded: [],
      chunksReused: [],
      smallRecords: [],
    },
    body: { stamp: { wallMs: 1, counter: 0 }, lamport: 1, seen: [], ops: [] },
    opKey: Buffer.alloc(32),
  }).bytes;
}

async function sendBatch(
  stream: CallStream,
  bytes: Buffer,
  small: readonly Buffer[] = [],
): Promise<void> {
  await stream.sendMessage(
    encodeUpdate({
      type: 'batch',
      smallLengths: small.map(({ length }) => length),
      batchLength: bytes.length,
    }),
  );
  await stream.sendData(Buffer.concat([...small, bytes]));
}

/** Two honest devices, and one that lies; the first one has to name it. */
async function withLiar(seed: string, liar: (fleet: () => Fleet) => FleetNode): Promise<Fleet> {
  const made: { fleet?: Fleet } = {};
  made.fleet = await startFleet(seed, 3, (index) => (index === 2 ? liar(() => made.fleet!) : {}));
  return made.fleet;
}

function named(fleet: Fleet): string[] {
  const liar = fleet.nodes[2]!.device;
  return fleet.nodes[0]!.happened.misbehaved.filter(({ device }) => device === liar).map(
    ({ reason }) => reason,
  );
}

for (const [what, lie, reason] of [
  [
    'a wrong body of the right length',
    async ({ request, stream }) => {
      for (const id of decodeFetchRequest(request).ids) {
        await stream.sendMessage(encodeChunkHead({ id, length: 70_000 }));
        await stream.sendData(Buffer.alloc(70_000, 1));
      }
    },
    /not those of the chunk/,
  ],
  [
    'a chunk that is longer than any',
    async ({ request, stream }) => {
      const [id] = decodeFetchRequest(request).ids;
      await stream.sendMessage(encodeChunkHead({ id: id!, length: chunk.sealedBytesMax + 1 }));
      await stream.sendData(Buffer.alloc(1_000));
    },
    /too large/,
  ],
  [
    'another chunk than the one that was asked for',
    async ({ stream }) => {
      const other = chunkOf(Buffer.from('other'));
      await stream.sendMessage(encodeChunkHead({ id: other.id, length: 5 }));
      await stream.sendData(other.body);
    },
    /another chunk/,
  ],
  [
    'more bytes than announced',
    async ({ request, stream }) => {
      const [id] = decodeFetchRequest(request).ids;
      await stream.sendMessage(encodeChunkHead({ id: id!, length: 10 }));
      await stream.sendData(Buffer.alloc(11));
    },
    /more than it announced/,
  ],
  [
    'less bytes than announced',
    async ({ request, stream }) => {
      const [id] = decodeFetchRequest(request).ids;
      await stream.sendMessage(encodeChunkHead({ id: id!, length: 10 }));
      await stream.sendData(Buffer.alloc(9));
    },
    /less than it announced/,
  ],
  [
    'bytes without a head',
    async ({ stream }) => {
      await stream.sendData(Buffer.alloc(9));
    },
    /no head/,
  ],
] satisfies [string, CallHandler, RegExp][]) {
  test(`A device that sends ${what} is dropped and named, and the chunks come from another`, async (t) => {
    const fleet = await withLiar(`chunk ${what}`, () => lyingServer(lie));
    const [a, b, liar] = fleet.nodes;
    fleet.network.partition('host-0', 'host-1');
    await fleet.clock.advance(3_000);
    const random = seededRandom('content');
    // The liar has the chunks too; a cannot reach b, who wrote them, at first.
    const write = b!.write({ chunks: Array.from({ length: 5 }, () => random.bytes(70_000)) });
    await write;
    await fleet.introduce(b!, liar!);
    await fleet.clock.advance(20_000);
    t.is(a!.happened.chunks, 0);
    t.regex(named(fleet)[0] ?? '', reason);
    fleet.network.heal();
    t.true(await fleet.clock.until(() => a!.happened.chunks === 5, 90_000));
    t.is(a!.replication.state().missingChunks, 0);
    await fleet.close();
  });
}

const forgeries: [string, (fleet: Fleet, stream: CallStream) => Promise<void>, RegExp][] = [
  [
    'a batch whose signature is wrong',
    async (fleet, stream) => {
      const bytes = batchOf(fleet.vault.first, fleet.vault.log.vault);
      bytes[bytes.length - 1]! ^= 1;
      await sendBatch(stream, bytes);
    },
    /signature/,
  ],
  [
    'a batch of another vault',
    (fleet, stream) => sendBatch(stream, batchOf(fleet.vault.first, smallVault('other').log.vault)),
    /another vault/,
  ],
  [
    'a batch of somebody who is no member',
    (fleet, stream) =>
      sendBatch(stream, batchOf(smallVault('stranger').first, fleet.vault.log.vault)),
    /no member/,
  ],
  ['a batch that is noise', (_fleet, stream) => sendBatch(stream, Buffer.alloc(500, 0xff)), /sent/],
  [
    'a batch length beyond the limit',
    (_fleet, stream) =>
      stream.sendMessage(
        encodeUpdate({
          type: 'batch',
          smallLengths: [],
          batchLength: journalLimits.batchBytesMax + 1,
        }),
      ),
    /too large/,
  ],
  [
    'a batch length of zero',
    (_fleet, stream) =>
      stream.sendMessage(encodeUpdate({ type: 'batch', smallLengths: [], batchLength: 0 })),
    /too large/,
  ],
  [
    'a small record beyond the limit',
    (_fleet, stream) =>
      stream.sendMessage(
        encodeUpdate({
          type: 'batch',
          smallLengths: [chunk.smallRecordBytesMax + 1],
          batchLength: 10,
        }),
      ),
    /too large/,
  ],
  [
    'a small record that the batch does not name',
    (fleet, stream) =>
      sendBatch(stream, batchOf(fleet.vault.first, fleet.vault.log.vault), [
        Buffer.from('stowaway'),
      ]),
    /does not name/,
  ],
  [
    'data that belongs to nothing',
    (_fleet, stream) => stream.sendData(Buffer.alloc(10)),
    /belong to nothing/,
  ],
  ['a message that is noise', (_fleet, stream) => stream.sendMessage(Buffer.alloc(40, 0xff)), /./],
  [
    'a statement that is noise',
    (_fleet, stream) =>
      sendUpdate(stream, { type: 'statements', signed: [Buffer.alloc(40, 0xff)] }),
    /./,
  ],
  [
    'a forged address record',
    (fleet, stream) => {
      const [record] = fleet.nodes[1]!.peers.addressRecords();
      const forged = Buffer.from(record!);
      forged[forged.length - 1]! ^= 1;
      return sendUpdate(stream, { type: 'addresses', records: [forged] });
    },
    /address record/,
  ],
];

function sendUpdate(stream: CallStream, update: OutgoingUpdate): Promise<void> {
  return stream.sendMessage(encodeUpdate(update));
}

for (const [what, lie, reason] of forgeries) {
  test(`A device that sends ${what} is dropped and named, and nothing of it stays`, async (t) => {
    const fleet = await withLiar(`forgery ${what}`, (made) =>
      lyingPublisher((stream) => lie(made(), stream)),
    );
    await fleet.clock.advance(15_000);
    t.regex(named(fleet)[0] ?? 'nobody was named', reason);
    t.deepEqual(fleet.nodes[0]!.store.journals.tips(), []);
    await fleet.nodes[1]!.write({ chunks: [Buffer.alloc(70_000, 5)] });
    await fleet.clock.advance(5_000);
    t.true(await sameEverywhere([fleet.nodes[0]!, fleet.nodes[1]!]), 'the honest ones go on');
    await fleet.close();
  });
}

test('A batch whose predecessor is missing is not taken in, and its sender is not blamed', async (t) => {
  const fleet = await withLiar('gap', (made) =>
    lyingPublisher((stream) =>
      sendBatch(stream, batchOf(made().vault.first, made().vault.log.vault, 7)),
    ),
  );
  await fleet.clock.advance(10_000);
  t.deepEqual(named(fleet), []);
  t.deepEqual(fleet.nodes[1]!.store.journals.tips(), []);
  await fleet.close();
});

test('A batch of a device that may not write is not taken in', async (t) => {
  const reader: { identity?: DeviceIdentity } = {};
  const fleet = await withLiar('reader', (made) =>
    lyingPublisher((stream) =>
      sendBatch(stream, batchOf(reader.identity!, made().vault.log.vault)),
    ),
  );
  reader.identity = fleet.vault.admit('reader');
  await fleet.nodes[0]!.learn(fleet.vault.log.all());
  await fleet.clock.advance(10_000);
  t.deepEqual(fleet.nodes[1]!.store.journals.tips(), []);
  await fleet.close();
});

test('An author who is unknown at first is no reason to drop anybody when the statements come', async (t) => {
  const stranger = { identity: undefined as DeviceIdentity | undefined };
  const fleet = await withLiar('late statements', (made) =>
    lyingPublisher(async (stream) => {
      await sendBatch(stream, batchOf(stranger.identity!, made().vault.log.vault));
      await sendUpdate(stream, { type: 'statements', signed: made().vault.log.all() });
    }),
  );
  stranger.identity = fleet.vault.admit('writer');
  await fleet.clock.advance(10_000);
  t.deepEqual(named(fleet), []);
  t.is(fleet.nodes[0]!.store.journals.tips().length, 1);
  await fleet.close();
});

test('Two batches with one number show a fork, and both branches are kept and passed on', async (t) => {
  const fleet = await startFleet('fork', 2);
  const [a, b] = fleet.nodes;
  await a!.write();
  await fleet.clock.advance(3_000);
  fleet.network.partition('host-0', 'host-1');
  await a!.write({ small: [Buffer.from('one branch')] });
  // A connection this old gives way to a new one of the same device, whoever dialled.
  await fleet.clock.advance(11_000);
  // The same device, from a copy of its home, writes another second batch.
  const [first] = await batchesOf(a!.store.journals.read(a!.journal, 0));
  const copy = await fleet.add({ identity: a!.identity, host: 'host-9' });
  await copy.store.journals.append([first!]);
  Object.assign(copy, { journal: a!.journal });
  const other = authorBatch({
    author: {
      vault: fleet.vault.log.vault,
      device: a!.device,
      sign: (bytes) => a!.identity.signKey.sign(bytes),
    },
    header: {
      journal: a!.journal,
      sequence: 2,
      previous: first!.hash,
      membershipHeads: [],
      epoch: idFromBytes('epoch', Buffer.alloc(32)),
      salt: Buffer.alloc(32, 7),
      chunksAdded: [],
      chunksReused: [],
      smallRecords: [],
    },
    body: { stamp: { wallMs: 1, counter: 0 }, lamport: 1, seen: [], ops: [] },
    opKey: Buffer.alloc(32),
  });
  await copy.store.journals.append([
    {
      journal: a!.journal,
      sequence: 2,
      hash: other.hash,
      previous: first!.hash,
      bytes: other.bytes,
      small: [],
    },
  ]);
  await fleet.introduce(copy, b!);
  await fleet.clock.advance(10_000);
  t.is(b!.store.journals.tip(a!.journal)?.hash, other.hash);
  const closing = copy.close();
  await fleet.clock.advance(5_000);
  await closing;
  fleet.network.heal();
  t.true(await fleet.clock.until(() => b!.happened.forks.length > 0, 120_000));
  t.true(b!.happened.forks.includes(a!.journal));
  t.is(b!.store.journals.tip(a!.journal)?.hash, other.hash, 'nothing is replaced');
  await fleet.clock.advance(5_000);
  const own = a!.store.journals.tip(a!.journal);
  t.deepEqual(
    b!.store.journals.branches().map(({ hash }) => hash),
    [own!.hash],
    'the other branch stands beside it',
  );
  t.deepEqual(
    a!.store.journals.branches().map(({ hash }) => hash),
    [other.hash],
    'on the device itself as well',
  );
  t.is(b!.store.forks.all().length, 1);
  t.deepEqual(b!.store.forks.all(), a!.store.forks.all(), 'and both hold the proof');
  await a!.write();
  await fleet.clock.advance(5_000);
  t.is(b!.store.journals.branches()[0]?.sequence, 3, 'both go on');
  await fleet.close();
});

async function batchesOf<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

test('A peer that has more of the journal that we write is reported, and its batches are not taken', async (t) => {
  const fleet = await startFleet('tail cut', 2);
  const [a, b] = fleet.nodes;
  await a!.write();
  await a!.write();
  await fleet.clock.advance(3_000);
  const closing = a!.close();
  await fleet.clock.advance(5_000);
  await closing;
  // The tail of its journal is cut: only the first batch is left.
  const { createMemoryStore } = await import('../../../agent/store/memory-store.ts');
  const store = createMemoryStore();
  const [first] = await batchesOf(b!.store.journals.read(a!.journal, 0));
  await store.journals.append([first!]);
  const back = await fleet.add({ identity: a!.identity, store, host: 'host-0', port: 7600 });
  await fleet.introduce(back, b!);
  await fleet.clock.advance(5_000);
  t.true(back.happened.ownJournalAhead.includes(2));
  t.is(back.store.journals.tip(a!.journal)?.sequence, 1);
  await fleet.close();
});
