import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { VaultError } from '../../../protocol/errors.ts';
import {
  encodeFrameHeader,
  FrameDecoder,
  type Frame,
  type FrameType,
} from '../../../protocol/frame.ts';
import { rpc } from '../../../protocol/limits.ts';
import {
  decodeFailure,
  decodeGoodbye,
  encodeCallHeader,
  encodeGoodbye,
} from '../../../protocol/messages/call.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import type { RpcOptions } from '../../../protocol/rpc/options.ts';
import { CreditPool } from '../../../protocol/rpc/credit.ts';
import { createPlainLink } from '../../../protocol/rpc/plain-link.ts';
import type { CallHandler, RpcConnection } from '../../../protocol/rpc/rpc.ts';
import { createByteStreamPair, type MemoryStream } from '../../helpers/byte-stream-pair.ts';
import { createVirtualClock, quiet, type VirtualClock } from '../../helpers/virtual-clock.ts';

/** A responder under test, and a bare stream to say anything to it. */
interface Victim {
  readonly clock: VirtualClock;
  readonly server: RpcConnection;
  readonly wire: MemoryStream;
  say(type: FrameType, stream: number, body?: Buffer): Promise<void>;
  /** All frames that it has sent so far. */
  heard(): readonly Frame[];
}

const open = encodeCallHeader({ method: 1, deadlineMs: 0, request: Buffer.alloc(0) });
const holds: CallHandler = ({ stream }) =>
  new Promise((_, reject) => {
    stream.signal.addEventListener('abort', () => {
      reject(stream.signal.reason as Error);
    });
  });

function createVictim(onCall: CallHandler = holds, options: Partial<RpcOptions> = {}): Victim {
  const clock = createVirtualClock();
  const [wire, stream] = createByteStreamPair({ roomBytes: 1 << 24 });
  const server = createRpcConnection(createPlainLink(stream), {
    role: 'responder',
    clock,
    onCall,
    ...options,
  });
  const frames: Frame[] = [];
  const decoder = new FrameDecoder();
  void (async () => {
    for (let piece = await wire.receive(); piece !== undefined; piece = await wire.receive()) {
      decoder.push(piece);
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(next);
    }
  })().catch(() => undefined);
  return {
    clock,
    server,
    wire,
    async say(type, id, body = Buffer.alloc(0)) {
      await wire.send([encodeFrameHeader(type, id, body.length), body]);
      await quiet();
    },
    heard: () => frames,
  };
}

async function isThrownOut(t: ExecutionContext, victim: Victim): Promise<void> {
  await quiet();
  const goodbye = victim.heard().find(({ type }) => type === 'goodbye');
  t.is(goodbye && decodeGoodbye(goodbye.body).reason, 'protocol-error');
  victim.wire.end();
  await quiet();
  t.is((await victim.server.closed).code, 'peer-misbehaved');
  t.is(victim.clock.pending, 0);
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const violations: readonly (readonly [string, readonly [FrameType, number, Buffer?][]])[] = [
  ['OPEN with a number of the other side', [['open', 2, open]]],
  [
    'OPEN of a stream that is open',
    [
      ['open', 1, open],
      ['open', 1, open],
    ],
  ],
  [
    'OPEN of a number below the last one',
    [
      ['open', 5, open],
      ['open', 3, open],
    ],
  ],
  ['OPEN without a header', [['open', 1, Buffer.from('ffffff', 'hex')]]],
  ['a message on a stream that never was', [['message', 1, Buffer.alloc(1)]]],
  ['a message on a stream of ours that never was', [['message', 2, Buffer.alloc(1)]]],
  ['an end of a stream that never was', [['end', 7]]],
  ['a reset of a stream that never was', [['reset', 7]]],
  ['credit for a stream that never was', [['credit', 7, u32(1)]]],
  ['a credit of nothing', [['credit', 0, u32(0)]]],
  [
    'credit that never ends',
    [
      ['credit', 0, u32(0x7fffffff)],
      ['credit', 0, u32(0x7fffffff)],
    ],
  ],
  [
    'credit that never ends on a stream',
    [
      ['open', 1, open],
      ['credit', 1, u32(0x7fffffff)],
      ['credit', 1, u32(0x7fffffff)],
    ],
  ],
  [
    'END twice',
    [
      ['open', 1, open],
      ['end', 1],
      ['end', 1],
    ],
  ],
  [
    'data after END',
    [
      ['open', 1, open],
      ['end', 1],
      ['data', 1, Buffer.alloc(1)],
    ],
  ],
  [
    'a reset that cannot be read',
    [
      ['open', 1, open],
      ['reset', 1, Buffer.from('ff', 'hex')],
    ],
  ],
  ['a goodbye that cannot be read', [['goodbye', 0, Buffer.from('ff', 'hex')]]],
];
for (const [name, frames] of violations) {
  test(`breaks the protocol: ${name}`, async (t) => {
    const victim = createVictim();
    for (const [type, stream, body] of frames) await victim.say(type, stream, body);
    await isThrownOut(t, victim);
  });
}

test('a sender that ignores its stream credit is thrown out at the first byte too much', async (t) => {
  const victim = createVictim();
  await victim.say('open', 1, open);
  const piece = Buffer.alloc(65_000);
  const frames = Math.floor(rpc.streamCreditBytesInitial / (piece.length + rpc.frameCostBytes));
  for (let count = 0; count < frames; count += 1) await victim.say('data', 1, piece);
  t.is(victim.heard().filter(({ type }) => type === 'goodbye').length, 0);
  await victim.say('data', 1, piece);
  await isThrownOut(t, victim);
});

test('empty messages cost credit too: nobody queues them without end', async (t) => {
  const victim = createVictim();
  await victim.say('open', 1, open);
  const empty = Buffer.concat([encodeFrameHeader('message', 1, 0)]);
  const many = rpc.streamCreditBytesInitial / rpc.frameCostBytes;
  await victim.wire.send(Array<Buffer>(many).fill(empty));
  await quiet();
  t.is(victim.heard().filter(({ type }) => type === 'goodbye').length, 0);
  await victim.say('message', 1);
  await isThrownOut(t, victim);
});

test('streams together may not send more than the connection has credit for', async (t) => {
  // No room in the pool: the connection keeps to its first 256 KiB.
  const victim = createVictim(holds, { creditPool: new CreditPool(0) });
  const piece = Buffer.alloc(60_000);
  for (const id of [1, 3]) await victim.say('open', id, open);
  for (const id of [1, 3, 1, 3]) await victim.say('data', id, piece);
  t.is(victim.heard().filter(({ type }) => type === 'goodbye').length, 0);
  await victim.say('data', 1, piece);
  await isThrownOut(t, victim);
});

test('calls that are opened and reset without end do not run more handlers than the limit', async (t) => {
  let running = 0;
  let most = 0;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const victim = createVictim(async () => {
    running += 1;
    most = Math.max(most, running);
    await held;
    running -= 1;
  });
  const refused = Buffer.alloc(0);
  for (let id = 1; id < 2000; id += 2) {
    await victim.wire.send([
      encodeFrameHeader('open', id, open.length),
      open,
      encodeFrameHeader('reset', id, 0),
      refused,
    ]);
  }
  await quiet();
  t.is(most, rpc.streamsPerConnectionMax);
  const resets = victim.heard().filter(({ type }) => type === 'reset');
  t.is(resets.length, 1000 - rpc.streamsPerConnectionMax);
  t.is(decodeFailure(resets[0]!.body).code, 'overload');
  release();
  await quiet();
  t.is(running, 0);
});

test('a side that asks for answers and does not read them is thrown out at 1 MiB', async (t) => {
  const clock = createVirtualClock();
  const [wire, stream] = createByteStreamPair({ roomBytes: 1000 });
  const server = createRpcConnection(createPlainLink(stream), {
    role: 'responder',
    clock,
    onCall: holds,
  });
  let sent = 0;
  const flooding = (async () => {
    const ping = Buffer.concat([encodeFrameHeader('ping', 0, 8), Buffer.alloc(8)]);
    for (;;) {
      await wire.send(Array<Buffer>(1000).fill(ping));
      sent += 1000;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })().catch(() => undefined);
  while (sent < 100_000) await quiet();
  await clock.advance(2000);
  wire.destroy();
  t.is((await server.closed).code, 'peer-misbehaved');
  await flooding;
  t.true(sent * 14 < 3 * 1024 * 1024);
});

test('frames for a stream that is over are dropped without a word', async (t) => {
  const victim = createVictim(() => Promise.resolve());
  await victim.say('open', 1, open);
  await victim.say('data', 1, Buffer.alloc(1000));
  await victim.say('credit', 1, u32(5));
  await victim.say('reset', 1);
  await victim.say('end', 1);
  await victim.say('ping', 0, Buffer.from('abcdefgh'));
  const pong = victim.heard().find(({ type }) => type === 'pong');
  t.is(pong?.body.toString(), 'abcdefgh');
  t.is(victim.heard().filter(({ type }) => type === 'goodbye').length, 0);
});

test('a goodbye of a newer version still ends the connection', async (t) => {
  const victim = createVictim();
  const goodbye = encodeGoodbye('replaced', '');
  goodbye[1] = 99;
  await victim.say('goodbye', 0, goodbye);
  t.regex((await victim.server.closed).message, /does not know/);
});

test('an end in the middle of a frame is told apart from an end between frames', async (t) => {
  const victim = createVictim();
  await victim.wire.send([Buffer.from([1, 1])]);
  victim.wire.end();
  t.regex((await victim.server.closed).message, /middle of a frame/);
});

test('everything that was queued dies with the connection', async (t) => {
  const failures: string[] = [];
  const victim = createVictim(async ({ stream }) => {
    await new Promise((resolve) => {
      stream.signal.addEventListener('abort', resolve);
    });
    await stream.receive().catch((error: unknown) => failures.push((error as VaultError).code));
    await stream
      .sendMessage(Buffer.alloc(1))
      .catch((error: unknown) => failures.push((error as VaultError).code));
  });
  await victim.say('open', 1, open);
  await victim.say('data', 1, Buffer.alloc(1000));
  victim.wire.destroy();
  await quiet();
  t.deepEqual(failures, ['closed', 'closed']);
});

test('property: any frames in any order are answered or end the connection, and leave no timer', async (t) => {
  const anyFrame = fc.record({
    type: fc.constantFrom<FrameType>('open', 'message', 'data', 'credit', 'end', 'reset', 'ping'),
    stream: fc.integer({ min: 0, max: 6 }),
    length: fc.nat(30),
    fill: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { maxLength: 30 }), async (frames) => {
      const pool = new CreditPool();
      const victim = createVictim(
        async ({ stream }) => {
          while ((await stream.receive()) !== undefined);
          await stream.sendData(Buffer.alloc(10));
        },
        { creditPool: pool },
      );
      for (const { type, stream, length, fill } of frames) {
        const body = type === 'open' ? open : Buffer.alloc(length, fill);
        await victim.wire.send([encodeFrameHeader(type, stream, body.length), body]);
      }
      victim.wire.end();
      await victim.clock.advance(2000);
      t.true(['closed', 'peer-misbehaved'].includes((await victim.server.closed).code));
      t.is(victim.clock.pending, 0);
      t.is(pool.freeBytes, rpc.processCreditBytesMax);
    }),
    { numRuns: 500 },
  );
});
