/** A file of this machine as it was typed, for the command line: what the shell would have done with it. */
export function localFile(typed: string): string {
  // A name, and no flag.
  if (typed.startsWith('-')) return `./${typed}`;
  const home = process.env['HOME'];
  return home !== undefined && /^~(\/|$)/.test(typed) ? home + typed.slice(1) : typed;
}
