import test from 'ava';
import fc from 'fast-check';
import { VaultError } from '../../../protocol/errors.ts';
import { KiB } from '../../../protocol/limits.ts';
import { Filling } from '../../../protocol/rpc/filling.ts';
import type { BodyReader, CallHandler, CallStream, DataSink } from '../../../protocol/rpc/rpc.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const nothing = Buffer.alloc(0);

function sinkOf(length: number, onBytes?: (bytes: number) => void): DataSink {
  return { length, allocate: () => Buffer.alloc(length, 0xee), ...(onBytes && { onBytes }) };
}

test('property: pieces fill the memory in order, whether they had a place before or not', async (t) => {
  const piece = fc.record({ bytes: fc.uint8Array({ minLength: 1 }), isPlaced: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1 }), async (pieces) => {
      const wanted = Buffer.concat(pieces.map(({ bytes }) => bytes));
      const told: number[] = [];
      const { promise, ...waiting } = Promise.withResolvers<Buffer>();
      const sink = sinkOf(wanted.length, (bytes) => told.push(bytes));
      const filling = new Filling(sink, waiting);
      for (const { bytes, isPlaced } of pieces) {
        t.false(filling.isOver);
        const place = isPlaced ? filling.place(bytes.length) : undefined;
        place?.set(bytes);
        filling.add({ type: 'data', bytes: place ?? Buffer.from(bytes) });
      }
      t.true(filling.isOver);
      t.deepEqual(await promise, wanted);
      t.deepEqual(
        told,
        pieces.map(({ bytes }) => bytes.length),
      );
    }),
  );
});

test('a place that is asked for and not used is that of the next bytes', async (t) => {
  const { promise, ...waiting } = Promise.withResolvers<Buffer>();
  const filling = new Filling(sinkOf(3), waiting);
  filling.place(2)?.fill(9);
  t.is(filling.place(4), undefined, 'more than belongs there');
  filling.add({ type: 'data', bytes: Buffer.from('abc') });
  t.is(String(await promise), 'abc');
});

test('no memory is taken before the first byte is here', async (t) => {
  let taken = 0;
  const { client } = createRpcPair(async ({ stream }) => {
    await stream.sendMessage(nothing);
  });
  const stream = client.call(1, nothing);
  await stream.receive();
  const receiving = stream.receiveData({
    length: 1,
    allocate() {
      taken += 1;
      return Buffer.alloc(1);
    },
  });
  await t.throwsAsync(receiving, { code: 'peer-misbehaved', message: /less than it announced/ });
  t.is(taken, 0);
});

/** Answers with bodies of these lengths, each behind a message. */
function bodies(lengths: readonly number[], whole: Buffer): CallHandler {
  return async ({ stream }) => {
    let at = 0;
    for (const length of lengths) {
      await stream.sendMessage(Buffer.from('head'));
      await stream.sendData(whole.subarray(at, at + length));
      at += length;
    }
  };
}

async function collect(stream: CallStream, lengths: readonly number[]): Promise<Buffer> {
  const found: Buffer[] = [];
  if (lengths.length % 2 === 0) {
    await stream.receiveBodies({
      get isDone() {
        return found.length === lengths.length;
      },
      onHead: () => sinkOf(lengths[found.length]!),
      onBody: (whole) => found.push(whole),
    });
    return Buffer.concat(found);
  }
  for (const length of lengths) {
    await stream.receive();
    found.push(await stream.receiveData(sinkOf(length)));
  }
  return Buffer.concat(found);
}

test('property: bodies of many streams at once arrive whole, in any cuts', async (t) => {
  const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 400 * KiB }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(length, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      async (streams, seed) => {
        const bytes = streams.map((lengths) => lengths.reduce((sum, each) => sum + each, 0));
        const data = bytes.map((count, index) => seededRandom(seed + index).bytes(count));
        const { client } = createRpcPair(
          (call) => bodies(streams[call.method]!, data[call.method]!)(call),
          { seed },
        );
        const found = await Promise.all(
          streams.map((lengths, index) => collect(client.call(index, nothing), lengths)),
        );
        t.true(found.every((each, index) => each.equals(data[index]!)));
      },
    ),
    { numRuns: 15 },
  );
});

test('what came before anybody waited for it is taken first', async (t) => {
  const data = seededRandom('early').bytes(200 * KiB);
  const { client } = createRpcPair(bodies([data.length], data));
  const stream = client.call(1, nothing);
  await stream.receive();
  // The answer of a later call is behind it.
  await client.call(1, nothing).receive();
  t.true((await stream.receiveData(sinkOf(data.length))).equals(data));
});

test('less or more than was announced is misbehaviour, and so is something else', async (t) => {
  const data = Buffer.alloc(100_000);
  for (const [announced, detail] of [
    [data.length + 1, /less than it announced/],
    [data.length - 1, /more than it announced/],
  ] as const) {
    const { client } = createRpcPair(bodies([data.length, 1], data));
    const stream = client.call(1, nothing);
    await stream.receive();
    await t.throwsAsync(stream.receiveData(sinkOf(announced)), {
      code: 'peer-misbehaved',
      message: detail,
    });
  }
});

test('whoever waits for bytes hears of a failure and of a connection that goes', async (t) => {
  const { client } = createRpcPair(async ({ method, stream }) => {
    await stream.sendData(Buffer.alloc(10));
    if (method === 1) throw new VaultError('chunk-missing', { op: 'test' });
    await new Promise(() => undefined);
  });
  const failing = client.call(1, nothing);
  await t.throwsAsync(failing.receiveData(sinkOf(20)), { code: 'chunk-missing' });
  await t.throwsAsync(failing.receiveData(sinkOf(20)), { code: 'chunk-missing' });
  const waiting = t.throwsAsync(client.call(2, nothing).receiveData(sinkOf(20)), {
    code: 'closed',
  });
  await client.close('shutting-down');
  await waiting;
});

test('a reader of bodies hears nothing after its end, and what it throws ends the reading', async (t) => {
  const data = Buffer.alloc(300);
  const { client } = createRpcPair(bodies([100, 100, 100], data));
  const stream = client.call(1, nothing);
  let heads = 0;
  const reader = (headsMax: number): BodyReader => ({
    get isDone() {
      return heads === headsMax;
    },
    onHead() {
      heads += 1;
      if (heads === 3) throw new VaultError('malformed', { op: 'test' });
      return heads === headsMax ? undefined : sinkOf(100);
    },
    onBody: () => undefined,
  });
  await stream.receiveBodies(reader(0));
  t.is(heads, 0);
  await stream.receiveBodies(reader(2));
  t.is(heads, 2);
  t.is((await stream.receive())?.bytes.length, 100);
  await t.throwsAsync(stream.receiveBodies(reader(9)), { code: 'malformed' });
});

test('bytes without a head, and an end before the last head, are misbehaviour', async (t) => {
  const { client } = createRpcPair(async ({ method, stream }) => {
    if (method === 1) await stream.sendData(Buffer.alloc(5));
  });
  for (const method of [1, 2]) {
    const reading = client.call(method, nothing).receiveBodies({
      isDone: false,
      onHead: () => undefined,
      onBody: () => undefined,
    });
    await t.throwsAsync(reading, { code: 'peer-misbehaved', message: /no head/ });
  }
});
