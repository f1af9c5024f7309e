/** Snapshots and retention: the command line of each action, and what it asks before. */
import test from 'ava';
import type { SnapshotRow } from '../../../../protocol/control/reports.ts';
import { consoleState } from '../../../helpers/console-state.ts';
import { actionById } from '../../../../tui/keymap/action-list.ts';
import { commandLine } from '../../../../tui/keymap/words.ts';
import { reduce } from '../../../../tui/state/reducer.ts';
import type { State } from '../../../../tui/state/state.ts';
import type { FilesMessage } from '../../../../tui/views/files/slice.ts';

function after(...messages: readonly FilesMessage[]): State {
  return consoleState(
    'files',
    ...messages.map((message) => ({ type: 'view', view: 'files', message }) as const),
  );
}

const snapshot: SnapshotRow = {
  ...{ id: 'ab'.repeat(16), name: 'it is', deviceId: '11'.repeat(16), author: 'laptop' },
  ...{ time: '2026-11-20T06:44:28.000Z', state: 'ready', gaps: [] },
};
const docs = after({ type: 'open', directory: Buffer.from('docs') });
const listed = after(
  { type: 'open', directory: Buffer.from('docs') },
  { type: 'mode', mode: 'snapshots' },
  { type: 'snapshots', rows: [snapshot, { ...snapshot, id: 'cd'.repeat(16), name: 'monday' }] },
);

function line(state: State, id: string, ...args: readonly string[]): string {
  return commandLine(actionById(id)?.command?.(state, args) ?? []);
}

test('each snapshot action shows the command that does the same', (t) => {
  t.is(line(docs, 'files.snapshots'), 'vault snapshot');
  t.is(line(docs, 'files.snapshot-create', ''), 'vault snapshot create');
  t.is(line(docs, 'files.snapshot-create', 'a b'), "vault snapshot create 'a b'");
  t.is(line(listed, 'files.snapshot-rm'), "vault snapshot rm 'it is'");
  t.is(
    line(listed, 'files.snapshot-diff', 'it is', 'now', '/docs'),
    "vault snapshot diff --path /docs 'it is'",
  );
  t.is(
    line(docs, 'files.snapshot-diff', '2h ago', 'yesterday', '..'),
    "vault snapshot diff --path / '2h ago' yesterday",
  );
  t.is(
    line(docs, 'files.snapshot-restore', 'monday', 'a.txt', ''),
    'vault snapshot restore monday /docs/a.txt',
  );
  t.is(
    line(docs, 'files.snapshot-restore', 'monday', 'a.txt', '/b.txt'),
    'vault snapshot restore monday /docs/a.txt /b.txt',
  );
});

test('a snapshot whose name begins as a flag does is no flag', (t) => {
  const rows = [{ ...snapshot, name: '--ssh=elsewhere' }];
  const state = after({ type: 'mode', mode: 'snapshots' }, { type: 'snapshots', rows });
  const name = "'--ssh=elsewhere'";
  t.is(line(state, 'files.snapshot-create', '-x'), 'vault snapshot create -- -x');
  t.is(line(state, 'files.snapshot-rm'), `vault snapshot rm -- ${name}`);
  t.is(
    line(state, 'files.snapshot-diff', '--ssh=elsewhere', 'yesterday', '/'),
    `vault snapshot diff --path / -- ${name} yesterday`,
  );
  t.is(
    line(state, 'files.snapshot-restore', '--ssh=elsewhere', '‮a', ''),
    `vault snapshot restore --escaped-paths -- ${name} '/\\u{202e}a'`,
  );
  t.is(line(state, 'files.travel', '--ssh=elsewhere'), "vault ls '--at=--ssh=elsewhere' /");
});

test('the selected snapshot is what is dropped, compared and brought back; dropping has to be typed', (t) => {
  t.truthy(actionById('files.snapshot-rm')?.unless?.(docs));
  t.is(actionById('files.snapshot-rm')?.unless?.(listed), undefined);
  t.is(actionById('files.snapshot-rm')?.confirm?.(listed, [])?.word, 'it is');
  t.is(actionById('files.snapshot-restore')?.fields?.(listed)[0]?.initial, 'it is');
  t.is(actionById('files.snapshot-diff')?.fields?.(listed)[2]?.initial, '/docs');
  const second = reduce(listed, {
    ...{ type: 'view', view: 'files' },
    message: { type: 'move', unit: 'line', by: 1 },
  });
  t.is(actionById('files.snapshot-restore')?.fields?.(second)[0]?.initial, 'monday');
  const found = reduce(listed, { type: 'filter', text: 'mond' });
  t.is(actionById('files.snapshot-restore')?.fields?.(found)[0]?.initial, 'monday');
});

test('a rule is shown as the options of the command line', (t) => {
  t.is(
    line(docs, 'files.retention-set', 'keep-last=10 trash-days=30'),
    'vault retention set /docs --keep-last 10 --trash-days 30',
  );
  t.is(line(docs, 'files.retention'), 'vault retention show /docs');
  t.is(line(docs, 'files.retention-unset'), 'vault retention unset /docs');
  t.is(line(docs, 'files.forget-dry-run'), 'vault forget --dry-run /docs');
  t.is(line(docs, 'files.forget'), 'vault forget /docs');
  // What was looked at, whatever is selected by then.
  t.is(line(docs, 'files.forget', 'photos/\u00e4'), "vault forget --escaped-paths '/photos/\\xe4'");
  t.is(line(docs, 'files.gc-dry-run'), 'vault gc --dry-run');
  t.is(line(docs, 'files.fold-dry-run'), 'vault retention fold --dry-run');
});
