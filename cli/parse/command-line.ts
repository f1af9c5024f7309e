/**
 * A command line, understood: which command, its options and its operands.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { CommandName } from '../definitions/all.ts';
import type { CommandDefinition } from '../definitions/types.ts';

export type OptionValues = Readonly<
  Record<string, string | boolean | readonly string[] | undefined>
>;

export interface CommandLine {
  readonly command: CommandDefinition<CommandName>;
  readonly options: OptionValues;
  readonly operands: readonly string[];
}

/** Whether a flag was given. */
export function flag(line: CommandLine, name: string): boolean {
  return line.options[name] === true;
}

/** The value of an option; the last one counts. */
export function text(line: CommandLine, name: string): string | undefined {
  const value = line.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** All values of an option that may come several times. */
export function texts(line: CommandLine, name: string): readonly string[] {
  const value = line.options[name];
  if (typeof value === 'string') return [value];
  return typeof value === 'object' ? value : [];
}

/**
 * A whole number, not negative.
 * @throws VaultError `usage`
 */
export function count(line: CommandLine, name: string): number | undefined {
  const value = text(line, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(number)) {
    throw usageError(line.command, `--${name} ${value}`, 'a whole number is needed');
  }
  return number;
}

/** The error of a command line that was not understood. */
export function usageError(
  command: CommandDefinition | undefined,
  subject: string,
  detail: string,
): VaultError {
  const name = command === undefined ? 'vault' : `vault ${command.name}`;
  return new VaultError('usage', {
    op: command === undefined ? 'cli' : `cli.${command.name.replace(' ', '.')}`,
    subject,
    detail,
    next: `${name} --help`,
  });
}

/**
 * Checks what no parser does: the number of operands, and values of a closed list.
 * @throws VaultError `usage`
 */
export function checkCommandLine(line: CommandLine): CommandLine {
  const { command, operands } = line;
  if (operands.length < command.operandsMin) {
    throw usageError(command, command.operands, 'an operand is missing');
  }
  if (operands.length > command.operandsMax) {
    throw usageError(command, operands[command.operandsMax] ?? '', 'one operand too many');
  }
  for (const option of command.options) {
    const value = text(line, option.name);
    if (value !== undefined && option.choices?.includes(value) === false) {
      throw usageError(command, `--${option.name} ${value}`, `one of ${option.choices.join(', ')}`);
    }
  }
  return line;
}
