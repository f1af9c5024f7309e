import test from 'ava';
import { watchFreeSpace } from '../../../agent/assemble/free-space.ts';
import type { Disk } from '../../../agent/ports.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

function diskThatSays(answer: () => number): Disk {
  return { freeBytes: () => Promise.resolve().then(answer) } as unknown as Disk;
}

test('the free space is looked up again every half minute, until it is closed', async (t) => {
  const clock = createVirtualClock();
  const { log } = createCollectedLog();
  let free = 100;
  const looks: number[] = [];
  const onLook = (): void => void looks.push(space.bytes());
  const space = await watchFreeSpace({ disk: diskThatSays(() => free), clock, log, onLook });
  free = 50;
  t.is(space.bytes(), 100);
  await clock.advance(30_000);
  t.is(space.bytes(), 50);
  t.deepEqual(looks, [50]);
  space.close();
  free = 7;
  await clock.advance(60_000);
  t.is(space.bytes(), 50);
  t.deepEqual(looks, [50]);
  t.is(clock.pending, 0);
});

test('a disk that does not answer leaves the last answer, and is asked again', async (t) => {
  const clock = createVirtualClock();
  const { log } = createCollectedLog();
  let fails = false;
  const answer = (): number => {
    if (fails) throw new VaultError('io', { op: 'disk.freeBytes' });
    return 9;
  };
  const space = await watchFreeSpace({ disk: diskThatSays(answer), clock, log });
  fails = true;
  await clock.advance(30_000);
  t.is(space.bytes(), 9);
  fails = false;
  await clock.advance(30_000);
  t.is(space.bytes(), 9);
  space.close();
});
