/**
 * Entry of `vault`: understands the command line, runs one command, turns what it throws into a
 * message and an exit status. The only place that reads arguments and ends the process.
 */
import { VaultError, toVaultError } from '../protocol/errors.ts';
import { exitStatusOf } from '../protocol/exit-status.ts';
import type { ExitStatus } from '../protocol/exit-status.ts';
import type { AgentConnection } from './agent/connect.ts';
import { loadHandler } from './handlers.ts';
import { catchInterrupts } from './interrupt.ts';
import type { Invocation } from './invocation.ts';
import { createOutput } from './output/output.ts';
import type { Output } from './output/output.ts';
import { noProgress, startProgress } from './output/progress.ts';
import { checkCommandLine, flag } from './parse/command-line.ts';
import type { CommandLine } from './parse/command-line.ts';
import { parseQuickly } from './parse/quick.ts';

// Until it has an answer it has failed.
process.exitCode = 1;
void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});

async function main(words: readonly string[]): Promise<ExitStatus> {
  endQuietlyWithoutReader();
  const signal = catchInterrupts();
  // Until the line is understood, this is all that is known of how to answer.
  let output = outputFor({ json: words.includes('--json'), quiet: false, progress: false });
  let connection: Promise<AgentConnection> | undefined;
  let invocation: Invocation | undefined;
  try {
    const line = parseQuickly(words) ?? (await parseSlowly(words));
    if (line === undefined) return words.length === 0 ? 2 : 0;
    output = outputOf(line);
    const handler = await loadHandler(checkCommandLine(line).command.name);
    invocation = {
      line,
      output,
      signal,
      client: async () => (await (connection ??= connect(line, signal))).client,
      startProgress: (unit) => (output.progress ? startBar(unit) : noProgress),
    };
    return await handler(invocation);
  } catch (error) {
    const failure = signal.aborted
      ? new VaultError('cancelled', { op: 'cli', cause: error })
      : await withNextStep(toVaultError(error, 'cli'), invocation);
    output.fail(failure);
    return exitStatusOf(failure);
  } finally {
    // A connection that failed has been reported above.
    connection?.then(
      ({ close }) => {
        close();
      },
      () => undefined,
    );
  }
}

/** Adds what only the client knows: a name that was meant, what to do when the connection breaks. */
async function withNextStep(
  error: VaultError,
  invocation: Invocation | undefined,
): Promise<VaultError> {
  const { code, op, detail, next } = error;
  // Only the agent names paths from the root of the vault; then it is there to be asked once more.
  if (code === 'not-found' && invocation !== undefined && op.startsWith('vault.')) {
    const { withSuggestion } = await import('./paths/suggest.ts');
    return withSuggestion(await invocation.client(), invocation.line, error);
  }
  if (code !== 'closed' || next !== undefined) return error;
  return new VaultError(code, {
    op,
    subject: 'connection to the agent',
    detail,
    next: 'vaultd status says whether it runs; then run the command again',
    cause: error,
  });
}

/** Shows the help, or understands what the quick parser left alone. */
async function parseSlowly(words: readonly string[]): Promise<CommandLine | undefined> {
  const { parseFully } = await import('./parse/full.ts');
  const answer = await parseFully(words, process.stdout.columns);
  if ('command' in answer) return answer;
  // Without any word the help is an answer to a mistake.
  const stream = words.length === 0 ? process.stderr : process.stdout;
  stream.write(`${answer.help}\n`);
  return undefined;
}

function outputOf(line: CommandLine): Output {
  return outputFor({
    json: flag(line, 'json'),
    quiet: flag(line, 'quiet'),
    progress: !flag(line, 'no-progress'),
  });
}

function outputFor(options: Parameters<typeof createOutput>[1]): Output {
  return createOutput({ out: process.stdout, err: process.stderr }, options);
}

async function connect(line: CommandLine, signal: AbortSignal): Promise<AgentConnection> {
  const { connectTo } = await import('./agent/place.ts');
  return connectTo(line, signal);
}

function startBar(unit: string | undefined) {
  return startProgress(process.stderr, {
    nowMs: () => performance.now(),
    every(periodMs, action) {
      const timer = setInterval(action, periodMs).unref();
      return { cancel: () => void clearInterval(timer) };
    },
    unit,
  });
}

/** `vault ls | head`: nobody reads on, and that is no failure. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
