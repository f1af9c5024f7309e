import test from 'ava';
import { EventEmitter } from 'node:events';
import { SecretLine, typeInto } from '../../../protocol/text/secret-line.ts';

function typed(...pieces: readonly string[]) {
  const line = new SecretLine();
  for (const piece of pieces) line.push(Buffer.from(piece));
  return line;
}

test('a line ends with Enter, and what comes after it is not part of it', (t) => {
  for (const end of ['\n', '\r']) {
    const line = typed('pa', `ss${end}more`);
    t.is(line.state, 'done');
    t.is(line.take().toString(), 'pass');
  }
});

test('Backspace takes one character away, however many bytes it has; Ctrl-U all', (t) => {
  t.is(typed('aé\x7fb\n').take().toString(), 'ab');
  t.is(typed('\x7f\x08a\n').take().toString(), 'a');
  t.is(typed('wrong\x15right\n').take().toString(), 'right');
});

test('Ctrl-C and Ctrl-D interrupt; Ctrl-D after something ends the line', (t) => {
  t.is(typed('a\x03').state, 'interrupted');
  t.is(typed('\x04').state, 'interrupted');
  t.is(typed('a\x04').state, 'done');
});

test('what was typed is overwritten where it came from, and after it was taken', (t) => {
  const piece = Buffer.from('secret\n');
  const line = new SecretLine();
  line.push(piece);
  t.deepEqual(piece, Buffer.alloc(7));
  t.is(line.take().toString(), 'secret');
  t.is(line.take().length, 0);
});

test('a line without end takes no more than it holds', (t) => {
  const line = typed('x'.repeat(10_000), '\n');
  t.is(line.take().length, 4096);
});

test('keys are taken until the line ends, and what follows is left for the next question', async (t) => {
  const keys = new EventEmitter();
  const line = new SecretLine();
  const typed = typeInto(line, keys);
  keys.emit('data', Buffer.from('pa'));
  keys.emit('data', Buffer.from('ss\r'));
  await typed;
  t.is(line.take().toString(), 'pass');
  t.is(keys.listenerCount('data') + keys.listenerCount('end'), 0);
});

test('the end of the input ends the line', async (t) => {
  const keys = new EventEmitter();
  const line = new SecretLine();
  const typed = typeInto(line, keys);
  keys.emit('end');
  await typed;
  t.is(line.state, 'interrupted');
});
