/** Before something that cannot be taken back: the person types a word, a script says `--yes`. */
import { createInterface } from 'node:readline/promises';
import { VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Invocation } from '../invocation.ts';
import { flag } from '../parse/command-line.ts';

/**
 * @param what will happen: one clause for people
 * @param word that has to be typed
 * @throws VaultError `cancelled` when something else is typed, `usage` without a terminal and without `--yes`
 */
export async function confirmTyped(
  { line, signal }: Pick<Invocation, 'line' | 'signal'>,
  what: string,
  word: string,
): Promise<void> {
  if (flag(line, 'yes')) return;
  const op = `cli.${line.command.name}`;
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) {
    throw new VaultError('usage', {
      op,
      detail: 'there is no terminal to ask at',
      next: `say --yes: vault ${line.command.name} --help`,
    });
  }
  const terminal = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => {
    terminal.once('close', () => {
      resolve('');
    });
  });
  try {
    const question = `${escapeText(what)}\nType ${escapeText(word)} to go on: `;
    const typed = await Promise.race([terminal.question(question, { signal }), ended]);
    if (typed.trim() === word) return;
  } finally {
    terminal.close();
  }
  throw new VaultError('cancelled', {
    op,
    detail: 'another word was typed, so nothing was done',
  });
}
