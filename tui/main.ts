/**
 * Entry of `vault-tui`: reads the command line, shows what it asks for, and turns what that throws into a
 * message and an exit status. The only place that ends the process.
 */
import { toVaultError } from '../protocol/errors.ts';
import { exitStatusOf } from '../protocol/exit-status.ts';
import { failureOf } from './agent/failure.ts';
import { helpText, parseOptions } from './options.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(words, process.env);
    if (options.help) {
      process.stdout.write(`${helpText()}\n`);
      return 0;
    }
    // What is not shown is not loaded.
    if (options.plain) await (await import('./plain/program.ts')).plainProgram(options);
    else await (await import('./full-screen.tsx')).fullScreen(options);
    // Timers and the socket of the agent would keep the process; a pipe takes what was written in its time.
    process.stdout.write('', () => process.exit(0));
    return 0;
  } catch (error) {
    const failure = toVaultError(error, 'tui');
    const { message, next } = failureOf(failure);
    const stack =
      failure.code === 'internal' && error instanceof Error ? `${error.stack ?? ''}\n` : '';
    process.stderr.write(`vault-tui: ${message}\n${stack}`);
    if (next !== undefined) process.stderr.write(`  try: ${next}\n`);
    process.exit(exitStatusOf(failure));
  }
}
