import test from 'ava';
import { journalLines } from '../../../cli/commands/journal.ts';
import type { JournalRow } from '../../../protocol/control/reports.ts';

const row: JournalRow = {
  journal: `${'d1'.repeat(16)}/${'01'.repeat(8)}`,
  deviceId: 'd1'.repeat(16),
  device: 'lap\u001b[31mtop',
  incarnation: '01'.repeat(8),
  sequence: 9,
  counts: 9,
  hidden: 0,
  state: 'counts',
  forkedAt: null,
  writing: true,
  branches: [],
};

test('a journal that counts is one line, with names that cannot move the cursor', (t) => {
  const lines = journalLines([row]);
  t.is(lines.length, 2);
  t.regex(lines[1]!, /9 +9 +0 +counts, written here/);
  t.false(lines.join('').includes('\u001b'));
});

test('a fork shows its branches and the next step', (t) => {
  const branch = { sequence: 5, chosen: false, counts: false, reissued: false };
  const forked: JournalRow = {
    ...row,
    state: 'forked',
    forkedAt: 5,
    counts: 4,
    hidden: 6,
    branches: [
      {
        ...branch,
        hash: 'aa'.repeat(32),
        here: true,
        last: 9,
        written: '2026-11-21T10:00:00.000Z',
      },
      { ...branch, hash: 'bb'.repeat(32), here: false, last: null, written: null },
    ],
  };
  const text = journalLines([forked]).join('\n');
  t.regex(text, /forked at 5/);
  t.regex(text, /5 (aa){32} {2}here up to 9, written 2026-11-21 10:00 UTC/);
  t.regex(text, /5 (bb){32} {2}only proven: the branch is not on this device/);
  t.true(text.includes(`next: vault journal choose ${row.journal} 5 HASH`));
});

test('every state has its words', (t) => {
  const states = ['counts', 'forked', 'elsewhere', 'cut-off', 'no-right', 'damaged'] as const;
  const texts = new Set(states.map((state) => journalLines([{ ...row, state }])[1]));
  t.is(texts.size, states.length);
});
