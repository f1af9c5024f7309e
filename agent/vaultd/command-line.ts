/**
 * yargs, kept in one place: it parses, checks and writes the help; it runs nothing and never ends the
 * process.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { VaultError } from '../../protocol/errors.ts';
import { commonOptions } from './commands.ts';
import type { Command, CommandLine } from './commands.ts';

export type ParsedCommandLine =
  | { readonly type: 'command'; readonly command: Command; readonly line: CommandLine }
  /** Help or version: to be printed. */
  | { readonly type: 'text'; readonly text: string };

export interface CommandLineOptions {
  readonly commands: readonly Command[];
  readonly version: string;
  /** Meanings of the exit statuses, for the help. */
  readonly statuses: Readonly<Record<number, string>>;
}

/** @throws VaultError `usage` */
export async function parseCommandLine(
  words: readonly string[],
  options: CommandLineOptions,
): Promise<ParsedCommandLine> {
  let chosen: Command | undefined;
  let text = '';
  const parser = options.commands.reduce<Argv>(
    (all, command) =>
      all.command(
        command.usage,
        command.summary,
        (sub) => describe(sub, command, options.statuses),
        () => {
          chosen = command;
        },
      ),
    basic(options),
  );
  const line = await parser.parseAsync(words.map(hideDash), {}, (_error, _parsed, output) => {
    text = output;
  });
  if (text !== '') return { type: 'text', text };
  if (chosen === undefined) throw usageError('a command is missing');
  return { type: 'command', command: chosen, line: checkLine(line) };
}

function basic({ version, statuses }: CommandLineOptions): Argv {
  return yargs()
    .scriptName('vaultd')
    .usage('$0 COMMAND [OPTIONS]\n\nThe agent of a vault: set it up, run it, end it.')
    .options(commonOptions)
    .version(`vaultd ${version}`)
    .help()
    .alias('help', 'h')
    .strict()
    .demandCommand(1, 1, 'a command is missing', 'one command at a time')
    .parserConfiguration({ 'boolean-negation': false, 'duplicate-arguments-array': false })
    .epilogue(statusText(statuses))
    .wrap(100)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw usageError(message || error.message);
    });
}

function describe(
  parser: Argv,
  command: Command,
  statuses: Readonly<Record<number, string>>,
): Argv {
  const described = command.examples.reduce(
    (sub, [example, meaning]) => sub.example(example, meaning),
    parser.usage(`vaultd ${command.usage}\n\n${command.summary}`),
  );
  const [, operand] = /\[(\w+)\]$/.exec(command.usage) ?? [];
  const complete =
    operand === undefined
      ? described
      : described.positional(operand, {
          type: 'string',
          describe: operand === 'ticket' ? 'The ticket, or -' : 'A backup of the keys',
        });
  return complete.options(command.options).epilogue(statusText(statuses));
}

function statusText(statuses: Readonly<Record<number, string>>): string {
  const rows = Object.entries(statuses).map(([status, meaning]) => `${status} ${meaning}`);
  return `Exit status: ${rows.join('; ')}.`;
}

/** What yargs parsed, as the options of the table. An empty value was forgotten. */
function checkLine(parsed: Readonly<Record<string, unknown>>): CommandLine {
  const line = Object.entries(parsed).map(([name, value]) => {
    if (value === '' && name !== '$0') throw usageError(`--${name} is empty`);
    return [name, value === hiddenDash ? '-' : value];
  });
  return Object.fromEntries(line) as CommandLine;
}

/** yargs takes a lone dash in the place of an argument for one that is missing. No word has a NUL. */
const hiddenDash = '\0-';

function hideDash(word: string): string {
  return word === '-' ? hiddenDash : word;
}

function usageError(detail: string): VaultError {
  return new VaultError('usage', { op: 'vaultd', detail, next: 'vaultd --help' });
}
