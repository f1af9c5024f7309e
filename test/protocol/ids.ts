import test from 'ava';
import { idFromBytes, idToBytes, journalId, parseId, splitJournalId } from '../../protocol/ids.ts';

test('an id survives the way to bytes and back', (t) => {
  const bytes = Buffer.alloc(32, 0xab);
  t.deepEqual(idToBytes(idFromBytes('chunk', bytes)), bytes);
});

for (const length of [0, 31, 33]) {
  test(`a chunk id of ${length} bytes is malformed`, (t) => {
    t.throws(() => idFromBytes('chunk', Buffer.alloc(length)), { code: 'malformed' });
  });
}

test('text that is no id is refused with what to give', (t) => {
  const error = t.throws(() => parseId('device', 'xyz'), { code: 'usage' });
  t.regex((error as { next?: string }).next ?? '', /32 hex digits/);
});

test('a journal id splits into its device and incarnation', (t) => {
  const device = parseId('device', 'ab'.repeat(16));
  const incarnation = parseId('incarnation', 'cd'.repeat(8));
  t.deepEqual(splitJournalId(journalId(device, incarnation)), { device, incarnation });
});
