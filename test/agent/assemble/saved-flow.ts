import test from 'ava';
import { openFlow } from '../../../agent/assemble/saved-flow.ts';
import type { Ports } from '../../../agent/ports.ts';
import type { DeviceId } from '../../../protocol/ids.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';

const device = '11'.repeat(16) as DeviceId;

function opened(disk = memoryDisk()) {
  const { log, messages } = createCollectedLog();
  const clock = createManualClock();
  return { disk, messages, flow: openFlow({ disk, clock, log } as unknown as Ports) };
}

test('what was said about transfers counts after a restart', async (t) => {
  const before = opened();
  (await before.flow).hold('out', device, true);
  let after = await opened(before.disk).flow;
  // It is written behind what is said.
  while (!after.isHeld('out', device)) {
    await new Promise((resolve) => setImmediate(resolve));
    after = await opened(before.disk).flow;
  }
  t.deepEqual(after.settings().held, [{ direction: 'out', device }]);
});

for (const text of [
  '',
  '{',
  '[1]',
  '{"held":[7,{"direction":"up","device":"x"}],"outBytesPerSecond":3}',
]) {
  test(`a file that makes no sense limits nothing: ${text}`, async (t) => {
    const { flow } = opened(memoryDisk(new Map([['transfers.json', Buffer.from(text)]])));
    t.deepEqual((await flow).settings(), {
      held: [],
      inBytesPerSecond: undefined,
      outBytesPerSecond: undefined,
    });
  });
}

test('a disk that takes nothing is told, and the limit counts until the next start', async (t) => {
  const { disk, flow, messages } = opened();
  disk.failing = 'write';
  (await flow).limit('in', 5000, 0);
  while (messages().length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.regex(messages()[0] ?? '', /until the next start only/);
  t.is((await flow).settings().inBytesPerSecond, 5000);
});
