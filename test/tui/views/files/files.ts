import test from 'ava';
import type { Entry } from '../../../../protocol/messages/control-entry.ts';
import type { TrashRow } from '../../../../protocol/messages/control-history.ts';
import { consoleState, drawn } from '../../../helpers/console-state.ts';
import { reduce } from '../../../../tui/state/reducer.ts';
import type { State } from '../../../../tui/state/state.ts';
import { pairRows, pairsOf, unifiedRows } from '../../../../tui/views/files/diff.ts';
import { pathWords, typedPath } from '../../../../tui/views/files/paths.ts';
import { shownRows } from '../../../../tui/views/files/lists.ts';
import { listingKey } from '../../../../tui/views/files/reduce.ts';
import type { FilesMessage } from '../../../../tui/views/files/slice.ts';
import { rowText } from '../../../../tui/screen/span.ts';

function entry(name: string | Buffer, kind: Entry['kind'] = 'file', size = 10): Entry {
  return {
    path: Buffer.from(name),
    kind,
    size,
    mode: 0o644,
    mtime: { seconds: 1_795_243_468, nanoseconds: 0 },
    version: 'ab'.repeat(16),
    state: 'here',
    author: 'laptop',
    inode: 1,
    links: 1,
    chunks: 1,
    chunksHere: 1,
  };
}

function say(state: State, ...messages: readonly FilesMessage[]): State {
  return messages.reduce(
    (before, message) => reduce(before, { type: 'view', view: 'files', message }),
    state,
  );
}

function listed(state: State, entries: readonly Entry[], complete = true): State {
  const key = listingKey(state.slices.files);
  return say(state, { type: 'listed', key, listing: { entries, complete } });
}

test('directories come first, hostile names are escaped, the cursor is told by a sign', (t) => {
  const entries = [entry('b.txt'), entry('\u001b[2Ja\u202e'), entry('docs', 'directory')];
  const screen = drawn(listed(consoleState('files'), entries));
  t.true(screen[3 + 0]!.includes('▸ docs/') || screen[4]!.includes('▸ docs/'), screen.join('\n'));
  t.true(screen.some((line) => line.includes('\\x1b[2Ja\\u{202e}')));
});

test('a hundred thousand names are listed, filtered and walked through quickly enough to type', (t) => {
  const many = Array.from({ length: 100_000 }, (_, at) =>
    entry(`file-${String(at).padStart(6, '0')}`),
  );
  let state = listed(consoleState('files'), many);
  const before = process.cpuUsage();
  for (let count = 0; count < 200; count += 1) {
    state = say(state, { type: 'move', unit: 'line', by: 1 });
    drawn(state);
  }
  const { user, system } = process.cpuUsage(before);
  t.true((user + system) / 200 / 1000 < 25, `${String((user + system) / 200)} us a key`);
  t.is(state.slices.files.cursor.index, 200);
  state = reduce(state, { type: 'filter', text: '99999' });
  t.deepEqual(
    shownRows(state.slices.files).map(({ text }) => text),
    ['file-099999'],
  );
});

test('a filter of another list, and files that come meanwhile, leave the cursor of the files alone', (t) => {
  const entries = [entry('a'), entry('b'), entry('c')];
  let state = listed(consoleState('files'), entries);
  state = say(state, { type: 'move', unit: 'end', by: 1 }, { type: 'mode', mode: 'trash' });
  state = reduce(state, { type: 'filter', text: 'a' });
  state = listed(state, [...entries, entry('aa')]);
  state = reduce(say(state, { type: 'mode', mode: 'browse' }), { type: 'filter', text: '' });
  const { cursor } = state.slices.files;
  t.is(shownRows(state.slices.files)[cursor.index]?.text, 'c');
});

test('down into a directory and up again, the cursor is where it was', (t) => {
  const entries = [entry('a', 'directory'), entry('b', 'directory'), entry('c')];
  let state = listed(consoleState('files'), entries);
  state = say(
    state,
    { type: 'move', unit: 'line', by: 1 },
    { type: 'open', directory: Buffer.from('b') },
  );
  t.is(state.slices.files.listing, undefined);
  state = listed(state, [entry('inner')]);
  state = listed(say(state, { type: 'up' }), entries.slice(0, 1), false);
  state = listed(state, entries);
  t.is(state.slices.files.cursor.index, 1);
  // From a path that was never walked to: on the directory that one comes from.
  state = listed(say(state, { type: 'open', directory: Buffer.from('x/c') }), []);
  t.is(say(state, { type: 'up' }).slices.files.cursor.key, 'c');
});

test('a listing that comes too late is not taken for another directory', (t) => {
  const state = consoleState('files');
  const key = listingKey(state.slices.files);
  const moved = say(state, { type: 'open', directory: Buffer.from('docs') });
  t.is(
    say(moved, { type: 'listed', key, listing: { entries: [entry('a')], complete: true } }),
    moved,
  );
});

test('paths become words of a command line, and typed paths become paths', (t) => {
  t.deepEqual(pathWords(Buffer.from('docs/a b')), ['/docs/a b']);
  t.deepEqual(pathWords(Buffer.from([0xff, 0x41])), ['--escaped-paths', '/\\xffA']);
  const here = Buffer.from('docs');
  t.is(typedPath('a', here).toString(), 'docs/a');
  t.is(typedPath('/a/', here).toString(), 'a');
  t.is(typedPath('../../b', here).toString(), 'b');
});

test('differences are told by signs, below each other and side by side', (t) => {
  const before = 'one\ntwo\nthree\n';
  const after = 'one\n2\nthree\nfour\n';
  t.deepEqual(unifiedRows(before, after).map(rowText), [
    '  one',
    '- two',
    '+ 2',
    '  three',
    '+ four',
  ]);
  const rows = pairRows(pairsOf(before, after).pairs, 23).map(rowText);
  t.deepEqual(rows, [
    'one          one       ',
    'two        | 2         ',
    'three        three     ',
    '           > four      ',
  ]);
  t.regex(rowText(unifiedRows(before, before)[0]!), /the same/);
  t.regex(rowText(pairsOf(before, before).rows[0]!), /the same/);
});

test('a list that cannot be had says why, and what came before it is not shown in its place', (t) => {
  const error = { code: 'locked', message: 'the keys are locked', next: 'vault unlock' };
  for (const mode of ['trash', 'conflicts', 'snapshots'] as const) {
    const asked = say(consoleState('files'), { type: 'mode', mode }, { type: mode, rows: [] });
    const refused = say(asked, { type: 'list-failed', mode, error });
    const shown = drawn(refused).join('\n');
    t.regex(shown, /the keys are locked/, mode);
    t.regex(shown, /try: vault unlock/);
    t.notRegex(drawn(say(refused, { type: mode, rows: [] })).join('\n'), /locked/);
  }
  const path = Buffer.from('a');
  const history = say(consoleState('files'), { type: 'history', path, rows: [] });
  t.regex(
    drawn(say(history, { type: 'list-failed', mode: 'history', error })).join('\n'),
    /locked/,
  );
});

test('what was deleted elsewhere is not shown as what was deleted here', (t) => {
  const row = { path: Buffer.from('x/gone'), timeMs: 0, author: 'laptop', size: 1 } as TrashRow;
  const there = say(
    consoleState('files'),
    { type: 'mode', mode: 'trash' },
    { type: 'trash', rows: [row] },
  );
  t.regex(drawn(there).join('\n'), /gone/);
  const directory = Buffer.from('y');
  const here = say(there, { type: 'open', directory }, { type: 'mode', mode: 'trash' });
  t.regex(drawn(here).join('\n'), /waiting for the agent/);
});
