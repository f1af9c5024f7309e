import test from 'ava';
import { consoleState, drawn } from '../../helpers/console-state.ts';
import { createDispatcher } from '../../../tui/keymap/dispatcher.ts';
import type { Intent } from '../../../tui/keymap/intent.ts';
import { interpret, interpretPaste } from '../../../tui/keymap/interpret.ts';
import { keysOf, keyText } from '../../../tui/keymap/keys.ts';
import type { KeyReport } from '../../../tui/keymap/keys.ts';
import { createSecrets } from '../../../tui/keymap/secrets.ts';
import { createStore } from '../../../tui/state/store.ts';
import type { Message } from '../../../tui/state/message.ts';
import type { State } from '../../../tui/state/state.ts';
import { VaultError } from '../../../protocol/errors.ts';

/** A console without an agent: keys in, state and screen out. */
function consoleOf(state: State) {
  const store = createStore(state, { after: () => ({ cancel: () => undefined }) });
  const copied: string[] = [];
  let quits = 0;
  const dispatcher = createDispatcher({
    store,
    after: () => ({ cancel: () => undefined }),
    changed: () => undefined,
    secrets: createSecrets(),
    world: {
      nowMs: () => 0,
      client() {
        throw new VaultError('no-agent', { op: 'test' });
      },
      vault: () => Promise.resolve(undefined),
      read: () => Promise.resolve(''),
      terminal: {
        asciiOnly: false,
        copy: (text) => void copied.push(text),
        redraw: () => undefined,
        mouse: () => undefined,
        quit: () => void (quits += 1),
      },
    },
  });
  const follow = (intent: Intent): void => {
    if (intent.type === 'message') store.dispatch(intent.message);
    else if (intent.type === 'action') dispatcher.perform(intent.id, intent.args, intent.subject);
    else if (intent.type === 'sequence') intent.intents.forEach(follow);
  };
  return {
    state: () => store.state(),
    copied,
    tell: (message: Message) => {
      store.dispatch(message);
    },
    quits: () => quits,
    press(...keys: readonly string[]) {
      for (const key of keys) interpret(store.state(), key).forEach(follow);
      return store.state();
    },
    paste(text: string) {
      interpretPaste(store.state(), text).forEach(follow);
      return store.state();
    },
  };
}

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

/** The list of snapshots has come anew. */
function snapshotsCame(...names: readonly string[]): Message {
  const rows = names.map((name) => ({
    ...{ id: name, name, deviceId: '11'.repeat(16), author: 'laptop' },
    ...{ time: '2026-11-20T06:44:28.000Z', state: 'ready' as const, gaps: [] },
  }));
  return { type: 'view', view: 'files', message: { type: 'snapshots', rows } };
}

test('what a dialog has asked about is what is done, or nothing', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('A', 'l');
  tui.tell(snapshotsCame('monday', 'sunday'));
  const before = tui.press('A', 'd').commands;
  t.like(tui.state().modals[0], { type: 'confirm', word: 'monday' });
  tui.tell(snapshotsCame('sunday'));
  tui.press(...'monday', 'enter');
  t.deepEqual(tui.state().commands, before);
  t.regex(tui.state().notice?.text ?? '', /has changed meanwhile: nothing was done/);
  tui.press('A', 'd');
  tui.tell(snapshotsCame('tuesday', 'sunday'));
  tui.press(...'sunday', 'enter');
  t.is(tui.state().commands.at(-1), 'vault snapshot rm sunday');
});

test('what is typed is for what was selected when the dialog was opened', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('K', 's', ...'keep-last=2');
  tui.press('enter');
  t.is(tui.state().commands.at(-1), 'vault retention set / --keep-last 2');
  tui.press('K', 's', ...'keep-last=1');
  const directory = Buffer.from('docs');
  tui.tell({ type: 'view', view: 'files', message: { type: 'open', directory } });
  tui.press('enter');
  t.is(tui.state().commands.at(-1), 'vault retention set / --keep-last 2');
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
