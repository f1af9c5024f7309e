/** `vaultd restore`: the device of a backup of its keys, in an empty home. */
import { open } from 'node:fs/promises';
import { VaultError } from '../../../protocol/errors.ts';
import { keysAtRest } from '../../../protocol/limits.ts';
import { restoreKeys } from '../../assemble/restore-keys.ts';
import { buildHome } from '../build-home.ts';
import type { CommandLine } from '../commands.ts';
import { fileError } from '../file-error.ts';
import { askPassphrase, readPassphraseFile } from '../passphrase.ts';
import { placesOf } from '../places.ts';
import { note, say } from '../say.ts';

/** @throws VaultError `usage`, `not-found`, `denied`, `damaged`, `exists` */
export async function restore(line: CommandLine): Promise<number> {
  const { home } = placesOf(line);
  const file = line.file ?? '';
  if (file === '') {
    throw new VaultError('usage', {
      op: 'vaultd.restore',
      detail: 'the backup is missing',
      next: 'vaultd restore FILE, with a file of vault keys backup',
    });
  }
  const backup = await readBackup(file);
  const passphrase =
    line.passphraseFile === undefined
      ? await askPassphrase('Passphrase of the backup: ')
      : await readPassphraseFile(line.passphraseFile);
  try {
    const { vault, device } = await buildHome({
      home,
      name: line.name,
      build: (ports) => restoreKeys(ports, { backup, file, passphrase }),
    });
    await say(`vault ${vault}\ndevice ${device}\nhome ${home}`);
    note(
      'Files and changes come from the other devices: start the agent, and connect one of them.',
    );
    note('A device with these keys that still runs elsewhere has to be ended first.');
    return 0;
  } finally {
    passphrase.wipe();
  }
}

async function readBackup(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size <= keysAtRest.backupBytesMax) return await file.readFile();
      throw new VaultError('damaged', {
        op: 'vaultd.restore',
        subject: path,
        detail: 'longer than any backup of keys',
      });
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError('vaultd.restore', path, cause, {
      next: 'give a file that vault keys backup has written',
    });
  }
}
