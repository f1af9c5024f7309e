import test from 'ava';
import { tell } from '../../../cli/commands/trace.ts';
import type { EndedRow } from '../../../protocol/control/mount-reports.ts';
import { createOutput } from '../../../cli/output/output.ts';

const row: EndedRow = {
  ...{ sequence: 45, time: '2026-11-21T06:00:00.000Z', op: 'read', path: '/a', inode: 1, pid: 7 },
  ...{ tookMs: 2.25, failed: true },
};

function said(json: boolean, lost: number): string {
  const pieces: string[] = [];
  const out = { write: (text: string) => pieces.push(text) > 0 };
  const options = { json, quiet: false, progress: false };
  tell(createOutput({ out, err: out }, options), { rows: [row], lost, heard: 45 });
  return pieces.join('');
}

test('who follows is told how many could not be told', (t) => {
  t.is(
    said(false, 44),
    '44 more ended before, faster than they could be told\n' +
      '2026-11-21T06:00:00.000Z  read /a (process 7) failed after 2.3 ms\n',
  );
  t.is(said(true, 44), `{"lost":44}\n${JSON.stringify(row)}\n`);
  t.is(said(true, 0), `${JSON.stringify(row)}\n`);
});
