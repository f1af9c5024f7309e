import { EventEmitter } from 'node:events';
import test from 'ava';
import { createInbox, type Source } from '../../../agent/host/inbox.ts';
import { KiB } from '../../../protocol/limits.ts';

function newSource(): Source & EventEmitter {
  const state = { paused: false };
  return Object.assign(new EventEmitter(), {
    destroyed: false,
    readableEnded: false,
    pause: () => (state.paused = true),
    resume: () => (state.paused = false),
    isPaused: () => state.paused,
  }) as unknown as Source & EventEmitter;
}

test('whoever waits gets the next piece, and the end', async (t) => {
  const inbox = createInbox();
  const source = newSource();
  inbox.attach(source);
  const taking = inbox.take();
  inbox.put(Buffer.from('a'));
  inbox.put(Buffer.from('b'));
  t.is(String(await taking), 'a');
  source.emit('end');
  t.is(String(await inbox.take()), 'b');
  t.is(await inbox.take(), undefined);
});

test('a source is paused by the memory that stays for its pieces, not by what stands in them', async (t) => {
  for (const [heldBytes, pieces] of [
    [256 * KiB, 3],
    [undefined, 9],
  ] as const) {
    const inbox = createInbox();
    const source = newSource();
    inbox.attach(source);
    let put = 0;
    while (!source.isPaused()) {
      inbox.put(Buffer.alloc(64 * KiB), heldBytes);
      put += 1;
    }
    t.is(put, pieces);
    while (source.isPaused()) t.is((await inbox.take())?.length, 64 * KiB);
    inbox.put(Buffer.alloc(1));
    t.false(source.isPaused());
  }
});
