/** Words of a command line that come from elsewhere: they are no flags, whatever somebody has typed. Pure. */

/** What follows the options of a command. */
export function operandWords(...words: readonly string[]): readonly string[] {
  return words.some((word) => word.startsWith('-')) ? ['--', ...words] : words;
}

/** @param name for example `--at` */
export function optionWords(name: string, value: string): readonly string[] {
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}
