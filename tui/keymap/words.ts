/** The words of a command line, and the line that they make. Pure. */
import { escapeText } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';

/** What follows the options of a command: what comes from elsewhere is no flag, whatever somebody has typed. */
export function operandWords(...words: readonly string[]): readonly string[] {
  return words.some((word) => word.startsWith('-')) ? ['--', ...words] : words;
}

/** @param name for example `--at` */
export function optionWords(name: string, value: string): readonly string[] {
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}

/**
 * `vault mv 'a b' c`, as it can be pasted into a shell.
 * @param blanks what stands for something that is still to be typed: it is shown as it is, `c/<new name>`
 */
export function commandLine(words: readonly string[], blanks: readonly string[] = []): string {
  return escapeNothingButControls(
    ['vault', ...words].map((word) => quoted(word, blanks)).join(' '),
  );
}

/** Flags are what they are; everything else is quoted where a shell would not leave it alone. */
function quoted(word: string, blanks: readonly string[]): string {
  if (/^(?:--?[a-z][a-z-]*|--)$/.test(word)) return word;
  const blank = blanks.find((each) => word.includes(each));
  if (blank === undefined) return shellWord(word);
  const parts = word.split(blank);
  return parts.map((part) => (part === '' ? '' : quoted(part, blanks))).join(blank);
}

/** Backslashes stay: the line is to be pasted. */
function escapeNothingButControls(line: string): string {
  return line
    .split('\\')
    .map((part) => escapeText(part))
    .join('\\');
}
