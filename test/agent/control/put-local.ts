import test from 'ava';
import { LocalBodies, type LocalPut } from '../../../agent/control/put-local.ts';
import type { LocalFiles, LocalSource } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { putDown, type PutDown } from '../../../protocol/messages/control-put.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';

const bootId = Buffer.alloc(16, 1);
const path = Buffer.from('/somewhere/f');
const size = 10_000;

interface Bench {
  readonly bodies: LocalBodies;
  readonly answers: PutDown[];
  /** What the session was told, in order. */
  readonly session: string[];
  readonly stored: () => Buffer;
  readonly progress: { readBytes: number };
  readonly abort: () => void;
  readonly closed: () => number;
}

interface Faults {
  readonly read?: LocalSource['read'];
  readonly isUnchanged?: boolean;
  readonly opens?: boolean;
  readonly bootId?: Buffer | undefined;
  readonly known?: boolean;
  /** Called with each stretch that was read. */
  readonly moved?: (bench: Bench) => void;
}

const content = Buffer.alloc(size, 'abcdefg');

function newBench(faults: Faults = {}): Bench {
  const answers: PutDown[] = [];
  const session: string[] = [];
  const pieces: Buffer[] = [];
  const abort = new AbortController();
  let closed = 0;
  const source: LocalSource = {
    read: (offset, into) => {
      // Short, as reads of a disk may be.
      const piece = content.subarray(offset, offset + Math.min(into.length, 3000));
      into.set(piece);
      return Promise.resolve(piece.length);
    },
    isUnchanged: () => Promise.resolve(faults.isUnchanged ?? true),
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
    ...(faults.read && { read: faults.read }),
  };
  const localFiles: LocalFiles = {
    bootId,
    openSource: () => Promise.resolve(faults.opens === false ? undefined : source),
    openTarget: () => Promise.resolve(undefined),
  };
  const progress = { readBytes: 0, tick: () => undefined };
  const put = {
    request: { bootId: 'bootId' in faults ? faults.bootId : bootId },
    stream: {
      signal: abort.signal,
      sendMessage: (bytes: Uint8Array) => {
        answers.push(putDown.fromWire(Buffer.from(bytes)));
        return Promise.resolve();
      },
    } as unknown as CallStream,
    session: {
      needed: () =>
        faults.known === false ? undefined : { size, fingerprint: Buffer.alloc(40, 2) },
      begin: (item: number) => session.push(`begin ${String(item)}`),
      async fill(read: (room: Uint8Array) => Promise<number>) {
        const room = Buffer.alloc(4096);
        const count = await read(room);
        pieces.push(room.subarray(0, count));
        return count;
      },
      end: (aborted: boolean) => {
        session.push(aborted ? 'aborted' : 'end');
        return Promise.resolve();
      },
    },
    progress,
  } as unknown as LocalPut;
  const running = {
    moved: () => {
      faults.moved?.(bench);
      return Promise.resolve();
    },
  } as never;
  const bench: Bench = {
    bodies: new LocalBodies({ localFiles, running }, put),
    answers,
    session,
    stored: () => Buffer.concat(pieces),
    progress,
    abort: () => {
      abort.abort();
    },
    closed: () => closed,
  };
  return bench;
}

test('a file is read whole, in stretches, and closed', async (t) => {
  const read: number[] = [];
  const bench = newBench({ moved: ({ progress }) => read.push(progress.readBytes) });
  t.true(bench.bodies.taken);
  await bench.bodies.take(7, path);
  t.deepEqual(bench.answers, [{ type: 'local', item: 7 }]);
  t.deepEqual(bench.session, ['begin 7', 'end']);
  t.true(bench.stored().equals(content));
  t.deepEqual(read, [3000, 6000, 9000, 10_000]);
  t.is(bench.progress.readBytes, 0, 'the next file begins anew');
  t.is(bench.closed(), 1);
});

test('what may not or cannot be opened has to be sent, and nothing has begun', async (t) => {
  const refused: readonly Faults[] = [
    { opens: false },
    { known: false },
    { bootId: undefined },
    { bootId: Buffer.alloc(16, 9) },
  ];
  for (const faults of refused) {
    const bench = newBench(faults);
    t.is(bench.bodies.taken, !('bootId' in faults));
    await bench.bodies.take(7, path);
    t.deepEqual(bench.answers, [{ type: 'local', item: 7, send: true }]);
    t.deepEqual(bench.session, []);
  }
});

test('a file that changed, shrank or cannot be read is left out, and closed', async (t) => {
  const eio = new VaultError('io', { op: 'local.read', subject: '/somewhere/f' });
  const faults: readonly (readonly [string, Faults])[] = [
    ['source-changed', { isUnchanged: false }],
    ['source-changed', { read: () => Promise.resolve(0) }],
    ['io', { read: () => Promise.reject(eio) }],
  ];
  for (const [code, fault] of faults) {
    const bench = newBench(fault);
    await bench.bodies.take(7, path);
    const [answer] = bench.answers;
    t.is(answer?.type === 'local' ? answer.error?.code : undefined, code as never);
    t.deepEqual(bench.session, ['begin 7', 'aborted']);
    t.is(bench.closed(), 1);
  }
});

test('when the client goes, reading ends and the file is closed', async (t) => {
  const bench = newBench({
    moved: ({ abort }) => {
      abort();
    },
  });
  await t.throwsAsync(bench.bodies.take(7, path), { code: 'cancelled' });
  t.is(bench.stored().length, 3000);
  t.is(bench.closed(), 1);
  t.deepEqual(bench.answers, []);
});
