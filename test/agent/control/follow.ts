import test from 'ava';
import { sendAndFollow } from '../../../agent/control/follow.ts';

interface Told {
  readonly stream: Parameters<typeof sendAndFollow>[0];
  readonly sent: number[];
  readonly abort: AbortController;
}

/** A client that reads; `onSent` hears of each row that it has. */
function client(onSent: (row: number) => void = () => undefined): Told {
  const abort = new AbortController();
  const sent: number[] = [];
  const stream = {
    signal: abort.signal,
    async sendMessage(bytes: Uint8Array) {
      await Promise.resolve();
      const [row = 0] = bytes;
      sent.push(row);
      onSent(row);
    },
  };
  return { stream: stream as unknown as Told['stream'], sent, abort };
}

interface Source {
  readonly past?: readonly number[];
  readonly queuedMax?: number;
}

function following(
  { past = [], queuedMax = 3 }: Source,
  onSubscribe: (tell: (row: number) => void) => void,
) {
  let last = 0;
  return {
    past: (async function* () {
      await Promise.resolve();
      yield* past;
    })(),
    subscribe(onRow: (row: number) => void) {
      onSubscribe(onRow);
      return () => undefined;
    },
    sent: (row: number) => void (last = row),
    wasSent: (row: number) => row <= last,
    toWire: (row: number) => Uint8Array.of(row),
    follow: true,
    queuedMax,
    tooSlow: { op: 'test', subject: 'rows', next: 'start anew' },
  };
}

test('what comes while the past is sent follows it, each row once', async (t) => {
  const { stream, sent, abort } = client((row) => {
    if (row === 4) abort.abort();
  });
  await sendAndFollow(
    stream,
    following({ past: [1, 2, 3] }, (tell) => {
      for (const row of [2, 3, 4]) tell(row);
    }),
  );
  t.deepEqual(sent, [1, 2, 3, 4]);
});

test('a client that is too slow is told, and has nothing of what came after the first that it missed', async (t) => {
  let tell: (row: number) => void = () => undefined;
  let next = 6;
  // As many come as it reads: the queue never empties by itself.
  const { stream, sent } = client(() => {
    if (next < 200) tell(next++);
  });
  const call = sendAndFollow(
    stream,
    following({}, (onRow) => {
      tell = onRow;
      for (const row of [1, 2, 3, 4, 5]) tell(row);
    }),
  );
  await t.throwsAsync(call, { code: 'overload' });
  t.deepEqual(sent, [1, 2, 3]);
});
