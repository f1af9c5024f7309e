/** The screens of files and transfers, drawn without a terminal, and kept. */
import test from 'ava';
import type { SnapshotRow, TransferRow } from '../../../protocol/control/reports.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import type { LogRow } from '../../../protocol/messages/control-history.ts';
import { consoleNowMs, consoleState, drawn } from '../../helpers/console-state.ts';
import { sameAsKept } from '../../helpers/golden.ts';
import { atStart } from '../../../tui/state/list-cursor.ts';
import { inputOf } from '../../../tui/state/text-input.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { Message } from '../../../tui/state/message.ts';
import type { State } from '../../../tui/state/state.ts';
import { listingKey } from '../../../tui/views/files/reduce.ts';
import type { FilesMessage } from '../../../tui/views/files/slice.ts';

process.env['TZ'] = 'UTC';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
  { columns: 40, rows: 10 },
] as const;

function atEachSize(t: Parameters<typeof sameAsKept>[0], name: string, state: State): void {
  for (const size of sizes) {
    const sized = reduce(state, { type: 'resized', size });
    for (const glyphs of ['braille', 'ascii'] as const) {
      const lines = drawn(sized, glyphs);
      t.true(lines.length === size.rows && lines.every((line) => line.length <= size.columns));
      if (glyphs === 'ascii') for (const line of lines) t.regex(line, /^[\x20-\x7e]*$/);
      if (glyphs === 'braille' || size.columns === 80) {
        sameAsKept(t, `${name}-${String(size.columns)}x${String(size.rows)}-${glyphs}`, lines);
      }
    }
  }
}

const said = (...messages: readonly FilesMessage[]): readonly Message[] =>
  messages.map((message) => ({ type: 'view', view: 'files', message }));

function entry(name: string, kind: Entry['kind'], more: Partial<Entry> = {}): Entry {
  return {
    path: Buffer.from(name),
    kind,
    size: 2_345_678,
    mode: 0o644,
    mtime: { seconds: 1_763_707_468, nanoseconds: 0 },
    version: 'ab'.repeat(16),
    state: 'here',
    author: 'laptop',
    inode: 1,
    links: 1,
    chunks: 9,
    chunksHere: 9,
    ...more,
  };
}

const entries = [
  entry('docs', 'directory'),
  entry('draft (conflict 2026-11-21 nas 3f2a).txt', 'file', { state: 'conflict', author: 'nas' }),
  entry('film.mkv', 'file', { state: 'partly', chunksHere: 4 }),
  entry('far away.iso', 'file', { state: 'elsewhere', chunksHere: 0 }),
];

test('files', (t) => {
  const key = listingKey(consoleState('files').slices.files);
  const listing = { entries, complete: true };
  const lines = [
    '# A title',
    '',
    'Some text that is longer than the pane is wide, and is cut there.',
  ];
  const state = consoleState(
    'files',
    ...said(
      { type: 'listed', key, listing },
      { type: 'mark', paths: ['film.mkv'], on: true },
      { type: 'pick', index: 1 },
      { type: 'side', side: { key: 'x', preview: { type: 'text', lines, whole: false } } },
    ),
  );
  atEachSize(t, 'files', state);
});

test('a history, with the version that others are compared with', (t) => {
  const path = Buffer.from('docs/notes.txt');
  const log: LogRow = {
    what: 'changed',
    kind: 'file',
    timeMs: 1_763_707_468_000,
    author: 'laptop',
    deviceId: '11'.repeat(16),
    path,
    version: 'cd'.repeat(16),
    size: 471,
    isCurrent: true,
  };
  const rows = [
    log,
    { ...log, what: 'conflict', author: 'nas', version: 'ef'.repeat(16), isCurrent: false },
    {
      ...log,
      what: 'created',
      timeMs: 1_763_600_000_000,
      version: '01'.repeat(16),
      isCurrent: false,
    },
  ] as const;
  atEachSize(
    t,
    'history',
    consoleState('files', ...said({ type: 'history', path }, { type: 'history', path, rows })),
  );
});

test('snapshots, one of them not whole here; and the keys that go on with a sequence', (t) => {
  const row: SnapshotRow = {
    ...{ id: 'ab'.repeat(16), name: 'before \u001b[31mupgrade\u202e', deviceId: '11'.repeat(16) },
    ...{ author: 'laptop', time: '2026-11-20T06:44:28.000Z', state: 'ready', gaps: [] },
  };
  const gap = { deviceId: '22'.repeat(16), name: 'nas', batches: 3, state: 'missing' as const };
  const rows: readonly SnapshotRow[] = [
    row,
    { ...row, id: 'cd'.repeat(16), name: 'monday', state: 'working', gaps: [gap] },
  ];
  const state = consoleState(
    'files',
    ...said(
      { type: 'mode', mode: 'snapshots' },
      { type: 'snapshots', rows },
      { type: 'pick', index: 1 },
    ),
  );
  atEachSize(t, 'snapshots', state);
  const begun = reduce(state, { type: 'pending-keys', keys: 'K' });
  t.regex(drawn(begun).slice(-2).join('\n'), / K {2}k retention {2}s retention-set[^]*O fold/);
});

test('transfers, and a dialog over them', (t) => {
  const row: TransferRow = {
    id: '1',
    direction: 'in',
    kind: 'replicate',
    path: 'photos/sea.raw',
    deviceId: '22'.repeat(16),
    peer: 'nas',
    state: 'running',
    bytesDone: 1_000_000_000,
    bytesTotal: 4_000_000_000,
    bytesPerSecond: 40_000_000,
    secondsLeft: 75,
    startedAt: '2026-11-21T06:44:28.000Z',
    reason: null,
  };
  const reason = {
    code: 'peer-offline',
    message: 'vps is not connected',
    next: 'start vaultd there',
  };
  const value = [
    {
      ...row,
      id: '2',
      peer: 'vps',
      state: 'stalled',
      bytesPerSecond: 0,
      secondsLeft: null,
      reason,
    },
    row,
  ] as const;
  const data = (bytesPerSecond: number): Message => ({
    type: 'data',
    name: 'transfers',
    value: value.map((each) => (each.id === '1' ? { ...each, bytesPerSecond } : each)),
    atMs: consoleNowMs,
  });
  const state = consoleState('transfers', data(10_000_000), data(20_000_000), data(40_000_000));
  atEachSize(t, 'transfers', state);
});

test('a failure that is longer than the screen, the bar of the conflicts, the palette', (t) => {
  const conflict = {
    path: Buffer.from('notes/plan.md'),
    kind: 'edit',
    versions: [],
    versionsOmitted: 0,
  } as unknown as Conflict;
  const conflicts = consoleState(
    'files',
    ...said({ type: 'mode', mode: 'conflicts' }, { type: 'conflicts', rows: [conflict] }),
  );
  atEachSize(t, 'conflicts', conflicts);
  const notice = {
    id: 1,
    kind: 'failed',
    text: '/notes/plan.md: it has changed meanwhile (another device wrote it after this list was made)',
    next: 'vault log /notes/plan.md shows who, and when',
  } as const;
  atEachSize(t, 'notice', reduce(conflicts, { type: 'notice', notice }));
  const modal = { type: 'palette', input: inputOf('tra'), cursor: atStart } as const;
  atEachSize(t, 'palette', reduce(consoleState('overview'), { type: 'open-modal', modal }));
});
