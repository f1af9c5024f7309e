/**
 * Understands any command line, with yargs: the help, what is wrong with a line, and whatever the
 * quick parser left alone.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { exitStatusMeanings } from '../../protocol/exit-status.ts';
import { commands, hasSubcommands } from '../definitions/all.ts';
import type { CommandName } from '../definitions/all.ts';
import { globalOptions } from '../definitions/globals.ts';
import type { CommandDefinition, OptionDefinition } from '../definitions/types.ts';
import { usageError } from './command-line.ts';
import type { CommandLine, OptionValues } from './command-line.ts';

export type FullAnswer = CommandLine | { readonly help: string };

const widthMax = 100;

/**
 * @param columns of the terminal, for the help
 * @throws VaultError `usage`
 */
export async function parseFully(words: readonly string[], columns = 80): Promise<FullAnswer> {
  let line: CommandLine | undefined;
  let failure:
    { readonly message: string; readonly command: CommandDefinition | undefined } | undefined;
  let current: CommandDefinition | undefined;
  const parser = createParser(Math.min(columns, widthMax), {
    onBuild: (command) => {
      current = command;
    },
    onCommand: (found) => {
      line = found;
    },
  }).fail((message: string | null, error: Error | undefined) => {
    failure ??= { message: message ?? error?.message ?? '', command: current };
  });
  const help = await new Promise<string>((resolve) => {
    void parser.parse([...words], {}, (_error: unknown, _values: unknown, output: string) => {
      resolve(output);
    });
  });
  if (failure !== undefined) {
    throw usageError(failure.command, words.join(' '), failure.message.replaceAll('\n', ' '));
  }
  if (line !== undefined) return line;
  if (words.length === 0) return { help: tidyHelp(await parser.getHelp()) };
  if (help === '') throw usageError(undefined, words.join(' '), 'there is no such command');
  return { help: tidyHelp(help) };
}

interface Listeners {
  readonly onBuild: (command: CommandDefinition) => void;
  readonly onCommand: (line: CommandLine) => void;
}

function createParser(width: number, listeners: Listeners): Argv {
  const parser = yargs()
    .scriptName('vault')
    .usage('$0 COMMAND [OPTION...]\n\nOne encrypted tree of files, on several machines at once.')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .version(false)
    .help('help')
    .alias('help', 'h')
    .options(yargsOptions(globalOptions.filter((option) => option.name !== 'help')))
    .describe('help', 'show this help')
    .strictOptions()
    .recommendCommands()
    .exitProcess(false)
    .wrap(width)
    .example('vault put -r photos /', 'store a directory')
    .example('vault ls -l photos', 'look at it')
    .example('vault get -r photos /mnt/usb', 'copy it out')
    .epilogue(`Commands have help of their own: vault put --help\n\n${exitStatusText()}`);
  for (const command of commands.filter(({ name }) => !name.includes(' '))) {
    addCommand(parser, command, listeners);
  }
  for (const word of wordsWithoutCommand()) addGroup(parser, word, listeners);
  return parser;
}

/** First words that mean nothing alone: `passphrase` of `passphrase set`. */
function wordsWithoutCommand(): ReadonlySet<string> {
  const first = commands.map(({ name }) => name.split(' ')[0] ?? '');
  return new Set(first.filter((word) => commands.every(({ name }) => name !== word)));
}

function addGroup(parser: Argv, word: string, listeners: Listeners): void {
  const below = commands.filter(({ name }) => name.startsWith(`${word} `));
  const names = below.map(({ name }) => name.slice(word.length + 1)).join(', ');
  parser.command(word, `has commands of its own: ${names}`, (own) => {
    for (const each of below) addCommand(own, each, listeners);
    return own.demandCommand(1, `one of its commands is needed: ${names}`);
  });
}

/** yargs takes the argument; its types of others do not say so. */
type Recommending = Argv & { recommendCommands(recommend: boolean): unknown };

function addCommand(
  parser: Argv,
  command: CommandDefinition<CommandName>,
  listeners: Listeners,
): void {
  const word = command.name.slice(command.name.lastIndexOf(' ') + 1);
  parser.command(
    word,
    command.summary,
    (own) => {
      listeners.onBuild(command);
      if (!command.name.includes(' ') && hasSubcommands(command.name)) {
        const below = commands.filter(({ name }) => name.startsWith(`${command.name} `));
        for (const each of below) addCommand(own, each, listeners);
        // Its first operand may be a word of the user's, and is no mistyped command then.
        (own as Recommending).recommendCommands(false);
      }
      return describeCommand(own, command);
    },
    (values) => {
      const { _: named, $0: _script, ...options } = values;
      const operands = named.slice(command.name.split(' ').length).map(String);
      listeners.onCommand({ command, operands, options: lastOfSingle(command, options) });
    },
  );
}

/** An option that takes one value and is given twice has the last one, as with the quick parser. */
function lastOfSingle(command: CommandDefinition, options: object): OptionValues {
  const multiple = new Set(
    command.options.filter((option) => option.multiple === true).map(({ name }) => name),
  );
  return Object.fromEntries(
    Object.entries(options as OptionValues).map(([name, value]) => [
      name,
      Array.isArray(value) && !multiple.has(name) ? value.at(-1) : value,
    ]),
  ) as OptionValues;
}

function describeCommand(parser: Argv, command: CommandDefinition): Argv {
  const operands = command.operands === '' ? '' : ` ${command.operands}`;
  const details = command.details === undefined ? '' : `\n\n${command.details}`;
  parser
    .usage(`vault ${command.name} [OPTION...]${operands}\n\n${command.summary}${details}`)
    .options(yargsOptions(command.options))
    .epilogue(exitStatusText());
  for (const [line, what] of command.examples) parser.example(line, what);
  return parser;
}

function yargsOptions(definitions: readonly OptionDefinition[]): Parameters<Argv['options']>[0] {
  return Object.fromEntries(
    definitions.map((option) => [
      option.name,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        array: option.multiple === true,
        requiresArg: option.value !== undefined,
        describe:
          option.value === undefined ? option.describe : `${option.value}: ${option.describe}`,
        ...(option.short === undefined ? {} : { alias: option.short }),
      },
    ]),
  );
}

/** Takes out the types of options: what stands for a value says it already. */
function tidyHelp(help: string): string {
  return help
    .replaceAll(/^ +\[(?:boolean|string|array)\]\n/gm, '')
    .replaceAll(/ *\[(?:boolean|string|array)\]$/gm, '');
}

/** The paragraph about exit statuses at the end of every help. */
export function exitStatusText(): string {
  const rows = Object.entries(exitStatusMeanings).map(
    ([status, meaning]) => `  ${status.padStart(3)}  ${meaning}`,
  );
  return ['Exit status:', ...rows].join('\n');
}
