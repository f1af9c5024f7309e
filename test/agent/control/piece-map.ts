import fc from 'fast-check';
import test from 'ava';
import { PieceMap } from '../../../agent/control/piece-map.ts';

test('each cell says how much of its bytes is here; all and nothing are said of nothing else', (t) => {
  const stretches = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(stretches, fc.integer({ min: 1, max: 40 }), (parts, cells) => {
      const bytes = parts.flatMap(([length, here]) => Array.from({ length }, () => here));
      const map = new PieceMap(bytes.length, cells);
      let start = 0;
      for (const [length, here] of parts) {
        if (here) map.add({ start, bytes: length });
        start += length;
      }
      const found = map.cells();
      t.is(found.length, Math.min(cells, bytes.length));
      t.is(map.bytesHere, bytes.filter(Boolean).length);
      for (const [at, share] of found.entries()) {
        const from = Math.floor((at * bytes.length) / found.length);
        const to = Math.floor(((at + 1) * bytes.length) / found.length);
        const cell = bytes.slice(from, to);
        const here = cell.filter(Boolean).length;
        t.is(share === 100, here === cell.length);
        t.is(share === 0, here === 0);
        t.true(Math.abs(share - (100 * here) / cell.length) <= 1);
      }
    }),
  );
});

test('of a file whose size fills a number, cells begin and end at the exact byte', (t) => {
  const sizes = fc.integer({ min: 2 ** 40, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 4096 }), fc.nat(), (size, cells, seed) => {
      const boundary = (at: number) => Number((BigInt(at) * BigInt(size)) / BigInt(cells));
      const at = seed % cells;
      const [from, to] = [boundary(at), boundary(at + 1)];
      const whole = new PieceMap(size, cells);
      whole.add({ start: from, bytes: to - from });
      const filled = [...whole.cells().entries()].filter(([, share]) => share > 0);
      t.deepEqual(filled, [[at, 100]]);
      const nearly = new PieceMap(size, cells);
      nearly.add({ start: from, bytes: to - from - 1 });
      t.is(nearly.cells()[at], 99, 'a byte of it is missing');
    }),
    { numRuns: 50 },
  );
});
