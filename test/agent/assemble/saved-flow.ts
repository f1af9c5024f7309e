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
  return { disk, messages, saved: openFlow({ disk, clock, log } as unknown as Ports) };
}

test('what was said about transfers counts after a restart', async (t) => {
  const { disk, saved } = opened();
  const { flow, idle } = await saved;
  flow.hold('out', device, true);
  await idle();
  const after = await opened(disk).saved;
  t.deepEqual(after.flow.settings().held, [{ direction: 'out', device }]);
});

for (const text of [
  '',
  '{',
  '[1]',
  '{"held":[7,{"direction":"up","device":"x"}],"outBytesPerSecond":3}',
]) {
  test(`a file that makes no sense limits nothing: ${text}`, async (t) => {
    const { saved } = opened(memoryDisk(new Map([['transfers.json', Buffer.from(text)]])));
    t.deepEqual((await saved).flow.settings(), {
      held: [],
      inBytesPerSecond: undefined,
      outBytesPerSecond: undefined,
    });
  });
}

test('a file that is far too long limits nothing', async (t) => {
  const long = Buffer.alloc(65 * 1024, ' ');
  const { saved, messages } = opened(memoryDisk(new Map([['transfers.json', long]])));
  t.deepEqual((await saved).flow.settings().held, []);
  t.regex(messages()[0] ?? '', /not understood/);
});

test('a disk that takes nothing is told, and the limit counts until the next start', async (t) => {
  const { disk, saved, messages } = opened();
  disk.failing = 'write';
  const { flow, idle } = await saved;
  flow.limit('in', 5000, 0);
  await idle();
  t.regex(messages()[0] ?? '', /until the next start only/);
  t.is(flow.settings().inBytesPerSecond, 5000);
});
