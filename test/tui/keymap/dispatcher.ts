/** What an action is done to, what is asked before, and what is left when it cannot be done. */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import { consoleState, drawn } from '../../helpers/console-state.ts';
import { consoleOf } from '../../helpers/keyed-console.ts';
import type { Message } from '../../../tui/state/message.ts';

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

function conflictsCame(...names: readonly string[]): Message {
  const rows = names.map((name): Conflict => {
    const versions = ['aa', 'bb'].map((digits) => ({
      ...{ name: Buffer.from(name), kind: 'file' as const, size: 1 },
      ...{ mtime: { seconds: 0, nanoseconds: 0 }, version: digits.repeat(16), author: digits },
      ...{ deviceId: digits.repeat(16), own: false, timeMs: 0 },
    }));
    const path = Buffer.from(name);
    return { path, kind: 'edit', versions, versionsOmitted: 0, ancestor: undefined };
  });
  return { type: 'view', view: 'files', message: { type: 'conflicts', rows } };
}

test('what is chosen is done to what the choice was about, or nothing is', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('x');
  tui.tell(conflictsCame('a.txt', 'b.txt'));
  const before = tui.press('S').commands;
  t.like(tui.state().modals[0], { type: 'choice', title: 'Settle /a.txt' });
  tui.tell(conflictsCame('b.txt'));
  tui.press('3');
  t.deepEqual(tui.state().modals, []);
  t.deepEqual(tui.state().commands, before);
  t.regex(tui.state().notice?.text ?? '', /has changed meanwhile: nothing was done/);
  tui.press('S', '3');
  t.is(tui.state().commands.at(-1), 'vault resolve /b.txt --keep both');
});

test('that a question was answered cannot be typed', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.tell({ type: 'view', view: 'files', message: { type: 'mark-only', paths: ['a', 'b'] } });
  tui.press(':', ...'delete', 'space', ...'--confirmed', 'enter');
  t.like(tui.state().modals.at(-1), { type: 'confirm', action: 'files.delete' });
  t.deepEqual(tui.state().commands, []);
});

test('what was typed for an agent that has gone is there again, for what it was typed for', async (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('n', ...'docs', 'enter');
  await setImmediate();
  const typed = { type: 'prompt', action: 'files.mkdir', inputs: [{ text: 'docs' }] };
  t.like(tui.state().modals[0], typed);
  t.regex(tui.state().notice?.text ?? '', /agent/);
  const directory = Buffer.from('elsewhere');
  tui.tell({ type: 'view', view: 'files', message: { type: 'open', directory } });
  const before = tui.state().commands;
  tui.press('enter');
  t.deepEqual(tui.state().commands, before);
});

test('a passphrase is not kept for an agent that has gone', async (t) => {
  const tui = consoleOf(consoleState('settings'));
  tui.press('P', ...'secret', 'enter', ...'other1', 'enter', ...'other1', 'enter');
  await setImmediate();
  const [modal] = tui.state().modals;
  t.like(modal, { type: 'prompt', action: 'settings.passphrase-change', at: 0 });
  t.true(modal?.type === 'prompt' && modal.inputs.every(({ text }) => text === ''));
});

test('what fails for another reason leaves no form behind', async (t) => {
  const makeDirectory = () => Promise.reject(new VaultError('exists', { op: 'test' }));
  const tui = consoleOf(consoleState('files'), { makeDirectory });
  tui.press('n', ...'docs', 'enter');
  await setImmediate();
  t.deepEqual(tui.state().modals, []);
});

test('the latest changes can be taken back, one after the other', async (t) => {
  const removed: string[] = [];
  const tui = consoleOf(consoleState('files'), {
    makeDirectory: () => Promise.resolve(undefined as never),
    remove: ({ path }) => {
      removed.push(path.toString());
      return Promise.resolve(undefined as never);
    },
  });
  for (let count = 0; count < 60; count += 1) {
    tui.press('n', ...String(count), 'enter');
    await setImmediate();
  }
  t.is(tui.state().undo.length, 50);
  tui.press('u');
  await setImmediate();
  tui.press('u');
  await setImmediate();
  t.deepEqual(removed, ['59', '58']);
  t.is(tui.state().commands.at(-1), 'vault rm -r /58');
});

test('what keys may follow is shown over whatever was said', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.tell({ type: 'notice', notice: { id: 1, kind: 'done', text: 'Stored: a' } });
  t.regex(drawn(tui.state()).join('\n'), /Stored: a/);
  tui.press('A');
  t.regex(drawn(tui.state()).join('\n'), / A {2}l snapshots {2}n snapshot-create/);
});

test('through ssh the command that is shown leads to the other machine, whose home is its own', (t) => {
  const there = { ...consoleState('overview'), reach: ['--ssh', 'nas'], remote: true };
  const tui = consoleOf(there);
  tui.press('M', ...'~/v', 'enter');
  t.is(tui.state().commands.at(-1), "vault --ssh nas mount '~/v'");
  const here = consoleOf(consoleState('overview'));
  here.press('M', ...'~/v', 'enter');
  t.is(here.state().commands.at(-1), `vault mount ${process.env['HOME'] ?? '~'}/v`);
});

test('the way to the agent makes room for what is done, and is copied with it', (t) => {
  const socket = `/run/user/1000/${'a long name/'.repeat(5)}agent.sock`;
  const tui = consoleOf({ ...consoleState('overview'), reach: ['--socket', socket] });
  tui.press(':', ...'mount');
  t.regex(drawn(tui.state()).join('\n'), /\$ vault … mount <empty directory there>/);
  tui.press('esc', 'M', ...'/mnt/v', 'enter');
  t.is(tui.state().commands.at(-1), `vault --socket '${socket}' mount /mnt/v`);
  t.regex(
    drawn({ ...tui.state(), notice: undefined, tasks: [] }).at(-2) ?? '',
    /^ \$ vault … mount \/mnt\/v$/,
  );
  tui.press('Y');
  t.is(tui.copied.at(-1), `vault --socket '${socket}' mount /mnt/v`);
  const wide = { ...tui.state(), notice: undefined, tasks: [], size: { columns: 200, rows: 50 } };
  t.true(drawn(wide).some((line) => line === ` $ vault --socket '${socket}' mount /mnt/v`));
});

test('a note that begins as a flag does can be pasted', (t) => {
  const tui = consoleOf(consoleState('activity'));
  tui.press('s', 'tab', ...'-v works', 'enter');
  t.is(tui.state().commands.at(-1), "vault say -- '-v works'");
  tui.press('2', 'a', ...'--ssh=x', 'enter');
  t.is(tui.state().commands.at(-1), "vault say --path / -- '--ssh=x'");
});

test('a snapshot is opened by the name that it has, and by its id when the name is not its own', (t) => {
  const tui = consoleOf(consoleState('files'));
  tui.press('A', 'l');
  tui.tell(snapshotsCame(' monday ', 'sunday'));
  tui.press('enter');
  t.is(tui.state().commands.at(-1), "vault ls --at ' monday ' /");
  const twice = snapshotsCame('first');
  if (twice.type === 'view' && twice.view === 'files' && twice.message.type === 'snapshots') {
    const [row] = twice.message.rows;
    const rows = ['ab', 'cd'].map((digits) => ({ ...row!, name: 'same', id: digits.repeat(16) }));
    tui.tell({ type: 'view', view: 'files', message: { type: 'snapshots', rows } });
  }
  tui.press('enter');
  t.is(tui.state().commands.at(-1), `vault ls --at ${'ab'.repeat(16)} /`);
});
