import test from 'ava';
import { authorBatch } from '../../../agent/journal/author.ts';
import { checkSuccessor } from '../../../agent/journal/successor.ts';
import { openBatch, verifyBatch, withoutOps } from '../../../agent/journal/verify.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { BatchHash, ChunkId, VaultId } from '../../../protocol/ids.ts';
import { journal as limits } from '../../../protocol/limits.ts';
import { decodeBatch, encodeBatch } from '../../../protocol/messages/batch-wire.ts';
import type { Op } from '../../../protocol/messages/op.ts';
import {
  bodyOf,
  JournalAuthor,
  testJournalEpoch,
  testOpKey,
  testVault,
  verifierOf,
} from '../../helpers/journal-author.ts';
import { exampleOps } from '../../helpers/op-examples.ts';

const ops: readonly Op[] = exampleOps;
const keyOf = (): Buffer => testOpKey;

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
  return 'nothing';
}

test('a batch comes back as it was written', (t) => {
  const author = new JournalAuthor(1);
  const chunk = { id: 'c1'.repeat(32) as ChunkId, length: 70_000 };
  const small = { id: 'c2'.repeat(32) as ChunkId, length: 90 };
  const lists = { chunksAdded: [chunk], chunksReused: [chunk, chunk], smallRecords: [small] };
  const written = author.write(ops, lists);
  const verified = verifyBatch(written.bytes, verifierOf(author));
  t.deepEqual(verified.header, written.header);
  t.is(verified.hash, written.hash);
  t.is(verified.author, author.device);
  t.deepEqual(openBatch(verified, keyOf).body, written.body);
});

test('a batch without operations has nothing sealed and needs no key to open', (t) => {
  const author = new JournalAuthor(1);
  const written = author.write([]);
  t.is(written.sealed.length, 0);
  const opened = openBatch(verifyBatch(written.bytes, verifierOf(author)), () => undefined);
  t.deepEqual(opened.body.ops, []);
});

test('every flipped bit makes a batch refused', (t) => {
  const author = new JournalAuthor(1);
  const { bytes } = author.write(ops.slice(0, 1));
  for (let at = 0; at < bytes.length; at += 1) {
    for (const mask of [1, 128]) {
      const bent = Buffer.from(bytes);
      bent[at] = bent[at]! ^ mask;
      t.throws(() => verifyBatch(bent, verifierOf(author)), { instanceOf: VaultError });
    }
  }
});

test('every cut makes a batch refused', (t) => {
  const author = new JournalAuthor(1);
  const { bytes } = author.write(ops.slice(0, 1));
  for (let length = 0; length < bytes.length; length += 1) {
    t.throws(() => verifyBatch(bytes.subarray(0, length), verifierOf(author)), {
      instanceOf: VaultError,
    });
  }
});

test('strangers, other vaults and wrong signatures are told apart', (t) => {
  const author = new JournalAuthor(1);
  const { bytes } = author.write(ops);
  t.is(
    code(() => verifyBatch(bytes, verifierOf())),
    'not-member',
  );
  const vault = '00'.repeat(32) as VaultId;
  t.is(
    code(() => verifyBatch(bytes, { ...verifierOf(author), vault })),
    'wrong-vault',
  );
  const wrongKey = { vault: testVault, memberOf: () => new JournalAuthor(2).signKey };
  t.is(
    code(() => verifyBatch(bytes, wrongKey)),
    'malformed',
  );
  t.is(
    code(() => verifyBatch(bytes, { vault: testVault, memberOf: () => Buffer.alloc(31) })),
    'malformed',
  );
});

test('a batch that is larger than the limit is refused before it is read', (t) => {
  const author = new JournalAuthor(1);
  t.is(
    code(() => verifyBatch(Buffer.alloc(limits.batchBytesMax + 1), verifierOf(author))),
    'too-large',
  );
  t.is(
    code(() => verifyBatch(Buffer.alloc(limits.batchBytesMax), verifierOf(author))),
    'malformed',
  );
});

test('without the key of the epoch a batch is not opened, with a wrong one it is damaged', (t) => {
  const author = new JournalAuthor(1);
  const verified = verifyBatch(author.write(ops).bytes, verifierOf(author));
  t.is(
    code(() => openBatch(verified, () => undefined)),
    'no-key',
  );
  t.is(
    code(() => openBatch(verified, () => Buffer.alloc(32, 8))),
    'damaged',
  );
  t.is(
    code(() => openBatch({ ...verified, sealed: Buffer.alloc(15) }, keyOf)),
    'damaged',
  );
  t.deepEqual(withoutOps(verified).body.ops, []);
});

test('the body opens only under its own header', (t) => {
  const author = new JournalAuthor(1);
  const first = author.write(ops);
  const second = author.write(ops);
  const mixed = { ...first, headerBytes: second.headerBytes };
  t.is(
    code(() => openBatch(mixed, keyOf)),
    'damaged',
  );
});

test('two batches of equal content have different bytes', (t) => {
  const author = new JournalAuthor(1);
  const header = author.nextHeader();
  const one = new JournalAuthor(1).write(ops, { ...header, salt: Buffer.alloc(32, 1) });
  const two = new JournalAuthor(1).write(ops, { ...header, salt: Buffer.alloc(32, 2) });
  t.notDeepEqual(one.sealed, two.sealed);
});

test('the author refuses what exceeds a bound: one more operation, one more id', (t) => {
  const many = (count: number): Op[] => Array.from({ length: count }, () => ({ type: 'unknown' }));
  t.is(
    new JournalAuthor(1).write(many(limits.opsPerBatchMax)).body.ops.length,
    limits.opsPerBatchMax,
  );
  t.is(
    code(() => new JournalAuthor(1).write(many(limits.opsPerBatchMax + 1))),
    'too-large',
  );
  const chunk = { id: 'c1'.repeat(32) as ChunkId, length: 1 };
  const chunksAdded = Array.from({ length: limits.idsPerBatchMax }, () => chunk);
  const full = new JournalAuthor(1).write([], { chunksAdded });
  t.is(
    verifyBatch(full.bytes, verifierOf(new JournalAuthor(1))).header.chunksAdded.length,
    limits.idsPerBatchMax,
  );
  t.is(
    code(() => new JournalAuthor(1).write([], { chunksAdded, chunksReused: [chunk] })),
    'too-large',
  );
  const large = new Map([['user.x', Buffer.alloc(limits.batchBytesMax)]]);
  const op: Op = {
    type: 'set-attributes',
    node: 'a1'.repeat(16) as never,
    replaces: [],
    attributes: { xattrs: large },
  };
  t.is(
    code(() => new JournalAuthor(1).write([op])),
    'too-large',
  );
});

test('a device cannot write in the name of another', (t) => {
  const author = new JournalAuthor(1);
  const header = new JournalAuthor(2).nextHeader();
  const vault = testVault;
  t.throws(
    () =>
      authorBatch({
        author: { vault, device: author.device, sign: author.sign },
        header,
        body: bodyOf(ops),
        opKey: testOpKey,
      }),
    { name: 'AssertionError' },
  );
});

test('a signature of another device on a batch is refused even when both are members', (t) => {
  const [first, second] = [new JournalAuthor(1), new JournalAuthor(2)];
  const parts = decodeBatch(first.write(ops).bytes);
  const stolen = encodeBatch({
    ...parts,
    signature: decodeBatch(second.write(ops).bytes).signature,
  });
  t.is(
    code(() => verifyBatch(stolen, verifierOf(first, second))),
    'malformed',
  );
});

test('nobody adds to a batch on its way', (t) => {
  const author = new JournalAuthor(1);
  const { bytes } = author.write(ops);
  const unknownField = Buffer.from([0x7a, 1, 0]);
  t.is(
    code(() => verifyBatch(Buffer.concat([bytes, unknownField]), verifierOf(author))),
    'malformed',
  );
  const emptyField = Buffer.from([0x12, 0]);
  const bare = author.write([]).bytes;
  t.is(
    code(() => verifyBatch(Buffer.concat([bare, emptyField]), verifierOf(author))),
    'malformed',
  );
});

test('the chain tells what follows, what is known, what is missing and what is a fork', (t) => {
  const author = new JournalAuthor(1);
  const [one, two, three] = [author.write([]), author.write([]), author.write([])];
  const tipOf = (batch: typeof one) => ({ sequence: batch.header.sequence, hash: batch.hash });
  const stranger = { sequence: 2, hash: '00'.repeat(32) as BatchHash };
  t.is(checkSuccessor(undefined, one), 'next');
  t.is(checkSuccessor(undefined, two), 'gap');
  t.is(checkSuccessor(tipOf(one), two), 'next');
  t.is(checkSuccessor(tipOf(one), three), 'gap');
  t.is(checkSuccessor(tipOf(two), two), 'known');
  t.is(checkSuccessor(tipOf(three), two), 'past');
  t.is(checkSuccessor(stranger, two), 'fork', 'another batch has its number');
  t.is(checkSuccessor(stranger, three), 'fork', 'it continues another batch');
  t.is(testJournalEpoch.length, 64);
});
