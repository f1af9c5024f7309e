/** A text as one word of a command line, for the commands that errors suggest. Pure. */

/** As it is where a shell reads it as it is, else in single quotes. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-')) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
