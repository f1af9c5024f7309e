/**
 * Where passphrases come from: a file, or a person at the terminal, who sees nothing of what they type.
 * Never an argument or a variable: other processes see those.
 */
import { open, stat } from 'node:fs/promises';
import { VaultError } from '../../protocol/errors.ts';
import { keysAtRest } from '../../protocol/limits.ts';
import { SecretLine, typeInto } from '../../protocol/text/secret-line.ts';
import { passphraseFrom } from '../members/passphrase.ts';
import type { Secret } from '../members/secret.ts';
import type { CommandLine } from './commands.ts';
import { fileError } from './file-error.ts';
import { note } from './say.ts';

/** The passphrase that the line asks for: of `--passphrase-file`, or typed twice for `--passphrase`. */
export async function chosenPassphrase(line: CommandLine): Promise<Secret | undefined> {
  if (line.passphraseFile !== undefined) {
    return readPassphraseFile(line.passphraseFile);
  }
  return line.passphrase === true ? askNewPassphrase() : undefined;
}

/** @throws VaultError `not-found`, `io`, `usage` when it is empty or far too long */
export async function readPassphraseFile(path: string): Promise<Secret> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(keysAtRest.passphraseBytesMax + 3);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      const passphrase = passphraseFrom(buffer.subarray(0, length));
      buffer.fill(0);
      return passphrase;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError('vaultd.passphrase', path, cause, {
      next: 'name a file that holds the passphrase and nothing else',
    });
  }
}

/**
 * The agent reads the file anew whenever it is started again, so it has to be one that stays.
 * @throws VaultError `usage`, `not-found`
 */
export async function requireLastingFile(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || facts.isFile()) return;
  throw new VaultError('usage', {
    op: 'vaultd.passphrase',
    subject: path,
    detail: 'not a regular file: an agent that is started again could not read it again',
    next: 'write the passphrase into a file of your own, or start without it and run vault unlock',
  });
}

export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** @throws VaultError `cancelled`, `usage` */
export async function askPassphrase(prompt: string): Promise<Secret> {
  if (!canAsk()) {
    throw new VaultError('usage', {
      op: 'vaultd.passphrase',
      detail: 'there is no terminal to type a passphrase at',
      next: 'name a file that holds it with --passphrase-file FILE',
    });
  }
  const { stdin } = process;
  const line = new SecretLine();
  // Before the prompt: whoever types as soon as they see it is not echoed.
  const wasRaw = stdin.isRaw;
  stdin.setRawMode(true);
  stdin.resume();
  try {
    process.stderr.write(prompt);
    await typeInto(line, stdin);
  } finally {
    stdin.setRawMode(wasRaw);
    stdin.pause();
    process.stderr.write('\n');
  }
  const typed = line.take();
  if (line.state === 'interrupted') throw new VaultError('cancelled', { op: 'vaultd.passphrase' });
  try {
    return passphraseFrom(typed);
  } finally {
    typed.fill(0);
  }
}

async function askNewPassphrase(): Promise<Secret> {
  const { stdin } = process;
  // Also between the questions nothing is echoed.
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    for (;;) {
      const first = await askPassphrase('Passphrase for the keys of this device: ');
      const second = await askPassphrase('The same again: ');
      const same = first.reveal().equals(second.reveal());
      second.wipe();
      if (same) return first;
      first.wipe();
      note('they are not the same');
    }
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
  }
}
