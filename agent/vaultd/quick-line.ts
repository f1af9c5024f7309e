/**
 * Understands a command line that is right with what Node has built in: loading yargs takes two
 * fifths of what a small command costs (measured: 50 of 125 ms of CPU). yargs is asked only for help and
 * for what is not right. Both read the same table, and a test holds them to the
 * same answers. (`vault` does the same over its own table, which this program may not import.)
 */
import { parseArgs } from 'node:util';
import { commonOptions } from './commands.ts';
import type { Command, CommandLine } from './commands.ts';

export interface QuickLine {
  readonly command: Command;
  readonly line: CommandLine;
}

/** The command line, or undefined when it is not plainly right or asks for help. */
export function parseQuickly(
  words: readonly string[],
  commands: readonly Command[],
): QuickLine | undefined {
  const options = new Map(
    [commonOptions, ...commands.map((command) => command.options)].flatMap(Object.entries),
  );
  const parsed = tryParse(words, options);
  if (parsed === undefined) return undefined;
  const [name, ...operands] = parsed.positionals;
  // Before the command only options of all commands are known.
  const start = parsed.tokens?.findIndex(({ kind }) => kind === 'positional');
  const before = parsed.tokens?.slice(0, start) ?? [];
  if (before.some((token) => token.kind === 'option' && !Object.hasOwn(commonOptions, token.name)))
    return undefined;
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  if (command === undefined) return undefined;
  const given = Object.entries(parsed.values);
  const known: Command['options'] = { ...commonOptions, ...command.options };
  if (given.some(([option, value]) => !Object.hasOwn(known, option) || value === '')) {
    return undefined;
  }
  if (given.some(([option, value]) => !isChoice(known[option]?.choices, value))) return undefined;
  const [operandName] = /(?<=\[)\w+(?=\]$)/.exec(command.usage) ?? [];
  if (operands.length > (operandName === undefined ? 0 : 1) || operands[0] === '') return undefined;
  const line = Object.fromEntries(given.map(([option, value]) => [camelCase(option), value]));
  if (operandName !== undefined && operands[0] !== undefined) line[operandName] = operands[0];
  return { command, line: line as CommandLine };
}

function tryParse(
  words: readonly string[],
  options: ReadonlyMap<string, { readonly type?: string }>,
): ReturnType<typeof parseArgs> | undefined {
  // What comes after -- is no option, and the full parser takes true and false for the value of a flag:
  // rare enough to leave them to it.
  if (['--', 'true', 'false'].some((word) => words.includes(word))) return undefined;
  const types = [...options].map(([name, { type }]) => [
    name,
    { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) },
  ]);
  try {
    return parseArgs({
      args: [...words],
      options: Object.fromEntries(types) as Record<string, { type: 'boolean' | 'string' }>,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
  } catch (error) {
    if (isParseError(error)) return undefined;
    throw error;
  }
}

function isChoice(choices: readonly unknown[] | undefined, value: unknown): boolean {
  return choices === undefined || choices.includes(value);
}

function camelCase(option: string): string {
  return option.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function isParseError(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS_')
  );
}
