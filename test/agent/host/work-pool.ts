import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { SplitSealInput } from '../../../agent/chunks/jobs.ts';
import { createWorkPool, defaultWorkPoolWidth } from '../../../agent/host/work-pool.ts';
import type { WorkPool } from '../../../agent/ports.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { MiB } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { testKeys } from '../../helpers/chunk-keys.ts';
import { createInlineWorkPool } from '../../simulation/world/inline-work-pool.ts';

const oddWorker = new URL('../../fixtures/odd-worker.ts', import.meta.url);

function inputOf(name: string, length: number): SplitSealInput {
  const slab = new SharedArrayBuffer(length);
  byteStreamOf(name, length).copy(Buffer.from(slab));
  return { slab, parts: [{ start: 0, end: length, final: true }], keys: testKeys, kind: 'content' };
}

async function cidsOf(pool: WorkPool, input: SplitSealInput): Promise<string[]> {
  const output = await pool.run('splitSeal', input);
  return output.parts.flatMap((part) => part.chunks.map((c) => Buffer.from(c.cid).toString('hex')));
}

test('threads and the inline pool give the same chunks and write into the memory that they get', async (t) => {
  const pools = [createWorkPool({ width: 2 }), createInlineWorkPool()];
  const results: string[][] = [];
  for (const pool of pools) {
    const recycled = new SharedArrayBuffer(3 * MiB);
    const input = { ...inputOf('file', 2 * MiB), recycled };
    results.push(await cidsOf(pool, input));
    t.true(
      Buffer.from(recycled, 0, MiB).some((byte) => byte !== 0),
      'it is shared',
    );
    await pool.close();
    const error = await t.throwsAsync(pool.run('open', { requests: [] }));
    t.true(isVaultError(error, 'closed'));
  }
  t.true(results[0]!.length > 2);
  t.deepEqual(results[0], results[1]);
});

test('a job of any kind gets a thread when it is the only one', async (t) => {
  const passphrase = new Uint8Array(8);
  const pool = createWorkPool({ width: 2 });
  const key = await pool.run('stretch', {
    ...{ passphrase, salt: new Uint8Array(16), logN: 4, r: 8, p: 1 },
  });
  t.is(key.length, 32);
  await pool.close();
  const another = createWorkPool({ width: 2 });
  t.deepEqual((await another.run('open', { requests: [] })).failed, []);
  await another.close();
});

test('many jobs at once all come back, and close waits for them', async (t) => {
  const pool = createWorkPool({ width: 2 });
  const running = Array.from({ length: 12 }, (_, i) => cidsOf(pool, inputOf(String(i), 100_000)));
  const closed = pool.close();
  const results = await Promise.all(running);
  await closed;
  const inline = createInlineWorkPool();
  for (const [i, cids] of results.entries()) {
    t.deepEqual(cids, await cidsOf(inline, inputOf(String(i), 100_000)));
  }
});

test('a thread that has done much seals with another cipher, and nobody can tell', async (t) => {
  const pool = createWorkPool({ width: 1 });
  const inline = createInlineWorkPool();
  const expected = await cidsOf(inline, inputOf('same', 100_000));
  for (let job = 0; job < 24; job += 1) {
    t.deepEqual(await cidsOf(pool, inputOf('same', 100_000)), expected, `job ${String(job)}`);
  }
  await pool.close();
});

test('what a job throws arrives as it was', async (t) => {
  for (const pool of [createWorkPool({ width: 1 }), createInlineWorkPool()]) {
    const request = {
      cid: Buffer.alloc(32),
      pid: Buffer.alloc(32),
      format: 0,
      kind: 'content',
      chunkKey: Buffer.alloc(32),
      plainLength: 2 * MiB,
      sealed: Buffer.alloc(1),
    } as const;
    const error = await t.throwsAsync(pool.run('open', { requests: [request] }));
    t.true(isVaultError(error, 'too-large'));
    const broken = { ...inputOf('x', 10), parts: [{ start: 0, end: 11, final: true }] };
    await t.throwsAsync(pool.run('splitSeal', broken));
    t.deepEqual((await pool.run('open', { requests: [] })).failed, [], 'and the pool goes on');
    await pool.close();
  }
});

test('an input that cannot be sent rejects its job and no other', async (t) => {
  const pool = createWorkPool({ width: 1 });
  const input = { ...inputOf('x', 1000), parts: [() => 0] } as unknown as SplitSealInput;
  const gone = pool.run('splitSeal', input);
  const fine = cidsOf(pool, inputOf('y', 1000));
  t.true(isVaultError(await t.throwsAsync(gone), 'internal'));
  t.is((await fine).length, 1);
  await pool.close();
});

test('a thread that dies takes its job with it, and the next job gets a new thread', async (t) => {
  const pool = createWorkPool({ width: 1, workerFile: oddWorker });
  const error = await t.throwsAsync(pool.run('splitSeal', { ...inputOf('x', 10), kind: 'small' }));
  t.true(isVaultError(error, 'internal'));
  t.true(await answered(pool));
  const thrown = await t.throwsAsync(
    pool.run('splitSeal', { ...inputOf('x', 10), kind: 'manifest' }),
  );
  t.true(isVaultError(thrown, 'internal'));
  t.regex(String((thrown as Error).cause), /thrown outside of a job/);
  t.true(await answered(pool));
  await pool.close();
});

async function answered(pool: WorkPool): Promise<boolean> {
  return (await pool.run('splitSeal', inputOf('x', 10))) !== undefined;
}

test('a program that cannot start rejects jobs instead of hanging', async (t) => {
  const workerFile = new URL('./no-such-worker.ts', import.meta.url);
  const pool = createWorkPool({ width: 1, workerFile });
  for (let i = 0; i < 2; i += 1) {
    const error = await t.throwsAsync(pool.run('open', { requests: [] }));
    t.true(isVaultError(error, 'internal'));
  }
  await pool.close();
});

test('opens pass waiting seals, but do not starve them', async (t) => {
  const pool = createWorkPool({ width: 1, workerFile: oddWorker });
  const order: string[] = [];
  const seal = (): Promise<unknown> =>
    pool.run('splitSeal', inputOf('x', 10)).then(() => order.push('seal'));
  const open = (): Promise<unknown> =>
    pool.run('open', { requests: [] }).then(() => order.push('open'));
  await Promise.all([...[1, 2, 3].map(seal), ...Array.from({ length: 20 }, open)]);
  t.is(order[0], 'seal', 'it was alone when it came');
  t.deepEqual(
    order.slice(1, 9),
    Array.from({ length: 8 }, () => 'open'),
  );
  t.is(order[9], 'seal');
  t.is(order.length, 23);
  await pool.close();
});

test('seals share a thread until many have waited; whoever waits for bytes gets another', async (t) => {
  const threadsOf = async (jobs: number, run: (pool: WorkPool) => Promise<unknown>) => {
    const pool = createWorkPool({ width: 2, workerFile: oddWorker });
    const outputs = await Promise.all(Array.from({ length: jobs }, () => run(pool)));
    await pool.close();
    return new Set(outputs.map((output) => (output as { threadId: number }).threadId)).size;
  };
  const seal = (pool: WorkPool): Promise<unknown> => pool.run('splitSeal', inputOf('x', 10));
  t.is(await threadsOf(8, seal), 1);
  t.is(await threadsOf(40, seal), 2);
  t.is(await threadsOf(2, (pool) => pool.run('open', { requests: [] })), 2);
});

test('a pool that has nothing to do starts no thread and closes at once', async (t) => {
  const pool = createWorkPool({ workerFile: new URL('./no-such-worker.ts', import.meta.url) });
  t.is(pool.width, defaultWorkPoolWidth());
  t.deepEqual([1, 2, 3, 4, 5, 64].map(defaultWorkPoolWidth), [1, 2, 2, 3, 4, 4]);
  await delay(0);
  await pool.close();
  await pool.close();
});
