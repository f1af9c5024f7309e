import test from 'ava';
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import {
  createManifestWriter,
  type ManifestWriter,
} from '../../../agent/chunks/manifest-writer.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { ReadBudget } from '../../../agent/store/read-budget.ts';
import type { Store } from '../../../agent/store/store.ts';
import { readContent, readGroups, type ReadParts } from '../../../agent/vault/read-content.ts';
import { KiB, MiB, readAhead } from '../../../protocol/limits.ts';
import type { Content } from '../../../protocol/messages/op.ts';
import { noiseOf } from '../../helpers/byte-stream-of.ts';
import { sealAlone, testKeys } from '../../helpers/chunk-keys.ts';

const chunkBytes = 512 * KiB;
const chunkCount = 24;

interface Stored {
  readonly parts: ReadParts;
  readonly content: Content;
  /** Sealed bytes that were read. */
  readonly read: { bytes: number };
}

/** A file of 12 MiB in a store, and what reads it. */
async function stored(goOn?: (writer: ManifestWriter) => Promise<void>): Promise<Stored> {
  const inner = createMemoryStore();
  const keep = async (plain: Buffer, kind: 'content' | 'manifest') => {
    const { ref, body } = sealAlone(plain, kind);
    await inner.chunks.write([{ id: ref.cid, body }]);
    return ref;
  };
  const writer = createManifestWriter((page) => keep(page, 'manifest'));
  for (let at = 0; at < chunkCount; at += 1) {
    await writer.add(await keep(noiseOf(`chunk ${String(at)}`, chunkBytes), 'content'));
  }
  await goOn?.(writer);
  const read = { bytes: 0 };
  const chunks: Store['chunks'] = {
    ...inner.chunks,
    async read(id, options) {
      const body = await inner.chunks.read(id, options);
      read.bytes += body.length;
      return body;
    },
  };
  const parts: ReadParts = {
    store: { ...inner, chunks },
    replication: {} as ReadParts['replication'],
    work: { ...createJobRunner(), width: 2, close: () => Promise.resolve() },
    chunkKey: () => testKeys.chunkKey,
  };
  return { parts, content: await writer.finish(), read };
}

const size = chunkBytes * chunkCount;

async function lengthOf(bytes: AsyncIterable<Buffer>): Promise<number> {
  let length = 0;
  for await (const piece of bytes) length += piece.length;
  return length;
}

async function settle(): Promise<void> {
  for (let round = 0; round < 100; round += 1) await new Promise(setImmediate);
}

test('152 reads that nobody takes further hold a bounded amount, and a newcomer reads on', async (t) => {
  const { parts, content, read } = await stored();
  const budget = new ReadBudget();
  const begun: AsyncGenerator<Buffer>[] = [];
  for (let client = 0; client < 8; client += 1) {
    const share = budget.share();
    for (let call = 0; call < 19; call += 1) {
      const bytes = readContent(parts, content, { offset: 0, account: share.open() });
      begun.push(bytes);
      // The first piece is on its way to a client that does not take it.
      void bytes.next();
    }
    await settle();
  }
  const bound = readAhead.processBytesMax + 8 * readAhead.pieceBytesMax;
  // Each byte is there sealed and open; pages of the list of chunks are read besides.
  t.true(read.bytes * 2 <= bound + begun.length * 100 * KiB, `${String(read.bytes / MiB)} MiB`);
  t.true(budget.freeBytes >= -8 * readAhead.pieceBytesMax);

  const account = budget.share().open();
  t.is(await lengthOf(readContent(parts, content, { offset: 0, account })), size);
});

test('One client with many reads gets all of them in the end, from a budget smaller than one group', async (t) => {
  const { parts, content } = await stored();
  const budget = new ReadBudget(2 * MiB);
  const share = budget.share();
  const all = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const account = share.open();
      try {
        return await lengthOf(readContent(parts, content, { offset: 0, account }));
      } finally {
        account.close();
      }
    }),
  );
  t.true(all.every((length) => length === size));
  t.is(budget.freeBytes, 2 * MiB);
});

test('The bytes are the same whatever the budget is', async (t) => {
  const { parts, content } = await stored();
  const whole: Buffer[] = [];
  for await (const piece of readContent(parts, content, { offset: 0 }))
    whole.push(Buffer.from(piece));
  const account = new ReadBudget(1 * MiB).share().open();
  const range = { offset: 700_000, length: 5_000_001, account };
  const part: Buffer[] = [];
  for await (const piece of readContent(parts, content, range)) part.push(Buffer.from(piece));
  const expected = Buffer.concat(whole).subarray(700_000, 700_000 + 5_000_001);
  t.true(Buffer.concat(part).equals(expected));
});

test('A read that is given up gives back what it held', async (t) => {
  const { parts, content } = await stored();
  const budget = new ReadBudget();
  const account = budget.share().open();
  const bytes = readContent(parts, content, { offset: 0, account });
  await bytes.next();
  t.true(budget.freeBytes < readAhead.processBytesMax);
  await bytes.return(undefined);
  t.is(budget.freeBytes, readAhead.processBytesMax);
  account.close();
  t.is(budget.freeBytes, readAhead.processBytesMax);
});

test('a hole as long as a file comes in steps, from wherever in it a read begins', async (t) => {
  const holeBytes = 256 * MiB;
  const { content, parts } = await stored((writer) => writer.addHole(holeBytes));
  for (const offset of [0, size, size + 100_000_001]) {
    let bytes = 0;
    for await (const pieces of readGroups(parts, content, { offset })) {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      t.true(length > 0 && length <= 20 * MiB, String(length));
      if (offset + bytes >= size) {
        t.true(pieces.every((piece) => piece.equals(Buffer.alloc(piece.length))));
      }
      bytes += length;
    }
    t.is(bytes, size + holeBytes - offset);
  }
  const range = { offset: size + 5, length: 40 * MiB + 3 };
  t.is(await lengthOf(readContent(parts, content, range)), range.length);
});
