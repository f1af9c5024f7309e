/** A client whose agent stalls again and again: the bytes that wait in between must stay what they are. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { checkDevice } from '../helpers/crash-check.ts';
import { contentOf, digestOf } from '../helpers/control-session.ts';
import { ExpectedState } from '../helpers/expected-state.ts';
import { mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

const stallMs = 15;
const bytes = 12 * 1024 * 1024;

test('what is stored through an agent that stalls is stored right', async (t) => {
  t.timeout(100_000);
  const folder = await temporaryFolder(t);
  const device = new RealDevice(t, folder, 'laptop');
  await device.init();
  await device.start();
  const { pid } = await device.status();
  let stalled = false;
  const timer = setInterval(() => {
    stalled = !stalled;
    process.kill(pid, stalled ? 'SIGSTOP' : 'SIGCONT');
  }, stallMs);
  const expected = new ExpectedState();
  try {
    for (const path of ['one', 'two', 'three', 'four']) {
      const content = contentOf(path, bytes);
      await writeFile(join(folder, 'source'), content);
      const change = expected.begin('put', new Map([[path, digestOf(content)]]));
      mustSucceed(await device.vault('put', join(folder, 'source'), path));
      expected.acknowledge(change);
    }
  } finally {
    clearInterval(timer);
    process.kill(pid, 'SIGCONT');
  }
  t.deepEqual(await checkDevice(device, expected), []);
});
