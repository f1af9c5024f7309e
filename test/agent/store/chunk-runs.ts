import test from 'ava';
import fc from 'fast-check';
import { bodiesOf, placeOfRun, runsOf, shareLoan } from '../../../agent/store/chunk-runs.ts';
import { encodeRecordHeader, recordHeaderBytes } from '../../../agent/store/record.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { MiB } from '../../../protocol/limits.ts';

const idOf = (number: number) => number.toString(16).padStart(64, '0') as ChunkId;

/** Records one after the other, as a segment has them. */
function segmentOf(lengths: readonly number[], segment = 1) {
  let offset = 4096;
  const chunks = lengths.map((length, number) => {
    const placed = { id: idOf(number), place: { segment, offset, length } };
    offset += recordHeaderBytes + length;
    return placed;
  });
  const bytes = Buffer.concat(
    chunks.flatMap(({ id, place: { length } }, number) => [
      encodeRecordHeader({ kind: 'chunk', flags: 0, length, id }),
      Buffer.alloc(length, number),
    ]),
  );
  const read = (at: number, length: number) => bytes.subarray(at - 4096, at - 4096 + length);
  return { chunks, read };
}

test('whatever is asked for comes in order, each body as it was written', (t) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
  const order = fc.array(fc.nat(11), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, order, (sizes, numbers) => {
      const { chunks, read } = segmentOf(sizes);
      const wanted = numbers.map((number) => chunks[number % chunks.length]!);
      const runs = runsOf(wanted);
      t.deepEqual(runs.flat(), wanted);
      const bodies = runs.flatMap((run) => {
        const { offset, length } = placeOfRun(run)!;
        return bodiesOf(run, read(offset, recordHeaderBytes + length))!;
      });
      for (const [index, { id, place }] of wanted.entries()) {
        t.deepEqual(bodies[index], Buffer.alloc(place.length, Number.parseInt(id.slice(-2), 16)));
      }
    }),
  );
});

test('neighbours are one run, up to its limit; others, and what has no place, are alone', (t) => {
  const { chunks } = segmentOf([10, 20, 30]);
  t.is(runsOf(chunks).length, 1);
  t.is(runsOf([chunks[0]!, chunks[2]!]).length, 2);
  const elsewhere = segmentOf([10, 20], 2).chunks[1]!;
  t.is(runsOf([chunks[0]!, elsewhere]).length, 2);
  const nowhere = { id: idOf(9), place: undefined };
  const runs = runsOf([chunks[0]!, nowhere, chunks[1]!]);
  t.is(runs.length, 3);
  t.is(placeOfRun(runs[1]!), undefined);
  const large = segmentOf([MiB, MiB, MiB]).chunks;
  t.deepEqual(
    runsOf(large).map(({ length }) => length),
    [1, 1, 1],
  );
});

test('a run with a record that is another one, damaged or cut off gives nothing', (t) => {
  const { chunks, read } = segmentOf([10, 20]);
  const good = Buffer.from(read(4096, 2 * recordHeaderBytes + 30));
  t.truthy(bodiesOf(chunks, good));
  t.is(bodiesOf(chunks, good.subarray(0, -1)), undefined);
  t.is(bodiesOf(chunks, Buffer.alloc(0)), undefined);
  t.is(bodiesOf([chunks[1]!, chunks[0]!], good), undefined);
  for (const at of [0, 5, 12, recordHeaderBytes + 10 + 20]) {
    const bad = Buffer.from(good);
    bad[at] = bad[at]! ^ 1;
    t.is(bodiesOf(chunks, bad), undefined, String(at));
  }
});

test('a loan is given back once, when all that it is for are', (t) => {
  let given = 0;
  const [one, other] = shareLoan([Buffer.alloc(1), Buffer.alloc(1)], () => {
    given += 1;
  });
  one!.release();
  one!.release();
  t.is(given, 0);
  other!.release();
  other!.release();
  t.is(given, 1);
});
