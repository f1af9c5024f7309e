import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import { FailedReads } from '../../../fuse/session/failed-reads.ts';

const seven = { node: 7, pid: 1 };
const no = new VaultError('chunk-missing', { op: 'test' });

function build() {
  const clock = { ms: 5_000 };
  const reads = new FailedReads({ monotonicMs: () => clock.ms });
  /** @returns whether it was read, and not known to fail */
  const read = async (node: number, offset: number, error?: Error, size = 4096) => {
    let isRead = false;
    try {
      await reads.watch({ node, pid: 1 }, { offset, size }, async () => {
        isRead = true;
        await Promise.resolve();
        if (error !== undefined) throw error;
      });
    } catch {
      // That is what it is about.
    }
    return isRead;
  };
  return { clock, reads, read };
}

test('what has just failed fails again at once, for a moment', async (t) => {
  const { clock, reads, read } = build();
  await read(7, 4096, no, 8192);
  t.false(await read(7, 4096));
  t.false(await read(7, 8192));
  t.throws(() => reads.watch(seven, { offset: 8192, size: 1 }, () => undefined), { is: no });
  t.true(await read(8, 4096), 'another file');
  const other = reads.watch({ node: 7, pid: 2 }, { offset: 4096, size: 1 }, () => 'bytes');
  t.is(other, 'bytes', 'another process: what failed may be there again');
  t.true(await read(7, 0), 'before');
  t.true(await read(7, 8192, undefined, 8192), 'beyond');
  clock.ms += 999;
  t.false(await read(7, 4096));
  clock.ms += 1;
  t.true(await read(7, 4096), 'later');
});

test('a read that needs no waiting is answered, and remembered, without', (t) => {
  const { reads } = build();
  const range = { offset: 0, size: 1 };
  t.is(
    reads.watch(seven, range, () => 'bytes'),
    'bytes',
  );
  const fail = (): never => {
    throw no;
  };
  t.throws(() => reads.watch(seven, range, fail), { is: no });
  t.throws(() => reads.watch(seven, range, () => 'bytes'), { is: no });
});

test('who was interrupted may try again, and so may whoever met an error of ours', async (t) => {
  const { read } = build();
  await read(7, 0, new VaultError('cancelled', { op: 'test' }));
  t.true(await read(7, 0));
  await read(7, 0, new Error('a bug'));
  t.true(await read(7, 0));
});

test('only a few are kept, and none for long', async (t) => {
  const { clock, read } = build();
  for (let node = 0; node < 40; node += 1) await read(node, 0, no);
  t.true(await read(0, 0));
  t.false(await read(39, 0));
  clock.ms += 60_000;
  t.true(await read(39, 0));
});
