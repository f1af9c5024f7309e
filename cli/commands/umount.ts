/**
 * `vault umount`: takes the mount away; what was written in it is in the vault then. An agent that does
 * not answer is not waited for: the system takes the mount away, and the next agent publishes the rest.
 */
import type { MountRow } from '../../protocol/control/reports.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { flag, text } from '../parse/command-line.ts';
import { mountDirectory } from '../paths/mount-directory.ts';
import { mountOfVault, takeAway } from '../umount/without-agent.ts';

/** How long an agent has to say that it lives. What it does afterwards may take longer. */
const aliveMs = 5_000;

interface Wanted {
  readonly directory: string;
  readonly force: boolean;
}

export const umount: Handler = async (invocation) => {
  const { line, output } = invocation;
  const wanted = {
    directory: mountDirectory(line),
    force: flag(line, 'force'),
  };
  // The mounts of this machine are none of another one's.
  const isElsewhere = text(line, 'ssh') !== undefined;
  const row =
    isElsewhere || (await answers(invocation))
      ? await (await invocation.client()).unmount(wanted)
      : await withoutAgent(wanted);
  if (output.json) output.value(row);
  else output.note(escapeText(`unmounted ${row.path}`));
  return 0;
};

/** Whether an agent is there and says something in time. */
async function answers({ client, signal }: Invocation): Promise<boolean> {
  const late = new Promise<false>((resolve) => {
    setTimeout(resolve, aliveMs, false).unref();
  });
  const status = async (): Promise<boolean> => {
    await (await client()).status();
    return true;
  };
  try {
    return await Promise.race([status(), late]);
  } catch (error) {
    if (signal.aborted || !isVaultError(error, 'no-agent', 'closed')) throw error;
    return false;
  }
}

async function withoutAgent({ directory, force }: Wanted): Promise<MountRow> {
  const there = await mountOfVault(directory);
  if (there === undefined) {
    throw new VaultError('no-agent', {
      op: 'umount',
      subject: directory,
      detail: 'no agent answers, and no vault is mounted there',
      next: 'vaultd status shows whether an agent runs',
    });
  }
  await takeAway(there.path, { force });
  return { ...there, state: 'failed', reason: 'no agent answered' };
}
