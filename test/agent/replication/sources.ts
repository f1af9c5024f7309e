import test from 'ava';
import type { LentBytes } from '../../../agent/ports.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { SealedChunk, WrittenChunks } from '../../../agent/store/store.ts';
import { isVaultError, type VaultError } from '../../../protocol/errors.ts';
import { decodeFetchRequest } from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallHandler } from '../../../protocol/rpc/rpc.ts';
import { sameEverywhere, startFleet, type FleetNode } from '../../helpers/replication-fleet.ts';
import { chunkOf, type TestNode } from '../../helpers/replication-node.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

/** Answers pings and everything else, but never a fetch. */
function hungServer(): FleetNode {
  return {
    corrupt: (_peer, honest) => (call) =>
      call.method === peerMethods.fetch
        ? new Promise((resolve) => {
            call.stream.signal.addEventListener('abort', () => {
              resolve();
            });
          })
        : honest(call),
  };
}

function counting(count: { fetches: number }): FleetNode {
  return {
    corrupt:
      (_peer, honest): CallHandler =>
      (call) => {
        if (call.method === peerMethods.fetch) count.fetches += 1;
        return honest(call);
      },
  };
}

function rowsIn(node: TestNode): Map<string, number> {
  const rows = node.replication.state().transfers.filter(({ direction }) => direction === 'in');
  return new Map(rows.map(({ device, chunksDone }) => [device, chunksDone]));
}

test('A peer that hangs does not hold up what another one has', async (t) => {
  const fleet = await startFleet('hung', 3, (index) => (index === 1 ? hungServer() : {}));
  const [a, hung, c] = fleet.nodes;
  const random = seededRandom('content');
  await fleet.clock.advance(3_000);
  fleet.network.partition('host-0', 'host-2');
  await a!.write({ chunks: Array.from({ length: 40 }, () => random.bytes(200_000)) });
  await fleet.clock.advance(5_000);
  fleet.network.heal();
  t.true(await fleet.clock.until(() => c!.happened.chunks === 40, 30_000));
  t.true(await sameEverywhere([a!, hung!, c!]));
  t.is(rowsIn(c!).get(hung!.device) ?? 0, 0);
  await fleet.close();
});

test('Two sources are used at once, and a chunk is rarely fetched twice', async (t) => {
  const counts = { fetches: 0 };
  const fleet = await startFleet('two sources', 2, () => counting(counts));
  const [a, b] = fleet.nodes;
  const random = seededRandom('content');
  await a!.write({ chunks: Array.from({ length: 200 }, () => random.bytes(150_000)) });
  t.true(await fleet.clock.until(() => b!.happened.chunks === 200, 30_000));
  await fleet.clock.advance(2_000);
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  await fleet.clock.advance(2_000);
  for (const host of ['host-0', 'host-1']) {
    fleet.network.link(host, 'host-2', { delayMs: 10, bytesPerSecond: 10_000_000 });
  }
  const late = await fleet.add({ identity, statements: fleet.vault.log.all() });
  await fleet.introduce(late, a!);
  await fleet.introduce(late, b!);
  t.true(await fleet.clock.until(() => late.happened.chunks >= 200, 30_000));
  const from = rowsIn(late);
  t.true((from.get(a!.device) ?? 0) > 50, `from a: ${String(from.get(a!.device))}`);
  t.true((from.get(b!.device) ?? 0) > 50, `from b: ${String(from.get(b!.device))}`);
  const sum = [...from.values()].reduce((x, y) => x + y, 0);
  t.true(sum <= 210, `${String(sum)} chunks came for 200`);
  await fleet.close();
});

test('A slow source does not keep the last chunks to itself', async (t) => {
  const fleet = await startFleet('slow tail', 2);
  const [a, b] = fleet.nodes;
  const random = seededRandom('content');
  await a!.write({ chunks: Array.from({ length: 60 }, () => random.bytes(100_000)) });
  t.true(await fleet.clock.until(() => b!.happened.chunks === 60, 30_000));
  await fleet.clock.advance(2_000);
  const identity = fleet.vault.admit('writer');
  await a!.learn(fleet.vault.log.all());
  await fleet.clock.advance(2_000);
  // 5 kB/s: what it was asked for first would take minutes.
  fleet.network.link('host-1', 'host-2', { delayMs: 20, bytesPerSecond: 5_000 });
  fleet.network.link('host-0', 'host-2', { delayMs: 5, bytesPerSecond: 5_000_000 });
  const late = await fleet.add({ identity, statements: fleet.vault.log.all() });
  await fleet.introduce(late, b!);
  await fleet.introduce(late, a!);
  t.true(await fleet.clock.until(() => late.happened.chunks >= 60, 25_000));
  t.is(late.replication.state().missingChunks, 0);
  await fleet.close();
});

test('A reader takes the source that answers fastest', async (t) => {
  const counts = { fetches: 0 };
  const fleet = await startFleet('fast source', 3, (index) =>
    index === 1 ? counting(counts) : {},
  );
  const [a, slow, reader] = fleet.nodes;
  fleet.network.link('host-1', 'host-2', { delayMs: 400 });
  fleet.network.link('host-0', 'host-2', { delayMs: 2 });
  await fleet.clock.advance(40_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  await slow!.store.chunks.write([chunk]);
  const before = counts.fetches;
  const startMs = fleet.clock.monotonicMs();
  const reading = reader!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 10_000 });
  let tookMs = 0;
  void reading.then(() => (tookMs = fleet.clock.monotonicMs() - startMs));
  await fleet.clock.advance(2_000);
  t.true((await reading).bytes.equals(chunk.body));
  t.true(tookMs < 100, `${String(tookMs)} ms`);
  t.is(counts.fetches, before, 'the slow one was not asked');
  t.true(reader!.store.chunks.has(chunk.id), 'and it is kept');
  await fleet.close();
});

test('A reader that asked a peer that hangs is served by another one after the hedging time', async (t) => {
  const fleet = await startFleet('hedge', 3, (index) => (index === 0 ? hungServer() : {}));
  const [hung, good, reader] = fleet.nodes;
  fleet.network.link('host-1', 'host-2', { delayMs: 100 });
  await fleet.clock.advance(40_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await hung!.store.chunks.write([chunk]);
  await good!.store.chunks.write([chunk]);
  const startMs = fleet.clock.monotonicMs();
  const reading = reader!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 20_000 });
  let tookMs = 0;
  void reading.then(() => (tookMs = fleet.clock.monotonicMs() - startMs));
  await fleet.clock.advance(12_000);
  t.true((await reading).bytes.equals(chunk.body));
  t.true(tookMs >= 5_000 && tookMs < 7_000, `${String(tookMs)} ms`);
  await fleet.close();
});

test('Readers of one chunk share one fetch, and one that leaves does not disturb the other', async (t) => {
  const counts = { fetches: 0 };
  const fleet = await startFleet('shared', 2, () => counting(counts));
  const [a, b] = fleet.nodes;
  fleet.network.link('host-0', 'host-1', { delayMs: 50 });
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  const abort = new AbortController();
  const leaving = b!.replication.fetch(chunk.id, {
    length: 80_000,
    timeoutMs: 5_000,
    signal: abort.signal,
  });
  const staying = b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 5_000 });
  abort.abort();
  const error = await t.throwsAsync(leaving);
  t.true(isVaultError(error, 'cancelled'));
  await fleet.clock.advance(3_000);
  t.deepEqual((await staying).bytes, chunk.body);
  t.is(counts.fetches, 1);
  await fleet.close();
});

test('A call that has brought the chunk is not given up', async (t) => {
  const { promise: looked, resolve: end } = Promise.withResolvers<undefined>();
  const signals: AbortSignal[] = [];
  const fleet = await startFleet('brought', 2, () => ({
    corrupt: (_peer, honest) => async (call) => {
      await honest(call);
      if (call.method !== peerMethods.fetch) return;
      signals.push(call.stream.signal);
      await looked;
    },
  }));
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  const reading = b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 5_000 });
  await fleet.clock.advance(1_000);
  t.deepEqual((await reading).bytes, chunk.body);
  t.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false],
  );
  end(undefined);
  await fleet.close();
});

test('A reader that leaves and comes again at once asks one peer, not one for each time', async (t) => {
  const counts = { fetches: 0 };
  const fleet = await startFleet('again', 3, () => counting(counts));
  const [a, b, reader] = fleet.nodes;
  for (const host of ['host-0', 'host-1']) fleet.network.link(host, 'host-2', { delayMs: 50 });
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  await b!.store.chunks.write([chunk]);
  const abort = new AbortController();
  const options = { length: 80_000, timeoutMs: 5_000 };
  const leaving = reader!.replication.fetch(chunk.id, { ...options, signal: abort.signal });
  await fleet.clock.advance(10);
  // Before the call of the first time has heard that it is over.
  const again = leaving.catch((error: unknown) => {
    t.true(isVaultError(error, 'cancelled'));
    return reader!.replication.fetch(chunk.id, options);
  });
  abort.abort();
  await fleet.clock.advance(3_000);
  t.deepEqual((await again).bytes, chunk.body);
  t.is(counts.fetches, 2, 'that of the first time and that of the second');
  await fleet.close();
});

test('A chunk that nobody here has is an error that names the devices that would have it', async (t) => {
  const fleet = await startFleet('missing', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  fleet.network.link('host-0', 'host-1', { delayMs: 10, bytesPerSecond: 20_000 });
  const random = seededRandom('content');
  const bodies = Array.from({ length: 10 }, () => random.bytes(100_000));
  await a!.write({ chunks: bodies });
  await fleet.clock.advance(1_500);
  fleet.network.partition('host-0', 'host-1');
  await fleet.clock.advance(60_000);
  t.is(b!.peers.peers().length, 0);
  const lacking = bodies.map(chunkOf).find(({ id }) => !b!.store.chunks.has(id))!;
  const reading = b!.replication.fetch(lacking.id, { length: 100_000, timeoutMs: 30_000 });
  const failed = t.throwsAsync(reading);
  await fleet.clock.advance(5_000);
  const error = (await failed) as VaultError;
  t.true(isVaultError(error, 'chunk-missing'));
  t.regex(error.detail ?? '', new RegExp(a!.device.slice(0, 8)));
  t.regex(error.next ?? '', /online/);
  await fleet.close();
});

test('A chunk that arrives with a peer that connects while somebody waits is found', async (t) => {
  const fleet = await startFleet('just in time', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  fleet.network.breakConnections('host-0', 'host-1');
  await fleet.clock.advance(10);
  t.is(b!.peers.peers().length, 0);
  const reading = b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 10_000 });
  await fleet.clock.advance(4_000);
  t.true((await reading).bytes.equals(chunk.body));
  await fleet.close();
});

test('A read that takes too long ends with a timeout that says who was asked', async (t) => {
  const fleet = await startFleet('too long', 2, (index) => (index === 0 ? hungServer() : {}));
  const [hung, reader] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await hung!.store.chunks.write([chunk]);
  const failed = t.throwsAsync(
    reader!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 2_000 }),
  );
  await fleet.clock.advance(3_000);
  const error = (await failed) as VaultError;
  t.true(isVaultError(error, 'timeout'));
  t.regex(error.detail ?? '', new RegExp(hung!.device.slice(0, 8)));
  await fleet.close();
});

test('A chunk that this disk lost is fetched again by the reader who finds out', async (t) => {
  const fleet = await startFleet('healed', 2);
  const [a, b] = fleet.nodes;
  const body = seededRandom('c').bytes(80_000);
  await a!.write({ chunks: [body] });
  await fleet.clock.advance(3_000);
  const { id } = chunkOf(body);
  await b!.store.chunks.quarantine(id, 'a test says so');
  t.false(b!.store.chunks.has(id));
  const reading = b!.replication.fetch(id, { length: 80_000, timeoutMs: 5_000 });
  await fleet.clock.advance(2_000);
  t.true((await reading).bytes.equals(body));
  t.true(b!.store.chunks.has(id));
  await fleet.close();
});

test('Prefetched chunks come before the rest of the backlog', async (t) => {
  const fleet = await startFleet('prefetch', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  fleet.network.link('host-0', 'host-1', { delayMs: 5, bytesPerSecond: 2_000_000 });
  const random = seededRandom('content');
  await a!.write({ chunks: Array.from({ length: 200 }, () => random.bytes(100_000)) });
  await fleet.clock.advance(1_500);
  const soon = Array.from({ length: 3 }, () => chunkOf(random.bytes(100_000)));
  await a!.store.chunks.write(soon);
  b!.replication.prefetch(soon.map(({ id, body }) => ({ id, length: body.length })));
  t.true(await fleet.clock.until(() => soon.every(({ id }) => b!.store.chunks.has(id)), 4_000));
  t.true(b!.happened.chunks < 190, `${String(b!.happened.chunks)} of the backlog were here before`);
  await fleet.close();
});

test('What is prefetched and then read comes once', async (t) => {
  const asked: string[] = [];
  const fleet = await startFleet('prefetch and read', 2, () => ({
    corrupt: (_peer, honest) => (call) => {
      if (call.method === peerMethods.fetch) asked.push(...decodeFetchRequest(call.request).ids);
      return honest(call);
    },
  }));
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  fleet.network.link('host-0', 'host-1', { delayMs: 5, bytesPerSecond: 4_000_000 });
  const random = seededRandom('content');
  const bodies = Array.from({ length: 100 }, () => random.bytes(100_000));
  await a!.write({ chunks: bodies });
  await fleet.clock.advance(500);
  const soon = bodies.slice(60, 80).map(chunkOf);
  b!.replication.prefetch(soon.map(({ id, body }) => ({ id, length: body.length })));
  const startMs = fleet.clock.monotonicMs();
  const reads = soon.map(({ id }) =>
    b!.replication.fetch(id, { length: 100_000, timeoutMs: 20_000 }),
  );
  let readMs = 0;
  void Promise.all(reads).then(() => (readMs = fleet.clock.monotonicMs() - startMs));
  t.true(await fleet.clock.until(() => b!.happened.chunks === 100, 30_000));
  t.deepEqual(
    (await Promise.all(reads)).map(({ bytes }) => chunkOf(bytes).id),
    soon.map(({ id }) => id),
  );
  t.is(new Set(asked).size, asked.length, 'no chunk was asked for twice');
  t.true(readMs > 0 && readMs < 1_500, `${String(readMs)} ms for half a second's worth of bytes`);
  await fleet.close();
});

test('What a reader asks for counts against the limit, though it does not wait for it', async (t) => {
  const fleet = await startFleet('reader pays', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  await a!.store.chunks.write([chunk]);
  b!.replication.flow.limit('in', 50_000, fleet.clock.monotonicMs());
  const reading = b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 5_000 });
  await fleet.clock.advance(200);
  t.true((await reading).bytes.equals(chunk.body));
  t.true(b!.replication.flow.in.waitMs(fleet.clock.monotonicMs()) > 1_000);
  await fleet.close();
});

test('What is on its way is not asked for again by who reads it, though a limit is set', async (t) => {
  const count = { fetches: 0 };
  const fleet = await startFleet('limited read', 2, () => counting(count));
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const chunk = chunkOf(seededRandom('c').bytes(80_000));
  fleet.network.link('host-0', 'host-1', { delayMs: 200, bytesPerSecond: 100_000 });
  await a!.store.chunks.write([chunk]);
  b!.replication.flow.limit('in', 50_000, fleet.clock.monotonicMs());
  b!.replication.prefetch([{ id: chunk.id, length: 80_000 }]);
  t.true(
    await fleet.clock.until(
      () => b!.replication.state().transfers.some(({ bytesQueued }) => bytesQueued > 0),
      1_000,
    ),
  );
  const reading = b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 5_000 });
  await fleet.clock.advance(2_000);
  t.true((await reading).bytes.equals(chunk.body));
  t.is(count.fetches, 1);
  await fleet.close();
});

for (const how of ['planned', 'read'] as const) {
  test(`A chunk that is written while somebody begins to read it comes once (${how})`, async (t) => {
    let asked = 0;
    const writes = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const store = createMemoryStore();
    const slow = {
      ...store,
      chunks: {
        ...store.chunks,
        async write(chunks: readonly SealedChunk[]): Promise<WrittenChunks> {
          begun.resolve(undefined);
          await writes.promise;
          return store.chunks.write(chunks);
        },
      },
    };
    const fleet = await startFleet(`late ${how}`, 2, (index) => ({
      ...(index === 1 ? { store: slow } : {}),
      corrupt: (_peer, honest) => (call) => {
        if (call.method === peerMethods.fetch) asked += 1;
        return honest(call);
      },
    }));
    const [a, b] = fleet.nodes;
    await fleet.clock.advance(3_000);
    const chunk = chunkOf(seededRandom('c').bytes(80_000));
    await a!.store.chunks.write([chunk]);
    const read = (): Promise<LentBytes> =>
      b!.replication.fetch(chunk.id, { length: 80_000, timeoutMs: 20_000 });
    if (how === 'planned') b!.replication.prefetch([{ id: chunk.id, length: 80_000 }]);
    else void read();
    await fleet.clock.until(() => asked > 0, 1_000);
    await fleet.clock.advance(100);
    await begun.promise;
    let late: Buffer | undefined;
    void read().then(({ bytes }) => (late = bytes));
    await fleet.clock.advance(2_000);
    t.true(late?.equals(chunk.body) === true, 'it comes before it is written');
    writes.resolve(undefined);
    await fleet.clock.advance(100);
    t.true(b!.store.chunks.has(chunk.id));
    t.is(asked, 1);
    await fleet.close();
  });
}

test('A missing chunk that this device writes itself is not missing any more', async (t) => {
  const fleet = await startFleet('own write', 2);
  const [a, b] = fleet.nodes;
  await fleet.clock.advance(3_000);
  const body = seededRandom('c').bytes(80_000);
  fleet.network.link('host-0', 'host-1', { delayMs: 10, bytesPerSecond: 5_000 });
  await a!.write({ chunks: [body] });
  await fleet.clock.advance(1_000);
  t.is(b!.replication.state().missingChunks, 1);
  await b!.write({ chunks: [body] });
  await fleet.clock.advance(2_000);
  t.is(b!.replication.state().missingChunks, 0);
  await fleet.close();
});
