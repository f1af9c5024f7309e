/** Calls over sealed records: the memory of records goes round, and nobody may see that. */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { RecordLink } from '../../../agent/peer/record-link.ts';
import { KiB } from '../../../protocol/limits.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import type { CallHandler, CallStream, RpcConnection } from '../../../protocol/rpc/rpc.ts';
import { createByteStreamPair } from '../../helpers/byte-stream-pair.ts';
import { noCalls } from '../../helpers/rpc-pair.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const nothing = Buffer.alloc(0);

function connect(seed: number, onCall: CallHandler): RpcConnection {
  const clock = createVirtualClock();
  const [left, right] = createByteStreamPair({ seed });
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const near = new RecordLink(left, { sendKey: one, receiveKey: other }, nothing);
  const far = new RecordLink(right, { sendKey: other, receiveKey: one }, nothing);
  createRpcConnection(far, { role: 'responder', clock, onCall });
  return createRpcConnection(near, { role: 'initiator', clock, onCall: noCalls });
}

/** Takes one answer: into its place, or item by item. All of it stands until the test looks at it. */
async function take(
  stream: CallStream,
  lengths: readonly number[],
  onBytes?: () => void,
): Promise<Buffer> {
  const found: Buffer[] = [];
  await stream.receiveBodies({
    get isDone() {
      return found.length === lengths.length;
    },
    onHead: () => {
      const length = lengths[found.length]!;
      const allocate = (): Buffer => Buffer.alloc(length, 0xee);
      return { length, allocate, ...(onBytes && { onBytes }) };
    },
    onBody: (whole) => found.push(whole),
  });
  return Buffer.concat(found);
}

async function takeItems(stream: CallStream): Promise<Buffer> {
  const found: Buffer[] = [];
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    if (item.type === 'data') found.push(item.bytes);
  }
  return Buffer.concat(found);
}

test('property: bodies stay what they were while the memory of records goes round', async (t) => {
  const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 * KiB }));
  const call = fc.record({
    lengths: fc.array(length, { minLength: 1, maxLength: 4 }),
    isPlaced: fc.boolean(),
    isLeftFirst: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      async (calls, seed) => {
        const data = calls.map(({ lengths }, index) =>
          lengths.map((each, at) => seededRandom(`${String(index)} ${String(at)}`).bytes(each)),
        );
        const connection = connect(seed, async ({ method, stream }) => {
          for (const body of data[method]!) {
            await stream.sendMessage(Buffer.from('head'));
            await stream.sendData(body);
          }
        });
        const taking = calls.map(async ({ lengths, isPlaced, isLeftFirst }, method) => {
          if (isLeftFirst) await leave(t, connection, { method, lengths });
          const stream = connection.call(method, nothing);
          return isPlaced ? take(stream, lengths) : takeItems(stream);
        });
        const found = await Promise.all(taking);
        t.true(found.every((each, index) => each.equals(Buffer.concat(data[index]!))));
        await connection.close('shutting-down');
      },
    ),
    { numRuns: 40 },
  );
});

/** Gives up a call while bytes of it are put into their place. */
async function leave(
  t: ExecutionContext,
  connection: RpcConnection,
  { method, lengths }: { readonly method: number; readonly lengths: readonly number[] },
): Promise<void> {
  const abort = new AbortController();
  const stream = connection.call(method, nothing, { signal: abort.signal });
  const taking = take(stream, lengths, () => {
    abort.abort();
  });
  await t.throwsAsync(taking, { code: 'cancelled' });
}
