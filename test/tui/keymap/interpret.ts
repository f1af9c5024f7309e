import test from 'ava';
import { consoleState, drawn } from '../../helpers/console-state.ts';
import { consoleOf } from '../../helpers/keyed-console.ts';
import { keysOf, keyText } from '../../../tui/keymap/keys.ts';
import type { KeyReport } from '../../../tui/keymap/keys.ts';

const noKey = Object.fromEntries(
  ['ctrl', 'shift', 'meta', 'tab'].map((name) => [name, false]),
) as unknown as KeyReport;

test('keys that come in one piece are several keys', (t) => {
  t.deepEqual(keysOf('jj ', noKey), ['j', 'j', 'space']);
  t.deepEqual(keysOf('\u0015a\r', noKey), ['ctrl+u', 'a', 'enter']);
  t.deepEqual(keysOf('d', { ...noKey, ctrl: true }), ['ctrl+d']);
  t.deepEqual(keysOf('', { ...noKey, tab: true, shift: true }), ['shift+tab']);
  t.is(keyText('ctrl+d'), 'Ctrl-D');
  t.is(keyText('g g'), 'g g');
  t.is(keyText('shift+tab'), 'Shift-Tab');
});

test('a sequence waits for its second key, and another key drops it', (t) => {
  const tui = consoleOf(consoleState('overview'));
  t.is(tui.press('g').pendingKeys, 'g');
  t.is(tui.press('2').pendingKeys, '');
  t.is(tui.state().view, 'overview');
  t.is(tui.press('2').view, 'files');
});

test('the palette finds by name, by title and by letters in order, and runs', (t) => {
  const tui = consoleOf(consoleState('overview'));
  tui.press(':', ...'transfers');
  t.true(drawn(tui.state()).some((line) => line.includes('▸transfers')));
  t.is(tui.press('enter').view, 'transfers');
  t.deepEqual(tui.state().modals, []);
});

test('a console that may only look refuses changes in one place', (t) => {
  const tui = consoleOf({ ...consoleState('files'), readOnly: true });
  tui.press('n');
  t.deepEqual(tui.state().modals, []);
  t.regex(tui.state().notice?.text ?? '', /only look/);
  t.false(drawn(tui.state()).at(-1)!.includes('delete'));
});

test('an argument is asked for, typed and pasted, and the command is shown', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('n', 'a', 'space', 'b');
  tui.paste('c\nd\u001b');
  t.deepEqual(
    tui.state().modals.map((modal) => (modal.type === 'prompt' ? modal.inputs[0]!.text : '')),
    ['a bc d'],
  );
  tui.press('enter');
  t.deepEqual(tui.state().commands, ["vault mkdir -p '/a bc d'"]);
  tui.press('Y');
  t.deepEqual(tui.copied, ["vault mkdir -p '/a bc d'"]);
});

test('a question about more than the screen holds shows how to answer it', (t) => {
  const tui = consoleOf(consoleState('files'));
  const paths = Array.from({ length: 60 }, (_, at) => `${'long '.repeat(12)}${String(at)}`);
  tui.tell({ type: 'view', view: 'files', message: { type: 'mark-only', paths } });
  tui.press('d');
  t.regex(drawn(tui.state()).join('\n'), /and 52 more[^]* y yes {2}n no/);
});

test('a filter is typed, kept and dropped', (t) => {
  const tui = consoleOf(consoleState('files'));
  t.is(tui.press('/', 'q', 'x').filters.files, 'qx');
  tui.press('enter');
  t.is(tui.state().filterInput, undefined);
  t.is(tui.press('esc').filters.files, '');
});

test('Ctrl-C leaves from everywhere', (t) => {
  const tui = consoleOf(consoleState('overview'));
  tui.press(':', 'x', 'ctrl+c');
  t.is(tui.quits(), 1);
});
