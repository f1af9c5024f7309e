/** Entry of the program `vaultd`: reads the command line, runs one command, turns errors into text and status. */
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import { exitStatusMeanings, exitStatusOf } from '../../protocol/exit-status.ts';
import { keepMemoryOutOfCoreFiles } from '../host/core-image.ts';
import { packageVersion } from '../host/package-version.ts';
import { commands } from './commands.ts';
import type { ParsedCommandLine } from './command-line.ts';
import { parseQuickly } from './quick-line.ts';
import { say, sayError } from './say.ts';

process.umask(0o077);
// Where it cannot be done, the agent says so in its log.
keepMemoryOutOfCoreFiles();
// Whoever read our output may be gone; that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const parsed = await parse(process.argv.slice(2));
  if (parsed.type === 'text') {
    await say(parsed.text);
    process.exitCode = 0;
  } else {
    const run = await parsed.command.load();
    process.exitCode = await run(parsed.line);
  }
} catch (thrown) {
  const error = toVaultError(thrown, 'vaultd');
  if (!(thrown instanceof VaultError) && thrown instanceof Error) {
    process.stderr.write(`${thrown.stack ?? ''}\n`);
  }
  sayError(error);
  process.exitCode = exitStatusOf(error);
}

async function parse(words: readonly string[]): Promise<ParsedCommandLine> {
  const quick = parseQuickly(words, commands);
  if (quick !== undefined) return { type: 'command', ...quick };
  const { parseCommandLine } = await import('./command-line.ts');
  return parseCommandLine(words, {
    commands,
    version: packageVersion(),
    statuses: exitStatusMeanings,
  });
}
