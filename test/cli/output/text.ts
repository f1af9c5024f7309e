import test from 'ava';
import fc from 'fast-check';
import {
  formatAge,
  formatSince,
  formatBytes,
  formatCount,
  formatDuration,
  formatMode,
  formatTime,
} from '../../../cli/output/format.ts';
import { failureJson, failureText } from '../../../cli/output/failure.ts';
import { createOutput } from '../../../cli/output/output.ts';
import { nextRate, progressLine, startProgress } from '../../../cli/output/progress.ts';
import { alignedLines, gridLines, tableLines } from '../../../cli/output/table.ts';
import { displayWidth } from '../../../protocol/text/width.ts';
import { VaultError } from '../../../protocol/errors.ts';

test('sizes have three digits at most, and the unit changes where they would have four', (t) => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [10 * 1024 - 60, '9.9 KiB'],
    [10 * 1024, '10 KiB'],
    [1023 * 1024 + 511, '1023 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [3 * 1024 ** 6, '3072 PiB'],
  ];
  for (const [bytes, text] of cases) t.is(formatBytes(bytes), text);
});

test('durations', (t) => {
  const cases: [number, string][] = [
    [-1, '0:00'],
    [7, '0:07'],
    [3599, '59:59'],
    [3600, '1 h 00 min'],
    [48 * 3600 - 1, '47 h 59 min'],
    [48 * 3600, '2 days'],
  ];
  for (const [seconds, text] of cases) t.is(formatDuration(seconds), text);
});

test('times keep their nanoseconds, before 1970 too', (t) => {
  t.is(formatTime({ seconds: 1_795_243_468, nanoseconds: 1 }), '2026-11-21T06:44:28.000000001Z');
  t.is(formatTime({ seconds: -1, nanoseconds: 999_999_999 }), '1969-12-31T23:59:59.999999999Z');
  t.is(formatTime({ seconds: Number.MAX_SAFE_INTEGER, nanoseconds: 0 }), '@9007199254740991');
});

test('ages', (t) => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  t.is(formatAge('2026-11-21T11:59:01Z', now), 'now');
  t.is(formatSince('2026-11-21T11:59:01Z', now), 'just now');
  t.is(formatSince('2026-11-21T11:01:00Z', now), '59 min ago');
  t.is(formatAge('2026-11-21T11:01:00Z', now), '59 min');
  t.is(formatAge('2026-11-19T12:00:01Z', now), '47 h');
  t.is(formatAge('2026-11-19T12:00:00Z', now), '2 d');
  t.is(formatAge('nonsense', now), '?');
});

test('modes are written as ls does', (t) => {
  t.is(formatMode('file', 0o644), '-rw-r--r--');
  t.is(formatMode('directory', 0o1777), 'drwxrwxrwt');
  t.is(formatMode('symlink', 0o777), 'lrwxrwxrwx');
  t.is(formatMode('file', 0o4755), '-rwsr-xr-x');
  t.is(formatMode('file', 0o7644), '-rwSr-Sr-T');
  t.is(formatMode('file', 0), '----------');
});

test('one and many', (t) => {
  t.is(formatCount(1, 'file'), '1 file');
  t.is(formatCount(0, 'directory', 'directories'), '0 directories');
});

test('wide characters take two cells, combining ones none', (t) => {
  t.is(displayWidth('abc'), 3);
  t.is(displayWidth('日本'), 4);
  t.is(displayWidth('e\u0301'), 1);
  t.is(displayWidth('ä'), 1);
  t.is(displayWidth(''), 0);
});

test('emoji take two cells, and a syllable of Hangul in pieces takes those of its consonant', (t) => {
  const wide =
    '\u231a\u231b\u23e9\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2648\u2653\u267f\u2693\u26a1\u26ab';
  const more =
    '\u26bd\u26c5\u26ce\u26d4\u26ea\u26f3\u26f5\u26fa\u26fd\u2705\u270b\u2728\u274c\u274e\u2755';
  const last = '\u2757\u2795\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u{1f7e0}\u{1fa70}\u{1faff}';
  for (const each of wide + more + last) t.is(displayWidth(each), 2, each);
  for (const each of '\u2600\u2639\u2702\u2713\u2b05\u00a9') t.is(displayWidth(each), 1, each);
  t.is(displayWidth('\u{1f1e9}\u{1f1ea}'), 2, 'a flag is two halves');
  t.is(displayWidth('한'.normalize('NFD')), 2);
  t.is(displayWidth('\u1160\u11ff'), 0);
});

test('columns stand below each other', (t) => {
  t.deepEqual(
    tableLines(
      [{ title: 'N', right: true }, { title: 'NAME' }, { title: 'X' }],
      [
        ['10', '日', 'a'],
        ['1', 'abc', ''],
      ],
    ),
    [' N  NAME  X', '10  日    a', ' 1  abc'],
  );
  t.deepEqual(alignedLines([], [false]), []);
});

test('a grid holds every cell in order and keeps to the width', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 100 }),
      (cells, width) => {
        const lines = gridLines(cells, width);
        const widest = Math.max(...cells.map((cell) => cell.length));
        for (const line of lines) t.true(line.length <= Math.max(width, widest));
        t.deepEqual(lines.flatMap((line) => line.split(/ +/)).sort(), [...cells].sort());
      },
    ),
  );
  t.deepEqual(
    gridLines(['a', 'b', 'c', 'd', 'e'], 7),
    ['a  c  e', 'b  d'].map((line) => line),
  );
  t.deepEqual(gridLines(['a', 'b'], 4), ['a  b']);
  t.deepEqual(gridLines(['a', 'b'], 3), ['a', 'b']);
});

const error = new VaultError('not-found', {
  op: 'vault.stat',
  subject: 'a\u001b[31m',
  detail: 'no',
  next: 'look',
});

test('a failure says what, on what, why and what to try, and cannot drive the terminal', (t) => {
  t.is(failureText(error), 'vault: no such file or directory: a\\x1b[31m (no)\n  try: look');
  t.is(failureText(new VaultError('io', { op: 'x' })), 'vault: reading or writing failed');
  t.deepEqual(failureJson(error), {
    code: 'not-found',
    op: 'vault.stat',
    subject: 'a\u001b[31m',
    message: 'a\u001b[31m: no such file or directory (no)',
    next: 'look',
  });
});

test('what is missing is called what it is, where that is known', (t) => {
  const missing = new VaultError('not-found', {
    op: 'members.find',
    subject: 'nobody',
    detail: 'no device has this id or name',
  });
  t.is(failureText(missing), 'vault: no device has this id or name: nobody');
  t.is(missing.message, 'nobody: no device has this id or name');
});

function collect(options: { json: boolean; quiet: boolean; isTTY: boolean }) {
  const said = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    isTTY: options.isTTY,
    columns: 40,
    write(text: string) {
      said[name] += text;
    },
  });
  const streams = { out: stream('out'), err: stream('err') };
  return { said, output: createOutput(streams, { ...options, progress: true }) };
}

test('results go to standard output, notes and failures to standard error', (t) => {
  const { said, output } = collect({ json: false, quiet: false, isTTY: true });
  output.lines(['a', 'b']);
  output.lines([]);
  output.note('n');
  output.warn(error);
  t.is(said.out, 'a\nb\n');
  t.regex(said.err, /^n\nvault: no such file/);
  t.is(output.columns, 40);
  t.true(output.progress);
});

test('with --quiet there are no notes and no bar; with --json failures are JSON', (t) => {
  const quiet = collect({ json: false, quiet: true, isTTY: true });
  quiet.output.note('n');
  t.is(quiet.said.err, '');
  t.false(quiet.output.progress);
  const json = collect({ json: true, quiet: false, isTTY: false });
  json.output.note('n');
  json.output.fail(error);
  json.output.warn(error);
  json.output.record({ a: '\u202e' });
  t.is(json.said.out, '{"a":"\\u202e"}\n');
  const [first, second] = json.said.err.trim().split('\n');
  t.is((JSON.parse(first!) as { error: { code: string } }).error.code, 'not-found');
  t.is((JSON.parse(second!) as { warning: { code: string } }).warning.code, 'not-found');
  t.is(json.output.columns, undefined);
});

test('the bar shows share, size, rate and time left, in any width', (t) => {
  const state = { bytesDone: 1024 ** 3, bytesTotal: 4 * 1024 ** 3, bytesPerSecond: 1024 ** 3 };
  const line = progressLine(state, 100);
  t.regex(line, /^\[#{7}\.{23}\] {3}25% {2}1\.0 GiB of 4\.0 GiB {2}1\.0 GiB\/s {2}0:03 left$/);
  for (let columns = 1; columns < 120; columns += 1) {
    t.true(progressLine(state, columns).length < Math.max(columns, 2), String(columns));
  }
  t.is(progressLine({ ...state, bytesTotal: undefined }, 80), '1.0 GiB  1.0 GiB/s');
  t.notRegex(progressLine({ ...state, bytesPerSecond: 0 }, 100), /left/);
  t.regex(progressLine({ ...state, bytesDone: 5 * 1024 ** 3 }, 100), /100%/);
});

test('the rate follows the last seconds', (t) => {
  t.is(nextRate(0, { bytes: 100, elapsedMs: 100, isFirst: true }), 1000);
  t.is(nextRate(1000, { bytes: 0, elapsedMs: 0, isFirst: false }), 1000);
  let rate = 1000;
  for (let at = 0; at < 100; at += 1) {
    rate = nextRate(rate, { bytes: 0, elapsedMs: 100, isFirst: false });
  }
  t.true(rate < 50);
});

test('nothing is shown for the first half second, and the line is cleared at the end', (t) => {
  let nowMs = 0;
  let tick: () => void = () => undefined;
  let shown = '';
  const clock = {
    nowMs: () => nowMs,
    every(_periodMs: number, action: () => void) {
      tick = action;
      return { cancel: () => undefined };
    },
  };
  const stream = {
    columns: 80,
    write(text: string) {
      shown += text;
    },
  };
  const progress = startProgress(stream, clock);
  progress.total(100);
  progress.advance(50);
  nowMs = 499;
  tick();
  t.is(shown, '');
  nowMs = 500;
  tick();
  t.regex(shown, /50%/);
  shown = '';
  progress.hide();
  progress.hide();
  t.is(shown, '\r\u001b[K', 'a line of text has room');
  tick();
  t.regex(shown, /50%/, 'and the bar is back below it');
  shown = '';
  progress.finish();
  progress.finish();
  t.is(shown, '\r\u001b[K');
});
