import test from 'ava';
import { changedSettings } from '../../../agent/audit/config-print.ts';
import type { NewEntry } from '../../../agent/audit/entry.ts';
import { MassChanges, massChangeMin } from '../../../agent/audit/mass-change.ts';
import { Tally } from '../../../agent/audit/tally.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';

test('a flood becomes one entry at once, then sums at growing distances', (t) => {
  const clock = createManualClock();
  const entries: NewEntry[] = [];
  const tally = new Tally(clock, (entry) => entries.push(entry));
  const dayS = 24 * 3600;
  for (let second = 0; second < dayS; second++) {
    tally.add({ type: 'refused', message: 'no', subject: `10.0.0.${String(second % 200)}` });
    clock.advance(1_000);
  }
  tally.close();
  t.true(entries.length < 40, String(entries.length));
  const counted = entries.reduce(
    (sum, { count }) => sum + (typeof count === 'number' ? count : 1),
    0,
  );
  t.is(counted, dayS, 'nothing is left out of the sums');
  for (const { subjects } of entries) t.true(!Array.isArray(subjects) || subjects.length <= 8);
});

test('after a quiet while the next one is told at once', (t) => {
  const clock = createManualClock();
  const entries: NewEntry[] = [];
  const tally = new Tally(clock, (entry) => entries.push(entry));
  tally.add({ type: 'refused', message: 'no' });
  clock.advance(60_000);
  tally.add({ type: 'refused', message: 'again' });
  t.deepEqual(
    entries.map(({ message }) => message),
    ['no', 'again'],
  );
});

test('many deletions of one device within a minute are told once', (t) => {
  const mass = new MassChanges();
  const note = (author: string, deleted: number, nowMs: number) =>
    mass.note({ author, deleted, overwritten: 0 }, nowMs);
  t.is(note('a', massChangeMin - 1, 0), undefined);
  t.is(note('b', massChangeMin - 1, 0), undefined, 'each device by itself');
  t.is(note('a', 1, 1_000)?.deleted, massChangeMin);
  t.is(note('a', massChangeMin, 2_000), undefined, 'once');
  t.is(note('b', 1, 60_000), undefined, 'another minute');
  t.truthy(note('a', massChangeMin, 60_000));
});

test('settings that changed between two starts are named', async (t) => {
  const disk = memoryDisk();
  const rows = (listen: string) => [
    { key: 'listen', value: listen, source: 'file' as const },
    { key: 'name', value: 'laptop', source: 'default' as const },
  ];
  t.deepEqual(await changedSettings(disk, rows(':7420')), [], 'nothing to compare with');
  t.deepEqual(await changedSettings(disk, rows(':7420')), []);
  t.deepEqual(await changedSettings(disk, rows(':7421')), ['listen']);
  t.deepEqual(await changedSettings(disk, rows(':7421')), []);
});
