import test from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../../protocol/errors.ts';
import { idFromBytes, journalId, type ChunkId } from '../../../protocol/ids.ts';
import { journal, replication, rpc } from '../../../protocol/limits.ts';
import {
  decodeChunkHead,
  decodeFetchRequest,
  decodeHaveReply,
  decodeHaveRequest,
  decodeJoinReply,
  decodeJoinRequest,
  decodeSubscribeRequest,
  decodeUpdate,
  encodeChunkHead,
  encodeFetchRequest,
  encodeHaveReply,
  encodeHaveRequest,
  encodeJoinReply,
  encodeJoinRequest,
  encodeSubscribeRequest,
  encodeUpdate,
  type Position,
  type Update,
} from '../../../protocol/messages/peer.ts';
import { peervault } from '../../../protocol/proto/peer.js';

const bytesOf = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const chunkId = bytesOf(32).map((bytes) => idFromBytes('chunk', bytes));
const position: fc.Arbitrary<Position> = fc
  .tuple(bytesOf(16), bytesOf(8), fc.maxSafeNat(), fc.option(bytesOf(32), { nil: undefined }))
  .map(([device, incarnation, sequence, hash]) => ({
    journal: journalId(idFromBytes('device', device), idFromBytes('incarnation', incarnation)),
    sequence,
    hash: hash && idFromBytes('batch', hash),
  }));
const positions = fc.array(position, { maxLength: 5 });
const blobs = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 5 },
);
const update: fc.Arbitrary<Update> = fc.oneof(
  fc.record({ type: fc.constant('statements' as const), signed: blobs }),
  fc.record({
    type: fc.constant('batch' as const),
    smallLengths: fc.array(fc.nat(8192), { maxLength: 10 }),
    batchLength: fc.nat(1 << 20),
  }),
  fc.record({
    type: fc.constant('holdings' as const),
    applied: positions,
    complete: positions,
    freeBytes: fc.maxSafeNat(),
  }),
  fc.record({ type: fc.constant('addresses' as const), records: blobs }),
  fc.constant({ type: 'current' as const }),
);

test('property: every update survives the way to bytes and back', (t) => {
  fc.assert(
    fc.property(update, (value) => {
      t.deepEqual(decodeUpdate(encodeUpdate(value)), value);
    }),
    { numRuns: 500 },
  );
});

test('property: subscriptions, chunk requests and heads survive the way to bytes and back', (t) => {
  fc.assert(
    fc.property(
      fc.array(bytesOf(32), { maxLength: 5 }),
      positions,
      fc.array(chunkId, { maxLength: 20 }),
      fc.nat(2 ** 31),
      (heads, vector, ids, length) => {
        const subscribe = {
          statementHeads: heads.map((head) => idFromBytes('statement', head)),
          vector,
          more: length % 2 === 0,
          ...(length % 3 === 0 && { takesBare: true }),
        };
        t.deepEqual(decodeSubscribeRequest(encodeSubscribeRequest(subscribe)), subscribe);
        t.deepEqual(decodeHaveRequest(encodeHaveRequest({ ids })), { ids });
        t.deepEqual(decodeFetchRequest(encodeFetchRequest({ ids })), { ids });
        for (const id of ids) {
          t.deepEqual(decodeChunkHead(encodeChunkHead({ id, length })), { id, length });
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('property: both sides of joining survive the way to bytes and back', (t) => {
  fc.assert(
    fc.property(
      fc.tuple(bytesOf(16), bytesOf(32), bytesOf(32), bytesOf(64)),
      fc.string({ maxLength: 16 }),
      blobs,
      fc.boolean(),
      ([ticket, proof, signKey, signature], name, statements, more) => {
        const request = { ticket: idFromBytes('ticket', ticket), proof, signKey, signature, name };
        t.deepEqual(decodeJoinRequest(encodeJoinRequest(request)), request);
        for (const each of [proof, undefined]) {
          const addresses = statements.slice(1);
          const reply = { proof: each, waiting: !more, statements, addresses, more };
          t.deepEqual(decodeJoinReply(encodeJoinReply(reply)), reply);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a bitmap survives', (t) => {
  const bitmap = Buffer.from([1, 2, 255]);
  t.deepEqual(decodeHaveReply(encodeHaveReply({ bitmap })), { bitmap });
});

test('as many ids as allowed pass and fit into one message; one more is malformed', (t) => {
  const ids = (count: number): ChunkId[] => Array<ChunkId>(count).fill('ab'.repeat(32) as ChunkId);
  const most = encodeHaveRequest({ ids: ids(replication.haveIdsMax) });
  t.true(most.length <= rpc.messageBytesMax);
  t.is(decodeHaveRequest(most).ids.length, replication.haveIdsMax);
  t.throws(() => decodeHaveRequest(encodeHaveRequest({ ids: ids(replication.haveIdsMax + 1) })), {
    code: 'malformed',
  });
  t.throws(
    () => decodeFetchRequest(encodeFetchRequest({ ids: ids(replication.fetchIdsMax + 1) })),
    {
      code: 'malformed',
    },
  );
});

test('more positions or small records than allowed are malformed', (t) => {
  const one = { device: Buffer.alloc(16), incarnation: Buffer.alloc(8), sequence: 1 };
  const encode = (count: number): Uint8Array =>
    peervault.peer.SubscribeRequest.encode({ vector: Array(count).fill(one) }).finish();
  t.is(decodeSubscribeRequest(encode(journal.seenMax)).vector.length, journal.seenMax);
  t.throws(() => decodeSubscribeRequest(encode(journal.seenMax + 1)), { code: 'malformed' });
  const smallLengths = Array<number>(journal.opsPerBatchMax + 1).fill(1);
  t.throws(() => decodeUpdate(encodeUpdate({ type: 'batch', smallLengths, batchLength: 1 })), {
    code: 'malformed',
  });
});

test('ids of a wrong length are malformed', (t) => {
  const { HaveRequest, ChunkHead, JoinRequest } = peervault.peer;
  const short = Buffer.alloc(31);
  t.throws(() => decodeHaveRequest(HaveRequest.encode({ ids: short }).finish()), {
    code: 'malformed',
  });
  t.throws(() => decodeChunkHead(ChunkHead.encode({ id: short }).finish()), { code: 'malformed' });
  t.throws(() => decodeJoinRequest(JoinRequest.encode({}).finish()), { code: 'malformed' });
});

test('an update of no kind is malformed', (t) => {
  t.throws(() => decodeUpdate(Buffer.alloc(0)), { code: 'malformed' });
});

test('a sequence that no double can hold is malformed', (t) => {
  const vector = Buffer.from('120b18ffffffffffffffffff01', 'hex');
  t.throws(() => decodeSubscribeRequest(vector), { code: 'malformed' });
});

test('property: 10,000 changed messages are read or malformed, never anything else', (t) => {
  const decoders = [
    decodeUpdate,
    decodeSubscribeRequest,
    decodeHaveRequest,
    decodeJoinRequest,
    decodeJoinReply,
    decodeChunkHead,
  ];
  fc.assert(
    fc.property(
      update,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      }),
      (value, flips) => {
        const bytes = Buffer.from(encodeUpdate(value));
        for (const [at, mask] of flips) bytes[at % bytes.length]! ^= mask;
        for (const decode of decoders) {
          try {
            decode(bytes);
          } catch (error) {
            if (!isVaultError(error, 'malformed')) throw error;
          }
        }
      },
    ),
    { numRuns: 10_000 },
  );
  t.pass();
});
