/** The programs themselves, as a person or a script runs them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

const program = join(import.meta.dirname, '../../bin/vaultd');
const client = join(import.meta.dirname, '../../bin/vault');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment without settings of whoever runs the tests. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const settings = /^(VAULT_|XDG_DATA_HOME$|PEERVAULT_|NODE_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)));
}

/** Starts it; what it says is collected. */
export function startVaultd(t: ExecutionContext, words: readonly string[], input = '') {
  return startProgram(t, [program, ...words], input);
}

/** Starts it on a terminal of its own; everything that it shows there is in `stdout`. */
export function startOnTerminal(t: ExecutionContext, words: readonly string[], typed = '') {
  const quoted = [program, ...words].map((word) => `'${word}'`).join(' ');
  return startProgram(
    t,
    ['script', '--quiet', '--return', '--command', quoted, '/dev/null'],
    typed,
  );
}

/** Runs the client `vault` to its end. */
export async function runVault(t: ExecutionContext, words: readonly string[]): Promise<Finished> {
  return startProgram(t, [client, ...words], '').finished;
}

/** Runs it to its end. */
export async function runVaultd(
  t: ExecutionContext,
  words: readonly string[],
  input = '',
): Promise<Finished> {
  return startVaultd(t, words, input).finished;
}

function startProgram(t: ExecutionContext, words: readonly string[], input: string) {
  const [file = '', ...rest] = words;
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: cleanEnvironment() });
  t.teardown(() => child.kill('SIGKILL'));
  const heard = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (piece: Buffer) => {
      heard[name] += piece.toString('utf8');
      for (const check of waiting) check();
    });
  }
  const finished = (async (): Promise<Finished> => {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, ...heard };
  })();
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  /** Resolves with the first match, or with undefined when the program ends without one. */
  const hears = (pattern: RegExp): Promise<RegExpExecArray | undefined> =>
    new Promise((resolve) => {
      const check = (): void => {
        const match = pattern.exec(heard.stdout) ?? pattern.exec(heard.stderr);
        if (match === null) return;
        waiting.delete(check);
        resolve(match);
      };
      waiting.add(check);
      check();
      void finished.then(() => {
        resolve(undefined);
      });
    });
  return { child, heard, hears, finished };
}
