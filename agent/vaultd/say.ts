/**
 * What `vaultd` says to people: results on standard output, everything else on standard error, and
 * nothing that came from outside unescaped.
 */
import { escapeText } from '../../protocol/text/escape.ts';

/** Writes text of ours to standard output; resolves when it was handed over. */
export function say(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, () => {
      resolve();
    });
  });
}

/** A line beside the result. */
export function note(text: string): void {
  process.stderr.write(`${escapeText(text)}\n`);
}

/** An error: what failed, on what, and what to try. */
export function sayError(error: {
  readonly message: string;
  readonly next?: string | undefined;
}): void {
  note(`vaultd: ${error.message}`);
  if (error.next !== undefined) note(`  try: ${error.next}`);
}
