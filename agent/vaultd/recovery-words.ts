/** Where recovery words may go: a terminal, or a new file that only its owner can read. Never a log or a pipe. */
import { open, rm } from 'node:fs/promises';
import type { WriteStream } from 'node:tty';
import { VaultError } from '../../protocol/errors.ts';

/** The terminal that this process writes to, if it writes to one. */
export function terminalOut(): WriteStream | undefined {
  return [process.stdout, process.stderr].find((stream) => stream.isTTY);
}

/** Shows them, numbered, four in a line. */
export function showWords(terminal: WriteStream, words: readonly string[]): Promise<void> {
  const cells = words.map((word, index) => `${String(index + 1).padStart(3)} ${word.padEnd(10)}`);
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += 4) lines.push(cells.slice(at, at + 4).join(' '));
  const text =
    '\nRecovery words. Write them down now; they are shown this once and stored nowhere.\n' +
    'Whoever has them owns the vault; without them a lost owner key is lost.\n\n' +
    `${lines.join('\n')}\n\n`;
  return new Promise((resolve) => {
    terminal.write(text, () => {
      resolve();
    });
  });
}

export interface WordsFile {
  words(words: readonly string[]): Promise<void>;
  undo(): Promise<void>;
}

/**
 * Makes the file at once, so that a path that does not work costs no vault.
 * @throws VaultError `exists`, `io`
 */
export async function openWordsFile(path: string): Promise<WordsFile> {
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new VaultError(exists ? 'exists' : 'io', {
      op: 'vaultd.recoveryFile',
      subject: path,
      detail: exists ? undefined : String(cause),
      next: 'name a new file in a directory of your own',
      cause,
    });
  });
  let open_ = true;
  const close = async (): Promise<void> => {
    if (open_) await file.close();
    open_ = false;
  };
  return {
    async words(words) {
      await file.writeFile(`${words.join(' ')}\n`);
      await file.sync();
      await close();
    },
    async undo() {
      await close();
      await rm(path, { force: true });
    },
  };
}
