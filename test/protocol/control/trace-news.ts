import test from 'ava';
import fc from 'fast-check';
import type { EndedRow } from '../../../protocol/control/mount-reports.ts';
import { traceNews } from '../../../protocol/control/trace-news.ts';

const ended = (sequence: number): EndedRow => ({
  ...{ sequence, time: '2026-11-21T06:00:00.000Z', op: 'read', path: '/a', inode: 1, pid: 1 },
  ...{ tookMs: 1, failed: false },
});
/** What is kept of so many. */
const kept = (count: number): readonly EndedRow[] =>
  Array.from({ length: Math.min(4, count) }, (_, at) => ended(count - Math.min(4, count) + at + 1));

test('whoever asks again and again hears of each once, or that it was lost', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      let count = 0;
      let heard = 0;
      let sum = 0;
      const told: number[] = [];
      for (const step of steps) {
        count += step;
        const news = traceNews(kept(count), heard);
        sum += news.lost + news.rows.length;
        told.push(...news.rows.map(({ sequence }) => sequence));
        ({ heard } = news);
      }
      t.is(sum, count);
      t.deepEqual(
        told,
        [...new Set(told)].sort((left, right) => left - right),
      );
    }),
  );
});

test('another mount counts from the beginning', (t) => {
  t.deepEqual(traceNews([ended(1), ended(2)], 9), {
    ...{ rows: [ended(1), ended(2)], lost: 0, heard: 2 },
  });
  t.deepEqual(traceNews([], 9), { rows: [], lost: 0, heard: 0 });
});
