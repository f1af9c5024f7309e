import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import type { DeviceId } from '../../../protocol/ids.ts';
import { control as limits } from '../../../protocol/limits.ts';
import {
  noteRow,
  notesRequest,
  sayRequest,
  type NoteRow,
} from '../../../protocol/messages/control-notes.ts';

const row: NoteRow = {
  id: 'ab'.repeat(16),
  timeMs: 1_795_000_000_123,
  deviceId: 'cd'.repeat(16) as DeviceId,
  author: 'laptop',
  to: { deviceId: 'ef'.repeat(16) as DeviceId, name: 'nas' },
  pinned: false,
  path: undefined,
  text: 'see you\n\u001b[2J',
};

test('requests and rows come back as they were sent', (t) => {
  const rows: readonly NoteRow[] = [
    row,
    { ...row, to: undefined, pinned: true, path: Buffer.from('docs/\xff', 'latin1') },
    { ...row, to: undefined, pinned: true, path: Buffer.alloc(0) },
    { ...row, to: undefined, pinned: true },
  ];
  for (const each of rows) t.deepEqual(noteRow.fromWire(noteRow.toWire(each)), each);
  for (const request of [
    { text: 'x', device: undefined, path: undefined },
    { text: 'x', device: 'nas', path: undefined },
    { text: 'x', device: undefined, path: Buffer.from('a') },
    { text: 'x', device: undefined, path: Buffer.alloc(0) },
  ]) {
    t.deepEqual(sayRequest.fromWire(sayRequest.toWire(request)), request);
  }
  for (const request of [
    { path: undefined, follow: true },
    { path: Buffer.alloc(0), follow: false },
  ]) {
    t.deepEqual(notesRequest.fromWire(notesRequest.toWire(request)), request);
  }
});

test('more text than anybody types is refused before it is looked at', (t) => {
  const bytes = sayRequest.toWire({ text: 'x'.repeat(limits.saidBytesMax + 1) });
  t.throws(() => sayRequest.fromWire(bytes), { instanceOf: VaultError });
});
