/** `vaultd stop`: asks the agent to end, and waits until it is gone, with its supervisor. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VaultError, isVaultError } from '../../../protocol/errors.ts';
import { inspectHome } from '../../host/node-home.ts';
import { waitUntilFree } from '../../host/home-lock.ts';
import type { CommandLine } from '../commands.ts';
import { askAgent } from '../control-call.ts';
import { placesOf } from '../places.ts';
import { say } from '../say.ts';

const deadlineMs = 15_000;
const retryMs = 200;

/** @throws VaultError `no-agent`, `timeout` */
export async function stop(line: CommandLine): Promise<number> {
  const { home, socket } = placesOf(line);
  const endMs = performance.now() + deadlineMs;
  await askToStop(home, socket, endMs);
  if (!(await waitUntilFree(home, Math.max(0, endMs - performance.now())))) throw stillThere(home);
  await say('stopped');
  return 0;
}

/** An agent that holds the home, but does not answer, is starting or ending: it gets some time. */
async function askToStop(home: string, socket: string, endMs: number): Promise<void> {
  for (;;) {
    try {
      await askAgent(socket, (client) => client.shutdown({ supervisor: true }));
      return;
    } catch (error) {
      if (!isVaultError(error, 'no-agent', 'closed')) throw error;
      const gone = (await inspectHome(home)) === 'missing' || (await waitUntilFree(home, 0));
      if (gone && error.code === 'closed') return;
      if (gone) throw error;
      if (performance.now() > endMs) throw stillThere(home);
      await sleep(retryMs);
    }
  }
}

function stillThere(home: string): VaultError {
  return new VaultError('timeout', {
    op: 'vaultd.stop',
    subject: home,
    detail: `the agent is still there after ${String(deadlineMs / 1000)} s`,
    next: 'look into its log; its process id is in the file lock of the home',
  });
}
