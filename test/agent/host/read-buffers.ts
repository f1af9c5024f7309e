import test from 'ava';
import { ReadBuffers } from '../../../agent/host/read-buffers.ts';
import { KiB } from '../../../protocol/limits.ts';

test('what came little is copied, and the next read goes into the same memory', (t) => {
  const buffers = new ReadBuffers();
  const first = buffers.next().fill(1);
  const piece = buffers.filled(100);
  t.deepEqual(piece, Buffer.alloc(100, 1));
  t.is(buffers.next().buffer, first.buffer);
  t.not(piece.buffer, first.buffer);
  t.is(buffers.heldBytes(piece), 100);
  t.false(buffers.giveBack(piece));
});

test('what came much is handed out as it stands, and nothing is read over it until it is given back', (t) => {
  const buffers = new ReadBuffers();
  const first = buffers.next().fill(1);
  const piece = buffers.filled(200 * KiB);
  t.is(piece.length, 200 * KiB);
  t.is(piece.buffer, first.buffer);
  const second = buffers.next().fill(2);
  t.not(second.buffer, first.buffer);
  t.true(piece.every((byte) => byte === 1));
  t.is(buffers.heldBytes(piece), piece.buffer.byteLength, 'all of the memory stays for it');
  t.true(buffers.giveBack(piece));
  t.is(buffers.next().buffer, second.buffer);
  buffers.filled(second.length);
  t.is(buffers.next().buffer, first.buffer);
});

test('few buffers are kept, however many come back', (t) => {
  const buffers = new ReadBuffers();
  const pieces = Array.from({ length: 10 }, () => buffers.filled(buffers.next().length));
  const known = new Set(pieces.map(({ buffer }) => buffer));
  t.is(known.size, 10);
  for (const piece of pieces) t.true(buffers.giveBack(piece));
  const again = Array.from({ length: 10 }, () => buffers.filled(buffers.next().length));
  t.is(again.filter(({ buffer }) => known.has(buffer)).length, 2);
});
