/** `vault recover check` and `recover restore`: what the recovery words are good for. */
import { open } from 'node:fs/promises';
import { VaultError } from '../../protocol/errors.ts';
import { control } from '../../protocol/limits.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { boundedText } from '../local/bounded-text.ts';
import { askHidden } from '../local/passphrase.ts';
import { text } from '../parse/command-line.ts';
import { confirmTyped } from '../local/confirm.ts';

export const recoverCheck: Handler = async (invocation) => {
  const { output } = invocation;
  const words = await readWords(invocation);
  const report = await (await invocation.client()).recoverCheck({ words });
  if (output.json) output.value(report);
  else if (report.matches) output.note('the words are those of this vault');
  else output.note('the words are well formed, but those of another vault');
  return report.matches ? 0 : 5;
};

export const recoverRestore: Handler = async (invocation) => {
  const { line, output } = invocation;
  await confirmTyped(
    invocation,
    'This device will become the owner of the vault, in the place of the present one.',
    'owner',
  );
  const words = await readWords(invocation);
  const client = await invocation.client();
  const lastStatement = text(line, 'until-statement');
  const report = await client.recoverRestore({ words, lastStatement });
  if (output.json) {
    output.value(report);
    return 0;
  }
  output.note('this device is the owner of the vault now, and an admin');
  output.note(escapeText(`admins: ${report.admins.join(', ')}`));
  output.note('a lost device has to be sent away: vault revoke DEVICE --reason lost');
  return 0;
};

/** From the file that was named, or from the terminal without showing them. */
async function readWords({ line }: Invocation): Promise<string> {
  const file = text(line, 'recovery-file');
  if (file !== undefined) return readFile(file);
  const typed = await askHidden('Recovery words: ', {
    detail: 'there is no terminal to type the words at',
    next: 'name a file with --recovery-file FILE, or - for standard input',
  });
  const words = typed.toString('utf8');
  typed.fill(0);
  return words;
}

async function readFile(name: string): Promise<string> {
  const source =
    name === '-'
      ? process.stdin
      : (
          await open(name, 'r').catch((cause: unknown) => {
            throw new VaultError('not-found', {
              op: 'cli.recover',
              subject: name,
              detail: 'the file with the words cannot be read',
              cause,
            });
          })
        ).createReadStream();
  const words = await boundedText(source, {
    bytesMax: control.recoveryTextBytesMax,
    subject: name,
    tooLong: {
      code: 'usage',
      detail: 'longer than 24 words',
      next: 'give the file that vaultd init --recovery-file wrote',
    },
  });
  return words.trim();
}
