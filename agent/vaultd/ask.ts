/** One question to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import { escapeText } from '../../protocol/text/escape.ts';

/** Anything but a clear yes is no, and so is the end of the input. */
export async function askYesNo(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<string>((resolve) => {
    terminal.once('close', () => {
      resolve('');
    });
  });
  try {
    const answer = await Promise.race([terminal.question(`${escapeText(question)} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
