import test from 'ava';
import { LocalTargets, TargetError } from '../../../agent/control/get-local.ts';
import type { LocalFiles, LocalTarget } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { MiB } from '../../../protocol/limits.ts';
import {
  getDown,
  getUp,
  type GetDown,
  type GetRequest,
  type GetUp,
} from '../../../protocol/messages/control-get.ts';
import type { CallStream, StreamItem } from '../../../protocol/rpc/rpc.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

const bootId = Buffer.alloc(16, 1);
const place: GetUp = { localPath: Buffer.from('/somewhere/f'), fingerprint: Buffer.alloc(40, 2) };
const whole: GetRequest = { path: Buffer.from('f'), recursive: false, offset: 0, bootId };

interface Faults {
  readonly request?: Partial<GetRequest>;
  readonly answer?: GetUp;
  readonly item?: StreamItem | undefined;
  readonly opens?: boolean;
  readonly write?: LocalTarget['write'];
  readonly moved?: () => void;
}

function newBench(faults: Faults = {}) {
  const told: GetDown[] = [];
  const asked: string[] = [];
  const written = Buffer.alloc(100);
  const moved: number[] = [];
  const abort = new AbortController();
  const target: LocalTarget = {
    write: (offset, parts) => {
      Buffer.concat(parts).copy(written, offset);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    ...(faults.write && { write: faults.write }),
  };
  const localFiles: LocalFiles = {
    bootId,
    openSource: () => Promise.resolve(undefined),
    openTarget: (path) => {
      asked.push(path.toString());
      return Promise.resolve(faults.opens === false ? undefined : target);
    },
  };
  const answer = Buffer.from(getUp.toWire(faults.answer ?? place));
  const item = 'item' in faults ? faults.item : ({ type: 'message', bytes: answer } as const);
  const stream = {
    signal: abort.signal,
    sendMessage: (bytes: Uint8Array) => {
      told.push(getDown.fromWire(Buffer.from(bytes)));
      return Promise.resolve();
    },
    receive: () => Promise.resolve(item),
  } as unknown as CallStream;
  const clock = createManualClock();
  const running = {
    moved: (_stream: CallStream, bytes: number) => {
      moved.push(bytes);
      faults.moved?.();
      return Promise.resolve();
    },
  } as never;
  const targets = new LocalTargets(
    { clock, localFiles, running },
    { ...whole, ...faults.request },
    stream,
  );
  return { targets, told, asked, written, moved, abort };
}

async function* groupsOf(...groups: readonly (readonly string[])[]) {
  for (const group of groups) yield group.map((text) => Buffer.from(text));
}

test('groups are written one behind the other, into the place that the client names', async (t) => {
  const { targets, told, asked, written, moved } = newBench();
  const target = await targets.open(MiB);
  t.deepEqual(asked, ['/somewhere/f']);
  t.deepEqual(told, [{ type: 'target' }]);
  t.is(await targets.write(target!, groupsOf(['one', 'two'], ['three'], [])), 11);
  t.is(written.subarray(0, 11).toString(), 'onetwothree');
  t.deepEqual(moved, [6, 5, 0]);
});

test('nobody is asked about small files, parts, and by clients of another kernel', async (t) => {
  const requests: readonly (readonly [Partial<GetRequest>, number])[] = [
    [{}, MiB - 1],
    [{ offset: 1 }, MiB],
    [{ length: MiB }, MiB],
    [{ bootId: undefined }, MiB],
    [{ bootId: Buffer.alloc(16, 9) }, MiB],
  ];
  for (const [request, bytes] of requests) {
    const { targets, told } = newBench({ request });
    t.is(await targets.open(bytes), undefined);
    t.deepEqual(told, []);
  }
});

test('what has no place, or one that cannot be opened, is sent', async (t) => {
  const none = newBench({ answer: { localPath: undefined, fingerprint: Buffer.alloc(0) } });
  t.is(await none.targets.open(MiB), undefined);
  t.deepEqual(none.asked, []);
  const refused = newBench({ opens: false });
  t.is(await refused.targets.open(MiB), undefined);
  t.is(refused.asked.length, 1);
});

test('a client that does not answer the question is one that does not know the protocol', async (t) => {
  for (const item of [undefined, { type: 'data', bytes: Buffer.alloc(3) }] as const) {
    const { targets } = newBench({ item });
    await t.throwsAsync(targets.open(MiB), { code: 'malformed' });
  }
});

test('a place that cannot be written is told from content that cannot be had', async (t) => {
  const full = new VaultError('disk-full', { op: 'local.write', subject: '/somewhere/f' });
  const { targets } = newBench({ write: () => Promise.reject(full) });
  const target = await targets.open(MiB);
  const error = await t.throwsAsync(targets.write(target!, groupsOf(['one'])));
  t.true(error instanceof TargetError && error.failure === full);

  const missing = new VaultError('chunk-missing', { op: 'vault.read' });
  async function* failing() {
    yield [Buffer.from('one')];
    throw missing;
  }
  t.is(
    await t.throwsAsync(targets.write((await newBench().targets.open(MiB))!, failing())),
    missing,
  );
});

test('when the client goes, writing ends', async (t) => {
  const bench = newBench({
    moved: () => {
      bench.abort.abort();
    },
  });
  const target = await bench.targets.open(MiB);
  await t.throwsAsync(bench.targets.write(target!, groupsOf(['one'], ['two'])), {
    code: 'cancelled',
  });
  t.is(bench.written.subarray(0, 6).toString('latin1'), 'one\0\0\0');
});
