/** What every Index does; run by LevelDB, the memory index and the simulated one. */
import type { ExecutionContext, TestFn } from 'ava';
import fc from 'fast-check';
import { indexSpace } from '../../agent/store/index-space.ts';
import type { Index } from '../../agent/ports.ts';

export type OpenIndex = (t: ExecutionContext) => Promise<Index>;

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

async function pairs(index: Index, from: string, to: string): Promise<string[]> {
  const all: string[] = [];
  for await (const [key, value] of index.range(bytes(from), bytes(to))) {
    all.push(`${key.toString('latin1')}=${value.toString('latin1')}`);
  }
  return all;
}

export function indexSuite(test: TestFn, title: string, open: OpenIndex): void {
  test(`${title}: a value is there at once after it was written, and gone after it was removed`, async (t) => {
    const index = await open(t);
    t.is(index.get(bytes('a')), undefined);
    await index.write([
      { key: bytes('a'), value: bytes('1') },
      { key: bytes('b'), value: bytes('') },
    ]);
    t.deepEqual(index.get(bytes('a')), bytes('1'));
    t.deepEqual(index.get(bytes('b')), bytes(''));
    t.deepEqual(await index.getMany([bytes('b'), bytes('x'), bytes('a')]), [
      bytes(''),
      undefined,
      bytes('1'),
    ]);
    await index.write([{ key: bytes('a'), value: undefined }]);
    t.is(index.get(bytes('a')), undefined);
    await index.write([]);
    await index.close();
  });

  test(`${title}: a range is sorted by bytes and ends before its end`, async (t) => {
    const index = await open(t);
    const keys = ['b', 'a', 'ab', '\x00', 'ÿ', 'c', 'b\x00'];
    await index.write(keys.map((key) => ({ key: bytes(key), value: bytes(key) })));
    t.deepEqual(await pairs(index, 'a', 'c'), ['a=a', 'ab=ab', 'b=b', 'b\x00=b\x00']);
    t.deepEqual(await pairs(index, '', '\xff\xff'), [
      '\x00=\x00',
      'a=a',
      'ab=ab',
      'b=b',
      'b\x00=b\x00',
      'c=c',
      'ÿ=ÿ',
    ]);
    t.deepEqual(await pairs(index, 'x', 'y'), []);
    await index.close();
  });

  test(`${title}: thousands of pairs come in one range, and a reader may stop early`, async (t) => {
    const index = await open(t);
    const changes = Array.from({ length: 5000 }, (_, at) => {
      const key = Buffer.alloc(4);
      key.writeUInt32BE(at * 7919);
      return { key, value: Buffer.from(String(at)) };
    });
    await index.write(changes);
    let count = 0;
    for await (const _ of index.range(Buffer.alloc(0), Buffer.alloc(5, 0xff))) count += 1;
    t.is(count, 5000);
    for await (const _ of index.range(Buffer.alloc(0), Buffer.alloc(5, 0xff))) break;
    await index.close();
  });

  test(`${title}: the spaces of two layers do not meet`, async (t) => {
    const index = await open(t);
    const [left, right] = [indexSpace(index, 0x76), indexSpace(index, 0x72)];
    await left.write([{ key: bytes('k'), value: bytes('left') }]);
    await right.write([{ key: bytes('k'), value: bytes('right') }]);
    t.deepEqual(left.get(bytes('k')), bytes('left'));
    t.deepEqual((await right.getMany([bytes('k')]))[0], bytes('right'));
    t.deepEqual(await pairs(left, '', '\xff'), ['k=left']);
    await left.write([{ key: bytes('k'), value: undefined }]);
    t.deepEqual(await pairs(right, '', '\xff'), ['k=right']);
    await left.close();
    t.deepEqual(index.get(bytes('rk')), bytes('right'));
    await index.close();
  });

  test(`${title}: any changes agree with a map`, async (t) => {
    const index = await open(t);
    const model = new Map<string, string>();
    const change = fc.tuple(fc.string({ maxLength: 3 }), fc.option(fc.string({ maxLength: 4 })));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 10 }), async (changes) => {
        await index.write(
          changes.map(([key, value]) => ({
            key: Buffer.from(key || 'empty'),
            value: value === null ? undefined : Buffer.from(value),
          })),
        );
        for (const [key, value] of changes) {
          if (value === null) model.delete(key || 'empty');
          else model.set(key || 'empty', value);
        }
        for (const [key, value] of model) t.is(index.get(Buffer.from(key))?.toString(), value);
      }),
      { numRuns: 40 },
    );
    t.is((await pairs(index, '', '\xff\xff')).length, model.size);
    await index.close();
  });
}
