import test from 'ava';
import { logJson, logLines, timeJson } from '../../../cli/output/log-text.ts';
import type { LogRow } from '../../../protocol/messages/control-history.ts';

const path = Buffer.from('docs/a');
const row: LogRow = {
  what: 'changed',
  kind: 'file',
  timeMs: Date.UTC(2026, 10, 21),
  author: 'laptop',
  deviceId: 'ab'.repeat(16),
  path,
  version: 'beefbeefbeefbeef',
  size: 2048,
  isCurrent: false,
};
/** Without the time, which is that of the zone. */
const told = (change: Partial<LogRow>): string =>
  logLines([{ ...row, ...change }], path)[0]!.slice('2026-11-21 00:00  '.length);

test('what happened, in one line', (t) => {
  t.is(told({ isCurrent: true }), 'laptop  beefbeefbeefbeef  2.0 KiB  changed (current)');
  const none = { version: undefined };
  t.is(told({ ...none, what: 'mode', mode: 0o64 }), 'laptop      mode 0064');
  t.is(
    told({ ...none, what: 'renamed', from: Buffer.from('docs/\x1b') }),
    'laptop      renamed from docs/\\x1b to docs/a',
  );
  t.is(
    told({ ...none, what: 'created', kind: 'directory', path: Buffer.from('docs/new') }),
    'laptop      created docs/new/',
  );
  t.regex(told({ what: 'restored', restored: 'cafe' }), /restored from cafe$/);
});

test('lines stand below each other', (t) => {
  const lines = logLines([row, { ...row, author: 'n', size: 1 }], path);
  t.is(lines[0]?.indexOf('beef'), lines[1]?.indexOf('beef'));
  t.is(lines[0]?.length, lines[1]?.length);
});

test('as JSON, with null for what there is not', (t) => {
  t.like(logJson(row), { time: '2026-11-21T00:00:00.000Z', path: 'docs/a', current: false });
  t.like(logJson({ ...row, version: undefined }), { version: null, size: null });
  t.like(logJson({ ...row, path: Buffer.from([0xff]) }), { path: '\\xff', pathBytes: '/w==' });
  t.is(timeJson(2 ** 60), null);
});
