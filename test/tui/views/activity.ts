import test from 'ava';
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { State } from '../../../tui/state/state.ts';
import type { NoteRow } from '../../../protocol/messages/control-notes.ts';
import { unreadNotes } from '../../../tui/views/activity/notes.ts';
import type { ActivityMessage } from '../../../tui/views/activity/slice.ts';
import { listedRecords } from '../../../tui/views/activity/rows.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import { healthyStatus, someMembers } from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState, drawn } from '../../helpers/console-state.ts';

const record = (number: number, level: EventRecord['level'] = 'info'): EventRecord => ({
  time: `2026-11-21T06:00:${String(number % 60).padStart(2, '0')}.000Z`,
  type: number % 2 === 0 ? 'peer-online' : 'file-changed',
  message: `number ${String(number)}`,
  level,
});
const records = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => record(from + at, at % 10 === 0 ? 'error' : 'info'));
const tell = (state: State, message: ActivityMessage) =>
  reduce(state, { type: 'view', view: 'activity', message });
const selected = (state: State) => listedRecords(state)[state.slices.activity.cursor.index];

test('it stays on the latest record until somebody goes up, and again at the end', (t) => {
  let state = consoleState('activity', { type: 'events', events: records(100) });
  t.is(selected(state)?.message, 'number 99');
  state = tell(state, { type: 'move', unit: 'line', by: -1 });
  state = reduce(state, { type: 'events', events: records(5, 100) });
  t.is(selected(state)?.message, 'number 98');
  state = tell(state, { type: 'move', unit: 'end', by: 1 });
  state = reduce(state, { type: 'events', events: records(5, 105) });
  t.is(selected(state)?.message, 'number 109');
});

test('the selected record stays selected when the oldest ones are dropped', (t) => {
  let state = consoleState('activity', { type: 'events', events: records(2000) });
  state = tell(state, { type: 'pick', index: 1500 });
  const before = selected(state);
  state = reduce(state, { type: 'events', events: records(300, 2000) });
  t.deepEqual(selected(state), before);
});

test('the filter and the level decide what is listed', (t) => {
  let state = consoleState('activity', { type: 'events', events: records(100) });
  state = tell(state, { type: 'least', level: 'error' });
  t.is(listedRecords(state).length, 10);
  state = reduce(state, { type: 'filter', text: 'number 9' });
  t.deepEqual(
    listedRecords(state).map(({ message }) => message),
    ['number 90'],
  );
  state = reduce(tell(state, { type: 'least', level: 'info' }), { type: 'filter', text: '!peer' });
  t.is(listedRecords(state).length, 50);
});

test('nothing is listed and nothing breaks without records', (t) => {
  const state = tell(consoleState('activity'), { type: 'move', unit: 'page', by: 1 });
  t.true(drawn(state).some((line) => line.includes('Nothing of this kind has happened')));
});

test('what is hostile in a record is shown and does no harm, in every field', (t) => {
  const hostile: EventRecord = {
    time: '\u001b[2J',
    type: '\u202e',
    message: '\u0007',
    subject: '\u001b]0;x\u0007',
    'a\u001b': { b: '\u009b' },
  };
  const text = drawn(consoleState('activity', { type: 'events', events: [hostile] })).join('\n');
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

function note(number: number, rest: Partial<NoteRow> = {}): NoteRow {
  return {
    ...{ id: String(number).padStart(32, '0'), timeMs: 1_763_707_468_000 + number, pinned: false },
    ...{ deviceId: '22'.repeat(16) as NoteRow['deviceId'], author: 'nas', to: undefined },
    ...{ path: undefined, text: `text ${String(number)}` },
    ...rest,
  };
}

test('notes that come are marked until somebody looks; one of this device never is', (t) => {
  const status = { type: 'data', name: 'status', value: healthyStatus, atMs: 0 } as const;
  let state = consoleState('overview', status);
  state = tell(state, { type: 'notes', rows: [note(1)] });
  t.is(unreadNotes(state), 0, 'what was there when the console began');
  const own = note(3, {
    deviceId: healthyStatus.deviceId as NoteRow['deviceId'],
    author: 'laptop',
  });
  state = tell(state, { type: 'notes', rows: [note(1), note(2), own] });
  t.is(unreadNotes(state), 1);
  t.regex(drawn(state).join('\n'), /6 Activity\+1/);
  state = reduce(state, { type: 'go', view: 'activity' });
  t.is(unreadNotes(state), 1, 'the events are shown');
  state = tell(state, { type: 'source', source: 'notes' });
  t.is(unreadNotes(state), 0);
  t.is(selected(state)?.message, 'laptop: text 3');
  state = tell(state, { type: 'notes', rows: [note(1), note(2), own, note(4)] });
  t.is(unreadNotes(state), 0, 'it is looked at');
  state = reduce(state, { type: 'go', view: 'files' });
  state = tell(state, { type: 'notes', rows: [note(1), note(2), own, note(4), note(5)] });
  t.is(unreadNotes(state), 1);
});

test('a note of a clock that shows what no calendar has is shown', (t) => {
  const rows = [note(1, { timeMs: Number.MAX_SAFE_INTEGER })];
  const state = tell(tell(consoleState('activity'), { type: 'notes', rows }), {
    type: 'source',
    source: 'notes',
  });
  t.regex(drawn(state).join('\n'), /When +@9007199254740991/);
});

test('what is meant for one device does not go to all, whatever it calls itself', (t) => {
  const named = (name: string, at: number) => ({ ...someMembers[1]!, name, deviceId: String(at) });
  const value = [someMembers[0]!, ...['nas', 'all', 'nas', 'vps'].map(named)];
  const state = consoleState('activity', { type: 'data', name: 'members', value, atMs: 0 });
  const [to] = actionById('activity.say')?.fields?.(state) ?? [];
  t.deepEqual(to?.options, ['all', 'nas', 'vps']);
});

test('a note says to whom and about what, with all its lines, and nothing of it raw', (t) => {
  const rows = [
    note(1, {
      ...{ pinned: true, path: Buffer.from('docs/a.txt'), author: 'n\u001b[31mas' },
      text: 'first\u202e\nsecond',
    }),
  ];
  const state = tell(tell(consoleState('activity'), { type: 'notes', rows }), {
    type: 'source',
    source: 'notes',
  });
  const screen = drawn(state).join('\n');
  t.regex(screen, /about \/docs\/a\.txt: first/);
  t.regex(screen, /What +first[^\n]*\n[^\n]* second/);
  t.regex(screen, /path +\/docs\/a\.txt/);
  t.notRegex(screen, /[\u001b\u202e]/);
  const refused = tell(state, {
    type: 'notes-failed',
    error: { code: 'locked', message: 'the keys are locked' },
  });
  t.is(listedRecords(refused).length, 1, 'what was known stays');
});

test('operations of the mount are added as they end, and what waits stands at the end', (t) => {
  const traced = { path: '/a.txt', inode: 7, pid: 42 };
  const ended = (sequence: number, failed = false) => ({
    ...{ op: 'read', ...traced, sequence, tookMs: 2, failed },
    time: `2026-11-21T06:00:${String(sequence).padStart(2, '0')}.000Z`,
  });
  const came = (state: State, ...sequences: readonly number[]) => {
    const recent = sequences.map((each) => ended(each, each === 2));
    const running = sequences.length === 0 ? [{ op: 'write', ...traced, sinceMs: 3000 }] : [];
    const report = { running, operations: [], recent };
    return tell(state, { type: 'operations', report, atMs: consoleNowMs });
  };
  let state = tell(consoleState('activity'), { type: 'source', source: 'operations' });
  t.regex(drawn(state).join('\n'), /waiting for the agent/);
  state = came(came(state, 1, 2), 1, 2, 3);
  const texts = () => listedRecords(state).map(({ message }) => message);
  t.deepEqual(texts(), [
    '/a.txt took 2.0 ms (process 42)',
    '/a.txt failed after 2.0 ms (process 42)',
    '/a.txt took 2.0 ms (process 42)',
  ]);
  t.is(came(state, 1, 2, 3), state, 'the same again draws nothing');
  state = reduce(state, { type: 'filter', text: 'failed' });
  t.is(texts().length, 1);
  state = came(reduce(state, { type: 'filter', text: '' }));
  t.is(texts().at(-1), '/a.txt waits (process 42)');
  t.regex(drawn(state).join('\n'), /write/);
  // A mount that was made anew counts from the beginning.
  state = came(state, 6, 7);
  t.deepEqual(texts().slice(-3), [
    '5 more ended before, faster than they could be told',
    '/a.txt took 2.0 ms (process 42)',
    '/a.txt took 2.0 ms (process 42)',
  ]);
  state = came(state, 1);
  t.is(texts().length, 7);
  t.regex(
    drawn(tell(consoleState('activity'), { type: 'source', source: 'operations' })).join('\n'),
    /mount/,
  );
});
