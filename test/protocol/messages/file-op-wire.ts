/** New files straight into bytes, beside the generated encoder. */
import test from 'ava';
import fc from 'fast-check';
import { encodeFileOp } from '../../../protocol/messages/file-op-wire.ts';
import { opToWire } from '../../../protocol/messages/op-wire.ts';
import type { Content, MakeOp, Op } from '../../../protocol/messages/op.ts';
import type { ChunkId, EntryId, EpochId, NodeId, PlainId } from '../../../protocol/ids.ts';
import { peervault } from '../../../protocol/proto/journal.js';
import { exampleBase, exampleOps } from '../../helpers/op-examples.ts';

function hexOf<Id extends string>(bytes: number): fc.Arbitrary<Id> {
  const both = { minLength: bytes, maxLength: bytes };
  return fc.uint8Array(both).map((id) => Buffer.from(id).toString('hex') as Id);
}

function bytesOf(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
}

const uint32 = fc.nat(0xffff_ffff);
const contents: fc.Arbitrary<Content> = fc.oneof(
  fc.constant<Content>({ type: 'empty' }),
  fc.record({
    type: fc.constant('small' as const),
    size: fc.nat(4096),
    small: fc.record({
      record: hexOf<ChunkId>(32),
      salt: bytesOf(32, 32),
      hash: bytesOf(32, 32),
      epoch: fc.constant(exampleBase.epoch),
    }),
  }),
  fc.record({
    type: fc.constant('chunk' as const),
    size: fc.maxSafeNat(),
    chunk: fc.record({
      cid: hexOf<ChunkId>(32),
      pid: hexOf<PlainId>(32),
      epoch: fc.constant(exampleBase.epoch),
      format: uint32,
      plainLength: uint32,
      sealedLength: uint32,
    }),
  }),
);
const files: fc.Arbitrary<MakeOp> = fc.record({
  type: fc.constant('make' as const),
  node: hexOf<NodeId>(16),
  kind: fc.constant('file' as const),
  entry: hexOf<EntryId>(16),
  parent: hexOf<NodeId>(16),
  name: bytesOf(1, 255),
  attributes: fc.record(
    {
      mode: fc.nat(0o7777),
      mtime: fc.record({ seconds: fc.nat({ max: 2 ** 51 }), nanoseconds: fc.nat(999_999_999) }),
    },
    { requiredKeys: [] },
  ),
  content: contents,
});

/** What the generated encoder makes of it. */
function ordinary(op: Op): Buffer {
  const body = { ops: [opToWire(op, exampleBase)] };
  return Buffer.from(peervault.journal.BatchBody.encode(body).finish());
}

test('a new file becomes the bytes that the generated encoder makes of it', (t) => {
  fc.assert(
    fc.property(files, (op) => {
      t.deepEqual(encodeFileOp(op, exampleBase), ordinary(op));
    }),
    { numRuns: 500 },
  );
});

test('whatever is out of the ordinary is left to that encoder', (t) => {
  const [op] = fc.sample(files, { numRuns: 1, seed: 7 });
  const before = { attributes: { mtime: { seconds: -1, nanoseconds: 5 } } };
  const xattrs = new Map([['user.note', Buffer.from('x')]]);
  const epoch = 'e2'.repeat(32) as EpochId;
  const chunk = { cid: '1'.repeat(64), pid: '2'.repeat(64), epoch } as never;
  const others: Op[] = [
    ...exampleOps.filter(({ type }) => type !== 'make'),
    { ...op!, kind: 'directory' },
    { ...op!, ...before },
    { ...op!, attributes: { xattrs } },
    { ...op!, content: undefined },
    { ...op!, content: { type: 'chunk', size: 1, chunk } },
    { ...op!, content: { type: 'manifest', size: 1, manifest: chunk } },
    { ...op!, over: { entry: op!.entry, node: op!.node, heads: [] } },
    { ...op!, target: Buffer.from('elsewhere') },
  ];
  for (const each of others) t.is(encodeFileOp(each, exampleBase), undefined);
});
