import test from 'ava';
import { createTerminalLog, patienceMs } from '../../../agent/vaultd/terminal-log.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

function open(format: 'json' | 'text' = 'text') {
  const clock = createManualClock();
  const seen = { shown: '', kept: '' };
  const log = createTerminalLog({
    clock,
    format,
    show: (text) => void (seen.shown += text),
    keep: (text) => void (seen.kept += text),
  });
  return { clock, seen, log };
}

const line = (level: string, msg: string): string =>
  `${JSON.stringify({ level, time: '2026-11-21T06:44:28.123Z', pid: 1, msg })}\n`;

test('lines of a start that works show when the agent is ready, and later ones at once', (t) => {
  const { clock, seen, log } = open();
  log.write(line('info', 'opening'));
  t.is(seen.shown, '');
  log.started();
  t.is(seen.shown, '06:44:28.123 info  opening\n');
  log.write(line('error', 'a bad thing'));
  t.is(seen.shown, '06:44:28.123 info  opening\n06:44:28.123 error a bad thing\n');
  t.is(seen.kept, '');
  t.is(clock.waiting, 0);
});

test('of a start that fails nothing shows, and everything is kept as it was written', (t) => {
  const { seen, log, clock } = open();
  const lines = [
    line('info', 'opening'),
    line('error', 'the agent failed'),
    'FATAL ERROR: out of memory\n',
  ];
  for (const each of lines) log.write(each);
  log.close();
  t.is(seen.shown, '');
  t.deepEqual(seen.kept.split('\n').sort(), lines.join('').split('\n').sort());
  t.is(clock.waiting, 0);
});

test('a slow start shows what it does, but not what will be told in clear lines', (t) => {
  const { clock, seen, log } = open();
  log.write(line('info', 'first'));
  clock.advance(patienceMs);
  log.write(line('warn', 'second'));
  log.write(line('error', 'third'));
  t.regex(seen.shown, /first\n.*second\n$/);
  t.is(seen.kept, line('error', 'third'));
});

test('pieces are put together to lines, also inside a character', (t) => {
  const { seen, log } = open('json');
  log.started();
  const text = line('info', 'schön');
  for (const byte of Buffer.from(text)) log.write(Buffer.from([byte]));
  log.write('no end');
  t.is(seen.shown, text);
  log.close();
  t.is(seen.shown, `${text}no end\n`);
});

test('a line without an end is not gathered for ever', (t) => {
  const { seen, log } = open();
  log.started();
  for (let count = 0; count < 20; count++) log.write('x'.repeat(100_000));
  t.true(seen.shown.length >= 1_000_000);
});
