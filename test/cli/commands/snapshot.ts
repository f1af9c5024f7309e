import test from 'ava';
import { differenceLine, snapshotLines } from '../../../cli/commands/snapshot.ts';
import type { SnapshotRow } from '../../../protocol/control/reports.ts';
import type { Difference } from '../../../protocol/messages/control-past.ts';

const row: SnapshotRow = {
  id: '3f2a'.repeat(8),
  name: 'before',
  deviceId: 'aa'.repeat(16),
  author: 'laptop',
  time: '2026-11-21T09:00:00.000Z',
  state: 'ready',
  gaps: [],
};

test('a list says whether each snapshot can be shown, and what is missing where not', (t) => {
  const gaps = [
    { deviceId: 'bb'.repeat(16), name: 'nas', batches: 2, state: 'missing' as const },
    { deviceId: 'cc'.repeat(16), name: 'vps', batches: 1, state: 'no-key' as const },
  ];
  t.deepEqual(snapshotLines([row, { ...row, name: 'a\u001bb', state: 'working', gaps }]), [
    'name    id        time                      by      state',
    'before  3f2a3f2a  2026-11-21T09:00:00.000Z  laptop  ready',
    'a\\x1bb  3f2a3f2a  2026-11-21T09:00:00.000Z  laptop  working: 2 batches by nas not here yet, 1 batch by vps without a key here',
  ]);
});

test('a difference is one line', (t) => {
  const file: Difference = {
    type: 'changed',
    path: Buffer.from('docs/a\n.txt'),
    pathBefore: undefined,
    kind: 'file',
    sizeBefore: 1024,
    sizeAfter: 2048,
  };
  t.is(differenceLine(file), 'M docs/a\\n.txt (1.0 KiB -> 2.0 KiB)');
  t.is(differenceLine({ ...file, kind: 'symlink' }), 'M docs/a\\n.txt');
  t.is(differenceLine({ ...file, type: 'added', kind: 'directory' }), '+ docs/a\\n.txt/');
  t.is(differenceLine({ ...file, type: 'removed' }), '- docs/a\\n.txt');
  const renamed = { ...file, type: 'renamed', pathBefore: Buffer.from('b') } as const;
  t.is(differenceLine(renamed), 'R b -> docs/a\\n.txt');
  t.is(differenceLine({ ...renamed, kind: 'directory' }), 'R b/ -> docs/a\\n.txt/');
});
