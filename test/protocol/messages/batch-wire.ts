import test from 'ava';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isVaultError } from '../../../protocol/errors.ts';
import { journal as limits } from '../../../protocol/limits.ts';
import {
  decodeBatch,
  decodeBatchBody,
  decodeBatchHeader,
  encodeBatchBody,
} from '../../../protocol/messages/batch-wire.ts';
import { opFromWire, opToWire } from '../../../protocol/messages/op-wire.ts';
import type { BatchBody } from '../../../protocol/messages/op.ts';
import { peervault } from '../../../protocol/proto/journal.js';
import { openBatch, verifyBatch } from '../../../agent/journal/verify.ts';
import { JournalAuthor, testOpKey, verifierOf } from '../../helpers/journal-author.ts';
import { exampleBase, exampleOps, laterOps } from '../../helpers/op-examples.ts';

const body: BatchBody = {
  stamp: { wallMs: 2 ** 48 - 1, counter: 65_535 },
  lamport: 2 ** 52,
  seen: [{ journal: exampleBase.journal, sequence: 12 }],
  ops: [...exampleOps, ...laterOps],
};

test('a body with every kind of operation reads back as it was', (t) => {
  t.deepEqual(decodeBatchBody(encodeBatchBody(body, exampleBase), exampleBase), body);
});

test('an operation that cannot be read keeps its place as unknown, and the others count', (t) => {
  const { Op } = peervault.journal;
  const badNode = {
    make: { ...opToWire(exampleOps[0]!, exampleBase).make, node: Buffer.alloc(15) },
  };
  t.deepEqual(opFromWire(badNode, exampleBase), { type: 'unknown' });
  const badKind = { make: { ...opToWire(exampleOps[0]!, exampleBase).make, kind: 9 } };
  t.deepEqual(opFromWire(badKind, exampleBase), { type: 'unknown' });
  const sizeWithoutPlace = { write: { node: Buffer.alloc(16, 1), content: { size: 5 } } };
  t.deepEqual(opFromWire(sizeWithoutPlace, exampleBase), { type: 'unknown' });
  const newer = Buffer.from(Op.encode({}).finish());
  t.deepEqual(opFromWire(Op.decode(newer), exampleBase), { type: 'unknown' });
  const wire = peervault.journal.BatchBody.encode({
    ops: [badNode, opToWire(exampleOps[10]!, exampleBase)],
  });
  const read = decodeBatchBody(Buffer.from(wire.finish()), exampleBase);
  t.deepEqual(read.ops, [{ type: 'unknown' }, exampleOps[10]!]);
});

test('references are as short as they can be', (t) => {
  const [own, earlier, foreign] =
    opToWire(exampleOps[10]!, exampleBase).removeDirectory?.replaces ?? [];
  t.deepEqual(own, { sequence: 0, index: 0 });
  t.deepEqual(earlier, { sequence: 3, index: 2 });
  t.is(foreign?.device?.length, 16);
});

test('one operation or one seen journal more than the limit makes a body malformed', (t) => {
  const { BatchBody } = peervault.journal;
  const read = (ops: number, seen: number): unknown => {
    const wire = {
      ops: Array.from({ length: ops }, () => ({})),
      seen: Array.from({ length: seen }, () => body.seen[0]!),
    };
    const items = wire.seen.map(() => ({
      device: Buffer.alloc(16),
      incarnation: Buffer.alloc(8),
      sequence: 1,
    }));
    return decodeBatchBody(
      Buffer.from(BatchBody.encode({ ...wire, seen: items }).finish()),
      exampleBase,
    );
  };
  t.notThrows(() => read(limits.opsPerBatchMax, limits.seenMax));
  t.throws(() => read(limits.opsPerBatchMax + 1, 0), { message: /malformed/ });
  t.throws(() => read(0, limits.seenMax + 1), { message: /malformed/ });
});

test('numbers beyond 2^53 are refused', (t) => {
  const huge = Buffer.from([0x08, ...Array<number>(9).fill(0xff), 0x01]);
  t.throws(() => decodeBatchBody(huge, exampleBase), { message: /malformed/ });
});

test('whatever the bytes, decoding answers or refuses as malformed', (t) => {
  const valid = encodeBatchBody(body, exampleBase);
  const bent = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const copy = Buffer.from(valid);
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    });
  const bytes = fc.oneof(
    bent,
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      for (const decode of [
        () => decodeBatchBody(input, exampleBase),
        () => decodeBatchHeader(input),
        () => decodeBatch(input),
      ]) {
        try {
          decode();
        } catch (error) {
          if (!isVaultError(error, 'malformed', 'protocol-version')) throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('a header whose previous does not fit its sequence is malformed', (t) => {
  const { BatchHeader } = peervault.journal;
  const { headerBytes } = new JournalAuthor(1).write([]);
  const wire = BatchHeader.decode(headerBytes);
  const encode = (changes: object): Buffer =>
    Buffer.from(BatchHeader.encode({ ...wire, ...changes }).finish());
  t.notThrows(() => decodeBatchHeader(encode({})));
  const id = Buffer.alloc(32, 1);
  t.notThrows(() => decodeBatchHeader(encode({ sequence: 2, previous: id })));
  t.throws(() => decodeBatchHeader(encode({ sequence: 2 })), { message: /malformed/ });
  t.throws(() => decodeBatchHeader(encode({ previous: id })), { message: /malformed/ });
  t.throws(() => decodeBatchHeader(encode({ sequence: 0 })), { message: /malformed/ });
  t.throws(() => decodeBatchHeader(encode({ version: 2 })), { message: /version/ });
  t.throws(() => decodeBatchHeader(encode({ chunksAdded: Buffer.alloc(35) })), {
    message: /malformed/,
  });
  t.throws(() => decodeBatchHeader(encode({ chunksAdded: Buffer.alloc(36) })), {
    message: /malformed/,
  });
  t.throws(() => decodeBatchHeader(encode({ salt: Buffer.alloc(31) })), { message: /malformed/ });
});

test('batches of version 1 keep their bytes for ever', (t) => {
  const file = new URL('../../vectors/batch-v1/batches.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
    hash: string;
    bytes: string;
    body: string;
  }[];
  const author = new JournalAuthor(0xd1);
  const batches = [
    author.write(exampleOps),
    author.write([]),
    author.write(exampleOps.slice(0, 1)),
  ];
  t.is(vectors.length, batches.length);
  for (const [index, batch] of batches.entries()) {
    const vector = vectors[index]!;
    t.is(batch.bytes.toString('hex'), vector.bytes);
    t.is(batch.hash, vector.hash as never);
    const opened = openBatch(
      verifyBatch(Buffer.from(vector.bytes, 'hex'), verifierOf(author)),
      () => testOpKey,
    );
    if (opened.body.ops.length > 0) {
      t.is(encodeBatchBody(opened.body, opened.header).toString('hex'), vector.body);
    }
  }
});
