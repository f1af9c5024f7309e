import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import { KiB, MiB, rpc } from '../../../protocol/limits.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import { CreditPool } from '../../../protocol/rpc/credit.ts';
import { createPlainLink } from '../../../protocol/rpc/plain-link.ts';
import type { CallHandler, CallStream } from '../../../protocol/rpc/rpc.ts';
import { callUnary } from '../../../protocol/rpc/unary.ts';
import { createByteStreamPair, createRandom } from '../../helpers/byte-stream-pair.ts';
import { createRpcPair, noCalls } from '../../helpers/rpc-pair.ts';
import { createVirtualClock, quiet } from '../../helpers/virtual-clock.ts';

const echo: CallHandler = async ({ method, request, stream }) => {
  await stream.sendMessage(Buffer.concat([Buffer.from([method]), request]));
};

/** Sends back what comes in, item for item. */
const mirror: CallHandler = async ({ stream }) => {
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    if (item.type === 'message') await stream.sendMessage(item.bytes);
    else await stream.sendData(item.bytes);
  }
};

/** Takes the call and never does anything with it. */
const stuck: CallHandler = ({ stream }) =>
  new Promise((_, reject) => {
    stream.signal.addEventListener('abort', () => {
      reject(stream.signal.reason as Error);
    });
  });

test('a unary call brings back the one message that answers it', async (t) => {
  const { client } = createRpcPair(echo);
  const answer = await callUnary(client, { method: 7, request: Buffer.from('hello') });
  t.deepEqual(answer, Buffer.from('\x07hello'));
});

test('both sides can call each other at the same time', async (t) => {
  const { client, server } = createRpcPair(echo, { client: { onCall: echo } });
  const answers = await Promise.all([
    callUnary(client, { method: 1, request: Buffer.from('a') }),
    callUnary(server, { method: 2, request: Buffer.from('b') }),
  ]);
  t.deepEqual(
    answers.map((answer) => answer.toString('latin1')),
    ['\x01a', '\x02b'],
  );
});

test('the largest request and the largest message pass, one byte more is refused', async (t) => {
  const { client } = createRpcPair(async ({ request, stream }) => {
    await stream.sendMessage(request);
  });
  const largest = Buffer.alloc(rpc.messageBytesMax, 1);
  t.true(largest.equals(await callUnary(client, { method: 1, request: largest })));
  const tooLarge = Buffer.alloc(rpc.messageBytesMax + 1);
  await t.throwsAsync(client.call(1, tooLarge).receive(), { code: 'too-large' });
  const stream = client.call(1, Buffer.alloc(0));
  await t.throwsAsync(stream.sendMessage(tooLarge), { code: 'too-large' });
});

for (const bytes of [0, 1, 64_999, 65_000, 65_001, 3 * 1024 * 1024 + 7]) {
  test(`${String(bytes)} bytes of data arrive whole and in order`, async (t) => {
    const { client } = createRpcPair(mirror, { seed: bytes });
    const data = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at += 1) data[at] = (at * 31) ^ (at >> 8);
    const stream = client.call(1, Buffer.alloc(0));
    const sent = stream.sendData(data).then(() => {
      stream.end();
    });
    t.is(digest(await collect(stream)), digest(data));
    await sent;
  });
}

for (const [answerBytes, bytes, whole] of [
  [undefined, 2 * MiB, false],
  [2 * MiB + 64 * KiB, 2 * MiB, true],
  [100 * MiB, 3 * MiB, true],
  [100 * MiB, 5 * MiB, false],
] as const) {
  test(`of an answer of ${String(bytes)} bytes, ${String(answerBytes)} expected, ${whole ? 'all' : 'a part'} may come unread`, async (t) => {
    for (const requestBytes of [0, 30_000]) {
      let sent = false;
      const { client } = createRpcPair(async ({ stream }) => {
        await stream.sendData(Buffer.alloc(bytes, 3));
        sent = true;
      });
      const stream = client.call(1, Buffer.alloc(requestBytes), { answerBytes });
      await quiet();
      t.is(sent, whole);
      t.is(digest(await collect(stream)), digest(Buffer.alloc(bytes, 3)));
    }
  });
}

test('data of any length may be written over as soon as it is sent, also when the link is slow', async (t) => {
  const lengths = [1, 4_096, 64_999, 65_000, 65_001, 65_200, 65_400, 65_502, 65_600, 130_300];
  const clock = createVirtualClock();
  const [left, right] = createByteStreamPair();
  const client = createRpcConnection(createPlainLink(left), {
    role: 'initiator',
    clock,
    onCall: noCalls,
  });
  // Like a socket whose buffer is full: it looks at the bytes later.
  const slow = {
    ...right,
    send: (parts: readonly Uint8Array[]) => quiet().then(() => right.send(parts)),
  };
  createRpcConnection(createPlainLink(slow), {
    role: 'responder',
    clock,
    async onCall({ stream }) {
      for (const length of lengths) {
        const data = Buffer.alloc(length, 1);
        await stream.sendData(data);
        data.fill(2);
      }
    },
  });
  const stream = client.call(1, Buffer.alloc(0));
  let wrong = 0;
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    wrong += item.bytes.filter((byte) => byte !== 1).length;
  }
  t.is(wrong, 0);
});

test('property: messages and data of many streams at once arrive in order, in any cuts', async (t) => {
  const item = fc.record({
    type: fc.constantFrom('message' as const, 'data' as const),
    length: fc.oneof(
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 0, max: rpc.messageBytesMax }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(item, { maxLength: 12 }), { minLength: 1, maxLength: 8 }),
      fc.integer(),
      fc.constantFrom(1, 7, 300, 70_000),
      async (streams, seed, pieceBytesMax) => {
        const total = streams.flat().reduce((sum, { length }) => sum + length, 0);
        const { client } = createRpcPair(mirror, {
          seed,
          pieceBytesMax: total > 50_000 ? 70_000 : pieceBytesMax,
          roomBytes: 10_000,
        });
        await Promise.all(
          streams.map(async (items, index) => {
            const stream = client.call(1, Buffer.alloc(0));
            const expected = items
              .filter(({ type, length }) => type === 'message' || length > 0)
              .map(({ type, length }, at) => ({
                type,
                bytes: Buffer.alloc(length, index * 16 + at),
              }));
            const sending = (async () => {
              for (const { type, bytes } of expected) {
                if (type === 'message') await stream.sendMessage(bytes);
                else await stream.sendData(bytes);
              }
              stream.end();
            })();
            const got = await collectItems(stream);
            await sending;
            t.true(isDeepStrictEqual(joinData(got), joinData(expected)));
          }),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('an answer and the end of its call go out as one piece', async (t) => {
  const sends: number[] = [];
  const { client } = createRpcPair(echo, {
    onTheWay: (bytes, from) => {
      if (from === 1) sends.push(bytes.length);
      return bytes;
    },
  });
  await quiet();
  sends.length = 0;
  await callUnary(client, { method: 1, request: Buffer.from('x') });
  await quiet();
  // MESSAGE with two bytes, and END.
  t.deepEqual(sends, [6 + 2 + 6]);
});

test('what is queued while a batch goes out is not forgotten', async (t) => {
  const { client } = createRpcPair(echo);
  for (let turns = 0; turns < 12; turns += 1) {
    const first = callUnary(client, { method: 1, request: Buffer.alloc(1) });
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await Promise.all([first, callUnary(client, { method: 2, request: Buffer.alloc(1) })]);
  }
  t.pass();
});

test('sends that nobody waits for keep their order', async (t) => {
  const { client } = createRpcPair(mirror);
  const stream = client.call(1, Buffer.alloc(0));
  const sends = [
    stream.sendMessage(Buffer.from('one')),
    stream.sendData(Buffer.alloc(300_000, 2)),
    stream.sendMessage(Buffer.from('three')),
  ];
  stream.end();
  const got = joinData(await collectItems(stream));
  await Promise.all(sends);
  t.deepEqual(
    got.map(({ type, bytes }) => [type, bytes.length]),
    [
      ['message', 3],
      ['data', 300_000],
      ['message', 5],
    ],
  );
});

test('the bytes of a send may be used again as soon as it has resolved', async (t) => {
  const { client } = createRpcPair(mirror, { roomBytes: 1 << 20 });
  const stream = client.call(1, Buffer.alloc(0));
  const scratch = Buffer.alloc(1000);
  for (let turn = 0; turn < 5; turn += 1) {
    scratch.fill(turn);
    await stream.sendData(scratch);
  }
  stream.end();
  const got = await collect(stream);
  t.deepEqual([...new Set(got)], [0, 1, 2, 3, 4]);
});

test('a handler that throws a VaultError gives it to the caller field by field', async (t) => {
  const failure = new VaultError('disk-full', {
    op: 'store.write',
    subject: 'segments/1',
    detail: 'no room',
    next: 'free some',
  });
  const { client } = createRpcPair(() => Promise.reject(failure));
  const error = await t.throwsAsync(callUnary(client, { method: 1, request: Buffer.alloc(0) }));
  t.true(isVaultError(error, 'disk-full'));
  const { op, subject, detail, next } = error as VaultError;
  t.deepEqual(
    { op, subject, detail, next },
    {
      op: 'store.write',
      subject: 'segments/1',
      detail: 'no room',
      next: 'free some',
    },
  );
});

test('what an internal failure was about does not cross the wire', async (t) => {
  const failure = new VaultError('internal', {
    op: 'x.y',
    subject: '/home/secret',
    next: 'look into /home/secret',
    detail: 'it broke',
  });
  const { client } = createRpcPair(() => Promise.reject(failure));
  const error = await t.throwsAsync(callUnary(client, { method: 1, request: Buffer.alloc(0) }));
  const { code, op, subject, detail, next } = error as VaultError;
  t.deepEqual(
    { code, op, subject, detail, next },
    {
      code: 'internal',
      op: 'x.y',
      subject: undefined,
      detail: 'it broke',
      next: undefined,
    },
  );
});

test('an error that is no VaultError arrives as internal', async (t) => {
  const { client } = createRpcPair(() => Promise.reject(new TypeError('oops')));
  await t.throwsAsync(callUnary(client, { method: 1, request: Buffer.alloc(0) }), {
    code: 'internal',
  });
});

test('what was sent before a failure is received before it', async (t) => {
  const { client } = createRpcPair(async ({ stream }) => {
    await stream.sendMessage(Buffer.from('first'));
    throw new VaultError('not-found', { op: 'test' });
  });
  const stream = client.call(1, Buffer.alloc(0));
  await quiet();
  t.is((await stream.receive())?.bytes.toString(), 'first');
  await t.throwsAsync(stream.receive(), { code: 'not-found' });
});

test('a caller that cancels aborts the handler and fails its own stream at once', async (t) => {
  const { client } = createRpcPair(stuck, {});
  const controller = new AbortController();
  const stream = client.call(1, Buffer.alloc(0), { signal: controller.signal });
  const receiving = stream.receive();
  await quiet();
  controller.abort();
  await t.throwsAsync(receiving, { code: 'cancelled' });
});

test('the handler of a cancelled call sees its signal and its receive fail', async (t) => {
  const seen: unknown[] = [];
  const { client } = createRpcPair(async ({ stream }) => {
    stream.signal.addEventListener('abort', () => seen.push('aborted'));
    try {
      await stream.receive();
    } catch (error) {
      seen.push((error as VaultError).code);
      throw error;
    }
  });
  const stream = client.call(1, Buffer.alloc(0));
  await quiet();
  stream.fail(new VaultError('cancelled', { op: 'test' }));
  await quiet();
  t.deepEqual(seen, ['aborted', 'cancelled']);
});

test('a call whose signal is aborted before it starts never reaches the other side', async (t) => {
  let calls = 0;
  const { client } = createRpcPair(() => {
    calls += 1;
    return Promise.resolve();
  });
  const stream = client.call(1, Buffer.alloc(0), { signal: AbortSignal.abort() });
  await t.throwsAsync(stream.receive(), { code: 'cancelled' });
  await quiet();
  t.is(calls, 0);
});

test('a deadline fails the call on both sides and leaves no timer behind', async (t) => {
  let handlerSaw: string | undefined;
  const { client, clock } = createRpcPair(async ({ stream }) => {
    await stream.receive().catch((error: unknown) => {
      handlerSaw = (error as VaultError).code;
    });
  });
  const idle = clock.pending;
  const stream = client.call(1, Buffer.alloc(0), { deadlineMs: 500 });
  const receiving = t.throwsAsync(stream.receive(), { code: 'timeout' });
  await clock.advance(499);
  t.is(handlerSaw, undefined);
  await clock.advance(1);
  await receiving;
  t.is(handlerSaw, 'timeout');
  t.is(clock.pending, idle);
});

test('a call that is done in time does not hear of its deadline', async (t) => {
  const { client, clock } = createRpcPair(echo);
  const stream = client.call(1, Buffer.from('x'), { deadlineMs: 10 });
  t.is((await stream.receive())?.bytes.length, 2);
  t.is(await stream.receive(), undefined);
  await clock.advance(20);
  t.is(await stream.receive(), undefined);
  t.false(stream.signal.aborted);
});

test('the answering side ends the call: the caller can send no more', async (t) => {
  const { client } = createRpcPair(() => Promise.resolve());
  const stream = client.call(1, Buffer.alloc(0));
  t.is(await stream.receive(), undefined);
  await t.throwsAsync(stream.sendMessage(Buffer.alloc(1)), { code: 'closed' });
});

test('data for a handler that returned early does not use up the connection', async (t) => {
  const { client } = createRpcPair(({ method, stream }) =>
    method === 1 ? Promise.resolve() : mirror({ method, stream, request: Buffer.alloc(0) }),
  );
  for (let turn = 0; turn < 40; turn += 1) {
    const stream = client.call(1, Buffer.alloc(0));
    await stream.sendData(Buffer.alloc(200_000)).catch(() => undefined);
  }
  const stream = client.call(2, Buffer.alloc(0));
  const sending = stream.sendData(Buffer.alloc(1_000_000)).then(() => {
    stream.end();
  });
  t.is((await collect(stream)).length, 1_000_000);
  await sending;
});

test('a sender stops at 256 KiB that nobody reads, and others go on', async (t) => {
  const { client } = createRpcPair(({ method, stream, request }) =>
    method === 1 ? stuck({ method, stream, request }) : mirror({ method, stream, request }),
  );
  const blocked: CallStream[] = [];
  const progress = [0, 0, 0];
  for (let index = 0; index < 3; index += 1) {
    const stream = client.call(1, Buffer.alloc(0));
    blocked.push(stream);
    void (async () => {
      for (;;) {
        await stream.sendData(Buffer.alloc(16_384));
        progress[index]! += 16_384;
      }
    })().catch(() => undefined);
  }
  await quiet();
  for (const bytes of progress) {
    t.true(bytes <= rpc.streamCreditBytesInitial);
    t.true(bytes >= rpc.streamCreditBytesInitial - 2 * 16_448);
  }
  const stream = client.call(2, Buffer.alloc(0));
  const sending = stream.sendData(Buffer.alloc(2_000_000)).then(() => {
    stream.end();
  });
  t.is((await collect(stream)).length, 2_000_000);
  await sending;
  for (const each of blocked) each.fail(new VaultError('cancelled', { op: 'test' }));
});

test('more calls at once than the limit are refused as overload, and later ones are not', async (t) => {
  const { client } = createRpcPair(stuck, { server: { limits: { streamsMax: 3 } } });
  const open = [1, 2, 3].map(() => client.call(1, Buffer.alloc(0)));
  await quiet();
  await t.throwsAsync(client.call(1, Buffer.alloc(0)).receive(), { code: 'overload' });
  open[0]!.fail(new VaultError('cancelled', { op: 'test' }));
  await quiet();
  const again = client.call(1, Buffer.alloc(0));
  const receiving = again.receive();
  await quiet();
  again.fail(new VaultError('cancelled', { op: 'test' }));
  await t.throwsAsync(receiving, { code: 'cancelled' });
});

test('a handler that goes on after its call was cancelled still counts', async (t) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { client } = createRpcPair(() => held, { server: { limits: { streamsMax: 1 } } });
  const first = client.call(1, Buffer.alloc(0));
  await quiet();
  first.fail(new VaultError('cancelled', { op: 'test' }));
  await quiet();
  await t.throwsAsync(client.call(1, Buffer.alloc(0)).receive(), { code: 'overload' });
  release();
  await quiet();
  t.is(await client.call(1, Buffer.alloc(0)).receive(), undefined);
});

test('close says why to the other side and fails what is open on both', async (t) => {
  const { client, server } = createRpcPair(stuck);
  const receiving = client.call(1, Buffer.alloc(0)).receive();
  const failed = t.throwsAsync(receiving, { code: 'closed' });
  await quiet();
  await server.close('replaced', 'by a newer one');
  await failed;
  const clientWhy = await client.closed;
  t.is(clientWhy.code, 'closed');
  t.regex(clientWhy.detail ?? '', /replaced, by a newer one/);
  t.is((await server.closed).code, 'closed');
  await t.throwsAsync(client.call(1, Buffer.alloc(0)).receive(), { code: 'closed' });
});

test('each goodbye has the code that its reason stands for', async (t) => {
  const codes = {
    'shutting-down': 'closed',
    rekey: 'closed',
    'protocol-error': 'peer-misbehaved',
    'not-member': 'not-member',
    replaced: 'closed',
    overload: 'overload',
  } as const;
  for (const reason of Object.keys(codes) as (keyof typeof codes)[]) {
    const { client, server } = createRpcPair(noCalls);
    await server.close(reason);
    t.is((await client.closed).code, codes[reason]);
  }
});

test('closing leaves no timer and gives all credit back to the pool', async (t) => {
  const pool = new CreditPool();
  const { client, server, clock } = createRpcPair(mirror, { server: { creditPool: pool } });
  const before = pool.freeBytes;
  const streams = Array.from({ length: 20 }, () => client.call(1, Buffer.alloc(0)));
  const failures = streams.map((stream) => t.throwsAsync(stream.receive()));
  await quiet();
  t.is(before - pool.freeBytes, 19 * rpc.streamCreditBytesInitial);
  await client.close('shutting-down');
  await server.closed;
  await Promise.all(failures);
  t.is(pool.freeBytes, rpc.processCreditBytesMax);
  t.is(clock.pending, 0);
});

test('a connection that is silent is pinged and stays; one that is cut off is dead after 45 s', async (t) => {
  let deaf = false;
  const { client, clock } = createRpcPair(noCalls, {
    onTheWay: (bytes) => (deaf ? Buffer.alloc(0) : bytes),
  });
  let gone: VaultError | undefined;
  void client.closed.then((error) => {
    gone = error;
  });
  await clock.advance(300_000);
  t.is(gone, undefined);
  deaf = true;
  await clock.advance(29_000);
  t.is(gone, undefined);
  await clock.advance(16_000);
  t.is(gone?.code, 'timeout');
});

test('the round trip is measured at the beginning', async (t) => {
  const { client } = createRpcPair(noCalls);
  t.is(client.rttMs, undefined);
  await quiet();
  t.is(client.rttMs, 0);
});

test('a close that the other side never hears still ends', async (t) => {
  const { client, clock } = createRpcPair(noCalls, { onTheWay: () => Buffer.alloc(0) });
  const closing = client.close('shutting-down');
  await clock.advance(2_000);
  await closing;
  t.is((await client.closed).code, 'closed');
});

test('property: whatever is flipped on the wire, both ends close or go on, and nothing hangs', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = createRandom(seed);
      const { client, server, clock } = createRpcPair(mirror, {
        seed,
        pieceBytesMax: 500,
        onTheWay(bytes) {
          if (random() < 0.7) return bytes;
          const changed = Buffer.from(bytes);
          changed[Math.floor(random() * changed.length)]! ^= 1 << Math.floor(random() * 8);
          return changed;
        },
      });
      const stream = client.call(1, Buffer.from('request'), { deadlineMs: 1000 });
      const sending = (async () => {
        for (let turn = 0; turn < 5; turn += 1) await stream.sendMessage(Buffer.alloc(100, turn));
        stream.end();
      })().catch(() => undefined);
      const receiving = collectItems(stream).catch(() => undefined);
      // A stream that is waiting for bytes that a flipped length promises ends with its deadline.
      await clock.advance(1_001);
      await Promise.all([sending, receiving]);
      const closing = Promise.all([client.close('shutting-down'), server.close('shutting-down')]);
      await clock.advance(2_001);
      await closing;
      t.is(clock.pending, 0);
    }),
    { numRuns: 150 },
  );
});

async function collectItems(stream: CallStream): Promise<{ type: string; bytes: Buffer }[]> {
  const items = [];
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    items.push(item);
  }
  return items;
}

async function collect(stream: CallStream): Promise<Buffer> {
  return Buffer.concat((await collectItems(stream)).map(({ bytes }) => bytes));
}

function joinData(
  items: readonly { type: string; bytes: Buffer }[],
): { type: string; bytes: Buffer }[] {
  const joined: { type: string; bytes: Buffer }[] = [];
  for (const { type, bytes } of items) {
    const last = joined.at(-1);
    if (type === 'data' && last?.type === 'data') last.bytes = Buffer.concat([last.bytes, bytes]);
    else joined.push({ type, bytes });
  }
  return joined;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
