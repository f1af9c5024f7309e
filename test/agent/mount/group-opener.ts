import test from 'ava';
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import type { WorkInput, WorkOutput } from '../../../agent/chunks/jobs.ts';
import { GroupOpener } from '../../../agent/mount/group-opener.ts';
import { OpenChunks } from '../../../agent/mount/open-chunks.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import type { ReadParts } from '../../../agent/vault/read-content.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { KiB } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { sealAlone, testKeys } from '../../helpers/chunk-keys.ts';

const plainOf = (number: number) => byteStreamOf(`chunk ${String(number)}`, 256 * KiB);

/** So many chunks in a store, the jobs that were run, and what opens them. */
async function stored(count: number, spoiled: readonly number[] = []) {
  const store = createMemoryStore();
  const chunks = Array.from({ length: count }, (_, number) =>
    sealAlone(plainOf(number), 'content'),
  );
  for (const [number, { ref, body }] of chunks.entries()) {
    const bytes = Buffer.from(body);
    if (spoiled.includes(number)) bytes[100_000] = bytes[100_000]! ^ 1;
    await store.chunks.write([{ id: ref.cid, body: bytes }]);
  }
  // As the disk does it: together what is at hand, and nothing of what is not.
  store.chunks.readManyLent = (ids) =>
    Promise.all(
      ids.map(async (id) =>
        store.chunks.has(id) ? store.chunks.readLent(id, { verify: false }) : undefined,
      ),
    );
  const runner = createJobRunner();
  const jobs: WorkInput<'open'>[] = [];
  const fetched: string[] = [];
  const parts = {
    store,
    replication: {
      fetch: (id: string) => {
        fetched.push(id);
        const found = chunks.find(({ ref }) => ref.cid === id && ref !== chunks[0]!.ref);
        return found === undefined
          ? Promise.reject(new VaultError('chunk-missing', { op: 'test' }))
          : Promise.resolve({ bytes: found.body, release: () => undefined });
      },
    },
    work: {
      width: 2,
      run: (name: 'open', input: WorkInput<'open'>): Promise<WorkOutput<'open'>> => {
        jobs.push(input);
        return runner.run(name, input);
      },
    },
    chunkKey: () => testKeys.chunkKey,
  } as unknown as ReadParts;
  const refs = chunks.map(({ ref }) => ref);
  return { opener: new GroupOpener(parts), parts, refs, jobs, fetched };
}

test('what is asked for in one turn is opened by few jobs, of a MiB each', async (t) => {
  const { opener, refs, jobs } = await stored(10);
  const opened = await Promise.all(refs.map((ref) => opener.open(ref)));
  for (const [number, { bytes }] of opened.entries()) t.true(bytes.equals(plainOf(number)));
  t.deepEqual(
    jobs.map(({ requests }) => requests.length),
    [4, 4, 2],
  );
  t.true(jobs.every(({ requests }) => requests.every(({ byTags }) => byTags === true)));
});

test('memory goes round when all of a group are given back, and not before', async (t) => {
  const { opener, refs, jobs } = await stored(4);
  const openAll = () => Promise.all(refs.map((ref) => opener.open(ref)));
  const first = await openAll();
  for (const { release } of first.slice(1)) release();
  const second = await openAll();
  t.is(jobs[1]!.recycled, undefined);
  first[0]!.release();
  const third = await openAll();
  t.is(jobs[2]!.recycled, first[0]!.bytes.buffer as SharedArrayBuffer);
  for (const opened of [second, third]) {
    for (const [number, { bytes }] of opened.entries()) t.true(bytes.equals(plainOf(number)));
  }
});

test('a damaged chunk is fetched, and one that nobody has fails alone', async (t) => {
  const { opener, refs, fetched } = await stored(4, [0, 2]);
  const opened = await Promise.allSettled(refs.map((ref) => opener.open(ref)));
  t.deepEqual(
    opened.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
  t.is((opened[0] as PromiseRejectedResult).reason.code, 'damaged');
  t.true(fetched.includes(refs[2]!.cid));
  for (const [number, result] of opened.entries()) {
    if (result.status === 'fulfilled') t.true(result.value.bytes.equals(plainOf(number)));
  }
});

test('one that has to come from another device holds no other back', async (t) => {
  const { opener, parts, refs } = await stored(4);
  const away = refs[1]!;
  parts.store.chunks.drop([away.cid]);
  const { fetch } = parts.replication;
  const coming = Promise.withResolvers<typeof fetch>();
  parts.replication.fetch = async (id, options) => (await coming.promise)(id, options);
  const opened = refs.map((ref) => opener.open(ref));
  for (const number of [0, 2, 3]) {
    t.true((await opened[number]!).bytes.equals(plainOf(number)));
  }
  coming.resolve(fetch);
  t.true((await opened[1]!).bytes.equals(plainOf(1)));
});

test('what was opened together makes way together, however often one of it is read', async (t) => {
  const { parts, refs } = await stored(9);
  const chunks = new OpenChunks(parts, 1024 * KiB);
  const early = refs.slice(0, 4);
  await Promise.all(early.map((ref) => Promise.resolve(chunks.open(ref))));
  await chunks.open(refs[0]!);
  t.true(early.every((ref) => chunks.has(ref)));
  await chunks.open(refs[4]!);
  t.false(
    early.some((ref) => chunks.has(ref)),
    'one of them would keep the memory of four',
  );
  t.true(chunks.has(refs[4]!));
  const again = await chunks.open(refs[0]!);
  t.true(again.pieces[0]!.equals(plainOf(0)));
});
