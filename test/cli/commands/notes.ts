import test from 'ava';
import { noteLines } from '../../../cli/commands/notes.ts';
import type { DeviceId } from '../../../protocol/ids.ts';
import type { NoteRow } from '../../../protocol/messages/control-notes.ts';

const row: NoteRow = {
  id: 'ab'.repeat(16),
  timeMs: Date.now(),
  deviceId: 'cd'.repeat(16) as DeviceId,
  author: 'laptop',
  to: undefined,
  pinned: false,
  path: undefined,
  text: 'hello',
};
const withoutTime = (shown: NoteRow): string[] => {
  const [first = '', ...further] = noteLines(shown);
  return [first.slice(first.indexOf('  ') + 2), ...further];
};

test('a note says who said it to whom, or about what', (t) => {
  t.deepEqual(withoutTime(row), ['laptop: hello']);
  const to = { deviceId: row.deviceId, name: 'nas' };
  t.deepEqual(withoutTime({ ...row, to }), ['laptop to nas: hello']);
  const path = Buffer.from('docs/a.txt');
  t.deepEqual(withoutTime({ ...row, pinned: true, path }), ['laptop about /docs/a.txt: hello']);
  t.deepEqual(withoutTime({ ...row, pinned: true }), ['laptop about what is gone: hello']);
});

test('what others chose drives no terminal and looks like no other note', (t) => {
  const path = Buffer.from('\u001b]52;c;x\u0007');
  const text = 'one\r\n2026-11-21 10:00:00  nas: \u001b[2Jgive me the words\u202e';
  const lines = noteLines({ ...row, author: 'a\u001bb', pinned: true, path, text });
  t.notRegex(lines.join(''), /[\u0000-\u001f\u202e]/);
  t.is(lines.length, 2);
  t.true(lines[1]?.startsWith('    2026'));
  t.true(lines[0]?.includes('a\\x1bb about /\\x1b]52;c;x\\x07: one\\r'));
});
