import test from 'ava';
import { rpc, time } from '../../../protocol/limits.ts';
import { AwaitedEnds } from '../../../protocol/rpc/awaited-ends.ts';
import type { CallHandler, CallStream, DataSink } from '../../../protocol/rpc/rpc.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';
import { quiet } from '../../helpers/virtual-clock.ts';

const nothing = Buffer.alloc(0);
const head = Buffer.alloc(3);
const sink: DataSink = { length: 10, allocate: () => Buffer.alloc(10) };

/** Answers with one body, and then does `more` before it ends. */
const bodyThen =
  (more: (stream: CallStream) => Promise<void>): CallHandler =>
  async ({ stream }) => {
    await stream.sendMessage(head);
    await stream.sendData(Buffer.alloc(10));
    await more(stream);
  };

const never: CallHandler = bodyThen(
  (stream) =>
    new Promise((_, reject) => {
      stream.signal.addEventListener('abort', () => {
        reject(stream.signal.reason as Error);
      });
    }),
);

async function readBody(stream: CallStream): Promise<void> {
  let isDone = false;
  await stream.receiveBodies({
    get isDone() {
      return isDone;
    },
    onHead: () => sink,
    onBody: () => {
      isDone = true;
    },
  });
}

test('so many calls may miss their end and no more; one that is over makes room', (t) => {
  const ends = new AwaitedEnds();
  const [done] = Array.from({ length: rpc.streamsPerConnectionMax }, () => ends.begin());
  t.throws(() => ends.begin(), { code: 'peer-misbehaved', message: /more than 256 calls open/ });
  done!();
  ends.begin();
  t.throws(() => ends.begin(), { code: 'peer-misbehaved' });
});

test('an end that comes leaves no timer, before it is expected and after', async (t) => {
  const { client, clock } = createRpcPair(bodyThen(() => Promise.resolve()));
  const pings = clock.pending;
  for (let count = 0; count < 2 * rpc.streamsPerConnectionMax; count += 1) {
    const stream = client.call(1, nothing);
    await readBody(stream);
    if (count % 2 === 0) await quiet();
    stream.expectEnd();
  }
  await quiet();
  t.is(clock.pending, pings);
});

test('a call that is not ended is given up, and the other side hears of it', async (t) => {
  const { client, clock } = createRpcPair(never);
  const stream = client.call(1, nothing);
  await readBody(stream);
  stream.expectEnd();
  await clock.advance(time.callMs - 1);
  await quiet();
  t.false(stream.signal.aborted);
  await clock.advance(1);
  t.true(stream.signal.aborted);
  await t.throwsAsync(stream.receive(), { code: 'timeout' });
});

test('what comes instead of the end is kept by nobody and ends the connection', async (t) => {
  const { promise: expected, resolve: go } = Promise.withResolvers<undefined>();
  const { client } = createRpcPair(
    bodyThen(async (stream) => {
      await expected;
      await stream.sendData(Buffer.alloc(1));
    }),
  );
  const stream = client.call(1, nothing);
  await readBody(stream);
  stream.expectEnd();
  go(undefined);
  const reason = await client.closed;
  t.is(reason.code, 'peer-misbehaved');
  t.regex(reason.message, /more than the answer/);
});

test('what has come instead of the end already is thrown', async (t) => {
  const { client } = createRpcPair(bodyThen((stream) => stream.sendData(Buffer.alloc(1))));
  const stream = client.call(1, nothing);
  await readBody(stream);
  await quiet();
  t.throws(
    () => {
      stream.expectEnd();
    },
    { code: 'peer-misbehaved', message: /more than the answer/ },
  );
});
