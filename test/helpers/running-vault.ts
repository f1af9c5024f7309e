/** Homes with a vault, and agents that run on them, for tests of the whole program. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from './temporary-directory.ts';
import { runVaultd, startVaultd } from './vaultd.ts';

export const readyPattern =
  /^vaultd ready device=([0-9a-f]{32}) vault=([0-9a-f]{64}) listen=(\S+:\d+) socket=(\S+)\n/m;

/** A home with a new vault in a directory of its own. */
export async function makeVault(t: ExecutionContext): Promise<string> {
  const directory = await temporaryDirectory(t);
  const home = join(directory, 'home');
  const words = join(directory, 'words');
  const { status, stderr } = await runVaultd(t, [
    ...['init', '--home', home, '--recovery-file', words, '--name', 'laptop'],
  ]);
  t.is(status, 0, stderr);
  // Without the ballast, which would only cost the disk of the test machine.
  await writeFile(
    join(home, 'config.toml'),
    'name = "laptop"\nstore.ballast-bytes = 0\npeers.beacon = false\n',
  );
  return home;
}

/** Starts an agent and waits until it is ready. */
export async function startReady(t: ExecutionContext, home: string) {
  const started = startVaultd(t, ['start', '--home', home, '--listen', '127.0.0.1:0']);
  const ready = await started.hears(readyPattern);
  if (ready === undefined) throw new Error((await started.finished).stderr);
  return { ...started, ready };
}
