import test from 'ava';
import fc from 'fast-check';
import { entriesAhead, type AheadOptions } from '../../../agent/control/get-ahead.ts';
import type { Found } from '../../../agent/vault/browse.ts';
import { getAhead } from '../../../protocol/limits.ts';

/** What a test knows of an entry: `undefined` stands for a directory. */
interface Made {
  readonly bytes: number | undefined;
  readonly fails?: boolean;
}

function world(made: readonly Made[], roomBytes = Infinity) {
  const found = made.map((_, index) => ({ path: [String(index)] }) as unknown as Found);
  const of = (each: Found): Made => made[found.indexOf(each)]!;
  const counts = { reading: 0, readingMax: 0, heldBytes: 0, heldMax: 0 };
  const options: AheadOptions = {
    sizeOf: (each) => of(each).bytes,
    async read(each) {
      const { bytes, fails } = of(each);
      counts.readingMax = Math.max(counts.readingMax, ++counts.reading);
      await new Promise((resolve) => setImmediate(resolve));
      counts.reading -= 1;
      if (fails === true) throw new Error(each.path[0]?.toString());
      return Buffer.alloc(bytes ?? 0, found.indexOf(each));
    },
    account: {
      more(bytes) {
        if (counts.heldBytes + bytes > roomBytes) return false;
        counts.heldBytes += bytes;
        counts.heldMax = Math.max(counts.heldMax, counts.heldBytes);
        return true;
      },
      giveBack(bytes) {
        counts.heldBytes -= bytes;
      },
    },
  };
  return { found, counts, options };
}

const size = fc.oneof(
  fc.constant(undefined),
  fc.constant(0),
  fc.integer({ min: 1, max: 100 }),
  fc.constant(getAhead.fileBytesMax),
  fc.constant(getAhead.fileBytesMax + 1),
);

test('every entry comes once, in order, with its own content or its own error', async (t) => {
  const entries = fc.array(fc.record({ bytes: size, fails: fc.boolean() }), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 0, max: 200_000 }), async (made, roomBytes) => {
      const { found, counts, options } = world(made, roomBytes);
      let index = 0;
      for await (const { found: each, body } of entriesAhead(found, options)) {
        t.is(each, found[index]!);
        const { bytes = 0, fails } = made[index]!;
        if (bytes > getAhead.fileBytesMax || bytes === 0) t.is(body, undefined);
        if (body !== undefined && 'bytes' in body) {
          t.false(fails);
          t.true(Buffer.alloc(bytes, index).equals(body.bytes));
        } else if (body !== undefined) {
          t.true(fails);
          t.is((body.error as Error).message, String(index));
        }
        // A file that is read in its turn takes what it needs of the account: nobody else may hold any.
        if (body === undefined && bytes > 0) t.is(counts.heldBytes, 0);
        index += 1;
      }
      t.is(index, made.length);
      t.is(counts.heldBytes, 0);
      t.true(counts.heldMax <= roomBytes);
    }),
    { numRuns: 60 },
  );
});

test('small files are read many at once, and so many at most', async (t) => {
  const { found, counts, options } = world(Array.from({ length: 300 }, () => ({ bytes: 10 })));
  for await (const ready of entriesAhead(found, options)) t.truthy(ready.body);
  t.is(counts.readingMax, getAhead.entriesMax);
});

test('whoever stops in the middle leaves nothing held and no reading behind', async (t) => {
  const made = Array.from({ length: 50 }, (_, index) => ({ bytes: 10, fails: index > 3 }));
  const { found, counts, options } = world(made);
  for await (const { body } of entriesAhead(found, options)) {
    t.truthy(body);
    break;
  }
  t.is(counts.heldBytes, 0);
  t.is(counts.reading, 0);
});
