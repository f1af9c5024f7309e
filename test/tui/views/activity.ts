import test from 'ava';
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { State } from '../../../tui/state/state.ts';
import type { ActivityMessage } from '../../../tui/views/activity/slice.ts';
import { listedRecords } from '../../../tui/views/activity/rows.ts';
import { consoleState, drawn } from '../../helpers/console-state.ts';

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
