/**
 * Where passphrases come from: a file, standard input, or a person at the terminal, who sees nothing of
 * what they type. Bytes, never text: they are overwritten after use.
 */
import { open } from 'node:fs/promises';
import { VaultError } from '../../protocol/errors.ts';
import { keysAtRest } from '../../protocol/limits.ts';
import { SecretLine, typeInto } from '../../protocol/text/secret-line.ts';
import { localError } from './local-error.ts';

const op = 'cli.passphrase';
/** With a line end, and one more, so that too long is noticed. */
const readBytesMax = keysAtRest.passphraseBytesMax + 3;

/** The content of the file, or what is typed after `prompt`. */
export function passphraseOf(file: string | undefined, prompt: string): Promise<Buffer> {
  return file === undefined ? ask(prompt) : readFrom(file);
}

/** The same for a new one, which is typed twice. */
export async function newPassphraseOf(file: string | undefined): Promise<Buffer> {
  if (file !== undefined) return readFrom(file);
  // Also between the questions nothing is echoed.
  return unechoed(async () => {
    for (;;) {
      const first = await ask('New passphrase: ');
      const second = await ask('The same again: ');
      const same = first.equals(second);
      second.fill(0);
      if (same) return first;
      first.fill(0);
      process.stderr.write('they are not the same\n');
    }
  });
}

async function readFrom(path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(readBytesMax);
  const length = path === '-' ? await readStandardInput(buffer) : await readFile(path, buffer);
  const passphrase = Buffer.from(buffer.subarray(0, length));
  buffer.fill(0);
  if (length < readBytesMax) return passphrase;
  passphrase.fill(0);
  throw new VaultError('usage', {
    op,
    subject: path === '-' ? 'standard input' : path,
    detail: `longer than the ${String(keysAtRest.passphraseBytesMax)} bytes of a passphrase`,
  });
}

async function readFile(path: string, buffer: Buffer): Promise<number> {
  try {
    const file = await open(path, 'r');
    try {
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return length;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw localError(op, path, cause);
  }
}

async function readStandardInput(buffer: Buffer): Promise<number> {
  let length = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    length += piece.copy(buffer, length);
    piece.fill(0);
    if (length === buffer.length) break;
  }
  return length;
}

function ask(prompt: string): Promise<Buffer> {
  return askHidden(prompt, {
    detail: 'there is no terminal to type a passphrase at',
    next: 'name a file that holds it with --passphrase-file FILE',
  });
}

/**
 * What a person types and nobody sees.
 * @param without what to say where there is no terminal
 * @throws VaultError `usage` without a terminal, `cancelled`
 */
export async function askHidden(
  prompt: string,
  without: { readonly detail: string; readonly next: string },
): Promise<Buffer> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) throw new VaultError('usage', { op, ...without });
  const line = new SecretLine();
  // Before the prompt: whoever types as soon as they see it is not echoed.
  await unechoed(async () => {
    stderr.write(prompt);
    stdin.resume();
    try {
      await typeInto(line, stdin);
    } finally {
      stdin.pause();
      stderr.write('\n');
    }
  });
  const typed = line.take();
  if (line.state === 'done') return typed;
  throw new VaultError('cancelled', { op });
}

/** Runs `action` while the terminal, if there is one, shows nothing of what is typed; may be nested. */
async function unechoed<T>(action: () => Promise<T>): Promise<T> {
  const { stdin } = process;
  if (!stdin.isTTY || stdin.isRaw) return action();
  stdin.setRawMode(true);
  try {
    return await action();
  } finally {
    stdin.setRawMode(false);
  }
}
