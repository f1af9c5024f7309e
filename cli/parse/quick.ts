/**
 * Understands a command line that is right with what Node has built in. Loading yargs takes about as
 * long as everything else of `vault ls` together (measured: 90 of 150 ms), so yargs is asked only for
 * help and for what is not right. Both read the same definitions, and a test holds them to the same
 * answers.
 */
import { parseArgs } from 'node:util';
import { findCommand, hasSubcommands } from '../definitions/all.ts';
import type { CommandName } from '../definitions/all.ts';
import { globalOptions } from '../definitions/globals.ts';
import type { CommandDefinition, OptionDefinition } from '../definitions/types.ts';
import type { CommandLine, OptionValues } from './command-line.ts';

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** The command line, or undefined when it is not plainly right or asks for help. */
export function parseQuickly(words: readonly string[]): CommandLine | undefined {
  const found = takeCommand(words);
  if (found === undefined) return undefined;
  try {
    const { values, positionals } = parseArgs({
      args: [...found.rest],
      options: parseOptions([...globalOptions, ...found.command.options]),
      allowPositionals: true,
      strict: true,
    });
    if (values['help'] === true) return undefined;
    return { command: found.command, options: values as OptionValues, operands: positionals };
  } catch (error) {
    if (isParseError(error)) return undefined;
    throw error;
  }
}

/** Finds the words that name the command, behind options that every command has. */
function takeCommand(
  words: readonly string[],
): { command: CommandDefinition<CommandName>; rest: readonly string[] } | undefined {
  const { tokens } = parseArgs({
    args: [...words],
    options: parseOptions(globalOptions),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const [first, second] = tokens.filter((token) => token.kind === 'positional');
  if (first === undefined) return undefined;
  if (second?.index === first.index + 1 && hasSubcommands(first.value)) {
    const command = findCommand(`${first.value} ${second.value}`);
    if (command !== undefined) return { command, rest: words.toSpliced(first.index, 2) };
  }
  const command = findCommand(first.value);
  return command === undefined ? undefined : { command, rest: words.toSpliced(first.index, 1) };
}

function parseOptions(definitions: readonly OptionDefinition[]): ParseOptions {
  return Object.fromEntries(
    definitions.map((option) => [
      option.name,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: option.multiple === true,
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
}

function isParseError(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS_')
  );
}
