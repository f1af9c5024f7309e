/**
 * Programs that the benchmark runs, to their end or in the background. Whatever is still running
 * when the benchmark ends is ended with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const saidBytesMax = 4000;
const endTimeoutMs = 20_000;

const running = new Set<ChildProcess>();

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Written to its standard input. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  /** Read its standard output away instead of keeping it. */
  readonly discardOutput?: boolean | undefined;
}

/** What a program finds around it: nothing of what the caller has set for any of the tools. */
function environmentOf({ environment }: ProgramOptions): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, XDG_CACHE_HOME } = process.env;
  const kept = Object.entries({ PATH, HOME, TMPDIR, XDG_CACHE_HOME }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', ...environment };
}

/** @returns its standard output @throws Error with what it said when it does not end with 0 */
export async function runProgram(
  words: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Promise<string> {
  const child = start(words, options, options.input === undefined ? 'ignore' : 'pipe');
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes: Buffer) => {
    if (options.discardOutput !== true) said.stdout += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    said.stderr = (said.stderr + bytes.toString()).slice(-saidBytesMax);
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  if (options.input !== undefined) await feed(child, options.input);
  const [code, signal] = await closed;
  if (code !== 0) {
    throw new Error(`${words[0]} ended with ${String(code ?? signal)}: ${said.stderr.trim()}`);
  }
  return said.stdout;
}

async function feed(child: ChildProcess, input: AsyncIterable<Uint8Array>): Promise<void> {
  if (child.stdin === null) return;
  // A program that ends before it has read everything says why by its status.
  await pipeline(input, child.stdin).catch(() => undefined);
}

export interface Background {
  readonly pid: number;
  /** Waits for a line of its standard output. @throws Error when it ends before */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<void>;
}

export function startProgram(
  words: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Background {
  const child = start(words, options, 'ignore');
  let heard = '';
  let said = '';
  child.stdout?.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-saidBytesMax);
  });
  return {
    pid: child.pid ?? 0,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(heard);
          if (found !== null) resolve(found);
        };
        child.stdout?.on('data', look);
        child.once('close', () => {
          reject(new Error(`${words[0]} ended too early: ${said.trim()}`));
        });
        look();
      }),
    stop: () => end(child),
  };
}

function start(
  [file, ...words]: readonly [string, ...string[]],
  options: ProgramOptions,
  input: 'ignore' | 'pipe',
): ChildProcess {
  const child = spawn(file, words, {
    stdio: [input, 'pipe', 'pipe'],
    env: environmentOf(options),
    cwd: options.cwd,
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
  await closed;
  clearTimeout(timer);
}

/** Ends everything that was started and still runs. */
export async function endAllPrograms(): Promise<void> {
  await Promise.all([...running].map((child) => end(child)));
}

/** Whether a program is in PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await access(join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** Nothing that was written before is still on its way when the next clock starts. */
export async function settleDisk(): Promise<void> {
  await runProgram(['sync']);
}

/** Nothing of any file system is in memory any more: whoever reads next reads from below. Needs root. */
export async function dropCaches(): Promise<void> {
  await settleDisk();
  await writeFile('/proc/sys/vm/drop_caches', '3');
}

/** @throws Error when two files, or two folders with all that is in them, are not the same */
export async function mustBeSame(one: string, other: string): Promise<void> {
  await runProgram(['diff', '--recursive', '--brief', one, other], { discardOutput: true });
}
