/** An agent that has started and waits for its keys: asks the person at the terminal, or says what to do. */
import { isVaultError } from '../../protocol/errors.ts';
import { lockedLine, readyLine, type Locked } from './agent-messages.ts';
import { askAgent } from './control-call.ts';
import { askPassphrase, canAsk } from './passphrase.ts';
import { note, say } from './say.ts';

const triesMax = 3;

/**
 * @param options.ask whether a person may be asked: once, not when somebody locks the keys later
 * @param options.tellReady this process ends, so it says how the agent is; else its ready line comes by itself
 */
export async function unlockOrSay(
  locked: Locked,
  { ask, tellReady }: { readonly ask: boolean; readonly tellReady: boolean },
): Promise<void> {
  if (ask && canAsk() && (await unlockAtTerminal(locked))) {
    if (tellReady) await sayReady(locked);
    return;
  }
  await say(lockedLine(locked));
  note('vaultd: the keys are locked: nothing is read, written or sent before they are unlocked');
  note('  try: vault unlock');
}

/** Whether it worked. Whoever gives up leaves a locked agent, which can be unlocked at any time. */
async function unlockAtTerminal({ socket }: Locked): Promise<boolean> {
  for (let tries = 1; tries <= triesMax; tries++) {
    try {
      const passphrase = await askPassphrase('Passphrase of the keys: ');
      try {
        const request = { passphrase: passphrase.reveal() };
        // Opening a large vault takes a while.
        await askAgent(socket, (client) => client.unlock(request), { deadlineMs: 0 });
        return true;
      } finally {
        passphrase.wipe();
      }
    } catch (error) {
      if (!isVaultError(error)) throw error;
      note(`vaultd: ${error.message}`);
      if (!isVaultError(error, 'usage', 'denied')) return false;
    }
  }
  return false;
}

async function sayReady({ device, socket }: Locked): Promise<void> {
  const { vaultId: vault, listen } = await askAgent(socket, (client) => client.status());
  await say(readyLine({ device, vault, listen, socket }));
}
