/** `vaultd start`: runs the agent below a supervisor, here or in the background. */
import { resolve } from 'node:path';
import { VaultError } from '../../../protocol/errors.ts';
import type { MountOptions } from '../../mount/kept-mount.ts';
import { inspectHome } from '../../host/node-home.ts';
import type { CommandLine } from '../commands.ts';
import { detachedEnvironment, isDetached } from '../detach.ts';
import { loadConfig } from '../load-config.ts';
import { placesOf } from '../places.ts';

/** @throws VaultError `usage` when there is no vault, and whatever keeps the agent from starting */
export async function start(line: CommandLine): Promise<number> {
  const { home, socket } = placesOf(line);
  await requireVault(home, line);
  const mount = mountOf(line);
  const passphraseFile = await passphraseFileOf(line);
  const flags = line.listen === undefined ? {} : { listen: line.listen };
  // Here, so that a mistake in the configuration is told before anything starts.
  const config = await loadConfig(home, flags);
  if (line.detach === true && process.env[detachedEnvironment] === undefined) {
    const { startDetached } = await import('../detach.ts');
    return startDetached(home);
  }
  const { superviseHome } = await import('../supervise-home.ts');
  return superviseHome({
    home,
    socket,
    flags,
    config,
    detached: isDetached(),
    mount,
    passphraseFile,
  });
}

/** @throws VaultError `usage` */
function mountOf({ mount, allowOther = false, driver }: CommandLine): MountOptions | undefined {
  if (mount !== undefined) {
    return { directory: resolve(mount), allowOther, driver: driver ?? 'kernel' };
  }
  if (!allowOther && driver === undefined) return undefined;
  throw new VaultError('usage', {
    op: 'vaultd.start',
    subject: allowOther ? '--allow-other' : '--driver',
    detail: 'it is about the mount, and there is none',
    next: 'say where with --mount DIR',
  });
}

/** Here, so that a file that cannot be read is told before anything starts. */
async function passphraseFileOf({ passphraseFile }: CommandLine): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined;
  const path = resolve(passphraseFile);
  const { readPassphraseFile, requireLastingFile } = await import('../passphrase.ts');
  await requireLastingFile(path);
  (await readPassphraseFile(path)).wipe();
  return path;
}

async function requireVault(home: string, line: CommandLine): Promise<void> {
  const state = await inspectHome(home);
  if (state === 'complete') return;
  if (state === 'foreign') {
    throw new VaultError('home-invalid', {
      op: 'vaultd.start',
      subject: home,
      detail: 'there is no vault in it, but something else',
      next: 'give the right directory with --home or VAULT_HOME',
    });
  }
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const { askYesNo } = await import('../ask.ts');
    if (await askYesNo(`There is no vault in ${home}. Create one?`)) {
      const { init } = await import('./init.ts');
      await init(line);
      return;
    }
  }
  throw new VaultError('usage', {
    op: 'vaultd.start',
    subject: home,
    detail: 'there is no vault in it yet',
    next: 'create one with vaultd init, or join one with vaultd join TICKET',
  });
}
