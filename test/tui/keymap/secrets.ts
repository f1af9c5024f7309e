/** What is typed into fields that hide it: it reaches the agent, and nothing else. */
import test from 'ava';
import type { ControlClient } from '../../../protocol/control/client.ts';
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { healthyStatus } from '../../fixtures/console-reports.ts';
import { drawn } from '../../helpers/console-state.ts';
import { createSecrets } from '../../../tui/keymap/secrets.ts';
import { createRuntime } from '../../../tui/runtime.ts';
import { createTheme } from '../../../tui/theme/theme.ts';
import type { ViewId } from '../../../tui/views/slices.ts';

const lockedStatus: StatusReport = {
  ...healthyStatus,
  reasons: [{ code: 'locked', message: 'the keys are locked', next: 'vault unlock' }],
};

type Calls = Partial<Record<keyof ControlClient, (request: never) => unknown>>;

/** Of a call with one answer and of one with many. */
function refusal(name: string) {
  const refused = Promise.reject(new Error(`nobody answers ${name}`));
  refused.catch(() => undefined);
  return Object.assign(refused, {
    [Symbol.asyncIterator]: () => ({ next: () => refused }),
  });
}

/** Notices stay; what is a matter of moments happens at once. */
const momentMs = 1000;

/** A console at an agent that answers these calls and no others; it has connected. */
async function consoleAt(view: ViewId, calls: Calls) {
  const client = new Proxy({} as ControlClient, {
    get: (_target, name) =>
      name in calls
        ? async (request: never) => Promise.resolve(calls[name as keyof Calls]?.(request))
        : () => refusal(String(name)),
  });
  const due: (() => void)[] = [];
  const ran: { words: readonly string[]; input: string }[] = [];
  const runtime = createRuntime({
    settings: { size: { columns: 100, rows: 30 }, nowMs: 0, view, readOnly: false, mouse: false },
    theme: createTheme({ name: 'mono', glyphs: 'ascii', asciiText: true }),
    open: () =>
      Promise.resolve({ client: () => client, close: () => undefined, silentMs: () => 0 }),
    terminal: {
      asciiOnly: true,
      copy: () => undefined,
      redraw: () => undefined,
      mouse: () => undefined,
      quit: () => undefined,
    },
    vault(words, _signal, input) {
      ran.push({ words, input: String(input) });
      return Promise.resolve(undefined);
    },
    read: () => Promise.resolve(''),
    nowMs: () => 0,
    after(delayMs, action) {
      if (delayMs < momentMs) due.push(action);
      return { cancel: () => undefined };
    },
  });
  const pass = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const action of due.splice(0)) action();
    }
  };
  await pass();
  return {
    ...{ runtime, ran, pass },
    type(text: string, ...keys: readonly string[]) {
      for (const key of [...text, ...keys]) runtime.key(key);
    },
    screen: () => drawn(runtime.state(), 'ascii').join('\n'),
    /** Everything that the console remembers. */
    memory: () =>
      JSON.stringify(runtime.state(), (_key, value: unknown) =>
        value instanceof Map ? [...value] : value,
      ),
  };
}

test('a locked agent shows a banner; the passphrase reaches it, and is nowhere else', async (t) => {
  const given: { text: string; bytes: Buffer }[] = [];
  let locked = true;
  const shown = await consoleAt('overview', {
    status: () => (locked ? lockedStatus : healthyStatus),
    unlock({ passphrase }: { passphrase: Buffer }) {
      given.push({ text: passphrase.toString(), bytes: passphrase });
      locked = false;
      return { deviceId: '', locked: false, passphrase: true };
    },
  } as Calls);
  t.regex(shown.screen(), /the keys are locked: ! unlocks/);
  shown.type('!');
  shown.type('cörrect', 'backspace', 'T');
  t.regex(shown.screen(), /\*{7}/);
  t.notRegex(shown.memory(), /c.?rrec/);
  shown.runtime.paste(' horse\nbattery');
  t.false(shown.memory().includes('horse'));
  shown.type('', 'enter');
  await shown.pass();
  t.is(given[0]?.text, 'cörrecT horse battery');
  t.true(
    given[0]?.bytes.every((byte) => byte === 0),
    'it is wiped',
  );
  t.false(/horse|cörr/.test(shown.memory()));
  t.is(shown.runtime.state().commands.at(-1), 'vault unlock');
  t.regex(shown.screen(), /1 of 2 devices online/);
  shown.runtime.close();
});

test('a dialog that is left keeps nothing, and the palette takes no passphrase', async (t) => {
  const given: string[] = [];
  const shown = await consoleAt('overview', {
    status: () => lockedStatus,
    unlock({ passphrase }: { passphrase: Buffer }) {
      given.push(passphrase.toString());
      return { deviceId: '', locked: true, passphrase: true };
    },
  } as Calls);
  shown.type('!secret', 'esc');
  shown.type(':', ...'unlock', 'space', ...'typed', 'enter');
  t.deepEqual(given, []);
  t.is(shown.runtime.state().modals.at(-1)?.type, 'prompt');
  shown.type('x', 'ctrl+u');
  shown.type('again', 'enter');
  await shown.pass();
  t.deepEqual(given, ['again']);
  shown.runtime.close();
});

test('a new passphrase has to be the same twice; a change asks for the present one', async (t) => {
  const given: string[] = [];
  const shown = await consoleAt('settings', {
    status: () => healthyStatus,
    passphrase(request: { change: string; current?: Buffer; next?: Buffer }) {
      given.push(`${request.change} ${String(request.current)} ${String(request.next)}`);
      return { deviceId: '', locked: false, passphrase: true };
    },
  } as Calls);
  shown.type('P');
  shown.type('old', 'enter');
  shown.type('new', 'enter');
  shown.type('gnu', 'enter');
  await shown.pass();
  t.regex(shown.screen(), /it was not the same twice/);
  t.deepEqual(given, []);
  shown.type('P');
  shown.type('old', 'enter');
  shown.type('new', 'tab');
  shown.type('new', 'enter');
  await shown.pass();
  t.deepEqual(given, ['change old new']);
  t.is(shown.runtime.state().commands.at(-1), 'vault passphrase change');
  shown.runtime.close();
});

test('what is confirmed after the passphrase still has it; a backup is made by the command line', async (t) => {
  const given: string[] = [];
  const shown = await consoleAt('settings', {
    status: () => healthyStatus,
    passphrase({ change, current }: { change: string; current: Buffer }) {
      given.push(`${change} ${current.toString()}`);
      return { deviceId: '', locked: false, passphrase: false };
    },
  } as Calls);
  shown.type('x');
  shown.type('old', 'enter');
  t.is(shown.runtime.state().modals.at(-1)?.type, 'confirm');
  shown.type('y');
  await shown.pass();
  t.deepEqual(given, ['remove old']);
  shown.type('b');
  shown.type('~/my keys', 'enter');
  shown.type('pass', 'enter');
  shown.type('pass', 'enter');
  await shown.pass();
  t.deepEqual(shown.ran, [
    {
      words: ['keys', 'backup', `${process.env['HOME'] ?? '~'}/my keys`, '--passphrase-file', '-'],
      input: 'pass',
    },
  ]);
  shown.runtime.close();
});

test('a question that had to be looked up does not come between somebody and a passphrase', async (t) => {
  const answer = Promise.withResolvers<unknown>();
  const shown = await consoleAt('files', {
    status: () => healthyStatus,
    forget: () => answer.promise,
  } as Calls);
  shown.type('Kf');
  await shown.pass();
  shown.type('7p', ...'xy');
  answer.resolve({ versions: 1, kept: 0, bytes: 0, rows: [] });
  await shown.pass();
  shown.type('zzy');
  t.deepEqual(
    shown.runtime.state().modals.map(({ type }) => type),
    ['prompt'],
  );
  t.regex(shown.screen(), /[*]{5}/);
  t.false(shown.memory().includes('zzy'));
  shown.runtime.close();
});

test('the end of a pasted line is no part of a passphrase; between words it is a space', (t) => {
  const secrets = createSecrets();
  secrets.open();
  t.is(secrets.edit(0, { type: 'insert', text: 'horse\r\n' }), 5);
  t.is(secrets.take(0).toString(), 'horse');
  secrets.wipe();
  secrets.edit(0, { type: 'insert', text: 'one\ntwo\n' });
  secrets.edit(0, { type: 'insert', text: 'three\n' });
  t.is(secrets.take(0).toString(), 'one two three');
  secrets.wipe();
  secrets.edit(0, { type: 'insert', text: 'one\n' });
  secrets.edit(0, { type: 'erase' });
  secrets.edit(0, { type: 'insert', text: 'x' });
  t.is(secrets.take(0).toString(), 'onx');
});

test('characters are counted, not bytes; controls are spaces; what is taken is gone', (t) => {
  const secrets = createSecrets();
  secrets.open();
  t.is(secrets.edit(0, { type: 'insert', text: 'a\u00e4\r\n\u{1f511}' }), 4);
  t.is(secrets.edit(0, { type: 'erase' }), 3);
  t.is(secrets.take(0).toString(), 'a\u00e4 ');
  t.is(secrets.take(0).length, 0);
  t.is(secrets.edit(1, { type: 'insert', text: 'x' }), 1);
  t.is(secrets.edit(1, { type: 'clear' }), 0);
  secrets.wipe();
  t.false(secrets.isOpen);
});
