import test from 'ava';
import { createFileCache } from '../../../agent/store/file-cache.ts';
import { createSharedRound } from '../../../agent/store/shared-round.ts';
import { createSerialQueue } from '../../../agent/store/serial-queue.ts';
import { createSimDisk } from '../../simulation/world/sim-disk.ts';
import { seededFraction } from '../../helpers/sim-store.ts';

async function diskWith(names: readonly string[]) {
  const disk = createSimDisk({ fraction: seededFraction(1) });
  const calls = { open: 0, close: 0 };
  for (const name of names) disk.plant(name, Buffer.from(name));
  disk.fault = (call) => {
    if (call === 'open' || call === 'close') calls[call] += 1;
    return undefined;
  };
  return { disk, calls };
}

test('a file stays open for its next user, and the least recently used one is closed', async (t) => {
  const { disk, calls } = await diskWith(['a', 'b', 'c']);
  const cache = createFileCache(disk, 2);
  const read = (name: string) => cache.use(name, 'read', (file) => file.read(0, 1));
  for (const name of ['a', 'a', 'b', 'a']) t.is((await read(name)).toString(), name);
  t.deepEqual(calls, { open: 2, close: 0 });
  await read('c');
  await read('a');
  t.is(calls.open, 3, 'a was used more recently than b');
  await cache.close();
  t.is(calls.close, calls.open);
});

test('a file in use is not closed before its user is done', async (t) => {
  const { disk, calls } = await diskWith(['a', 'b']);
  const cache = createFileCache(disk, 1);
  await cache.use('a', 'read', async (file) => {
    await cache.use('b', 'read', (other) => other.read(0, 1));
    await cache.drop('a');
    t.is((await file.read(0, 1)).toString(), 'a');
  });
  await cache.close();
  t.is(calls.close, calls.open);
});

test('a file that could not be opened is tried again', async (t) => {
  const { disk } = await diskWith([]);
  const cache = createFileCache(disk, 2);
  await t.throwsAsync(cache.use('late', 'read', (file) => file.read(0, 1)));
  disk.plant('late', Buffer.from('x'));
  t.is((await cache.use('late', 'read', (file) => file.read(0, 1))).toString(), 'x');
});

test('callers that ask while a round runs share the next one and never join the running one', async (t) => {
  const begun: (() => void)[] = [];
  const round = createSharedRound(() => new Promise((resolve) => begun.push(resolve)));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const first = round();
  await settle();
  t.is(begun.length, 1);
  const second = [round(), round(), round()];
  await settle();
  t.is(begun.length, 1);
  begun[0]!();
  await first;
  await settle();
  t.is(begun.length, 2);
  begun[1]!();
  await Promise.all(second);
  t.is(begun.length, 2);
});

test('a round that fails fails its own callers only', async (t) => {
  let count = 0;
  const round = createSharedRound(async () => {
    count += 1;
    if (count === 1) throw new Error('first');
  });
  const first = round();
  await t.throwsAsync(first, { message: 'first' });
  await t.notThrowsAsync(round());
});

test('tasks of a queue run one after the other, whatever becomes of them', async (t) => {
  const inOrder = createSerialQueue();
  const seen: string[] = [];
  const task = (name: string, fails: boolean) =>
    inOrder(async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([task('a', true), task('b', false)]);
  t.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends']);
  t.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
});

test('who wants a file alone waits for its users, and others wait for him', async (t) => {
  const { disk, calls } = await diskWith(['a', 'b']);
  const cache = createFileCache(disk, 4);
  const order: string[] = [];
  const held = Promise.withResolvers<undefined>();
  const first = cache.use('a', 'read', async () => {
    await held.promise;
    order.push('first');
  });
  const alone = cache.alone('a', async () => {
    await cache.use('b', 'read', () => Promise.resolve());
    order.push('alone');
    return 'done';
  });
  const second = cache.use('a', 'read', () => Promise.resolve(order.push('second')));
  const again = cache.alone('a', () => Promise.resolve(order.push('again')));
  await cache.use('b', 'read', () => Promise.resolve());
  t.deepEqual(order, []);
  held.resolve(undefined);
  t.is(await alone, 'done');
  await Promise.all([first, second, again]);
  t.deepEqual(order.slice(0, 2), ['first', 'alone']);
  t.deepEqual(order.slice(2).sort(), ['again', 'second']);
  await t.throwsAsync(cache.alone('a', () => Promise.reject(new Error('in vain'))));
  await cache.use('a', 'read', () => Promise.resolve());
  await cache.close();
  t.is(calls.close, calls.open);
});
