/** The directory of a mount: of this machine, or with `--ssh` of the other one. */
import { isAbsolute, resolve } from 'node:path';
import { text, usageError, type CommandLine } from '../parse/command-line.ts';

/** @throws VaultError `usage`: this directory is nothing to the other machine */
export function mountDirectory(line: CommandLine): string {
  const [directory = '.'] = line.operands;
  if (isAbsolute(directory) || text(line, 'ssh') === undefined) return resolve(directory);
  throw usageError(line.command, directory, 'with --ssh an absolute path is needed');
}
