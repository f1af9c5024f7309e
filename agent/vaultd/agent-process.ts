/**
 * One agent process, seen from its supervisor. The agent has no standard output of its own; its log
 * comes through a pipe, of which the last lines are kept: when it dies without a word they are the
 * only reason there is.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { parseAgentMessage } from './agent-messages.ts';
import type { AgentArguments, AgentMessage, StopMessage } from './agent-messages.ts';
import { compileCacheEnvironment } from './compile-cache.ts';

export interface AgentExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly lastLines: readonly string[];
}

export interface AgentProcess {
  readonly pid: number | undefined;
  /** Resolves when the process is gone and its log was read to the end. */
  readonly exited: Promise<AgentExit>;
  /** Asks it to end cleanly. */
  stop(): void;
  kill(): void;
}

export interface SpawnOptions {
  /** Entry file of the agent. */
  readonly file: string;
  readonly argument: AgentArguments;
  /** Inherited, so that the home stays locked as long as the agent lives. */
  readonly lockDescriptor: number;
  /** Of a mount that outlives the agent: inherited as number 5. */
  readonly mountDescriptor?: number | undefined;
  /** The log, in pieces as they come. */
  onLog(piece: Buffer): void;
  onMessage(message: AgentMessage): void;
}

const lastLinesMax = 20;
const lineCharactersMax = 500;

const runtimeFlags = [
  '--disallow-code-generation-from-strings',
  '--disable-warning=ExperimentalWarning',
  // A debugger's port would be open to every user of this machine, keys and all.
  '--disable-sigusr1',
  // In MiB. Buffers count against what the heap may grow to before it is marked as a whole; beside a
  // small heap they alone had that done for every few MiB that passed.
  '--initial-old-space-size=96',
  // In MiB. What dies young is small here; more room for it is memory that stays taken.
  '--max-semi-space-size=8',
];

/** Starts an agent. */
export function spawnAgent(options: SpawnOptions): AgentProcess {
  const mounted = options.mountDescriptor === undefined ? [] : [options.mountDescriptor];
  const child = spawn(
    process.execPath,
    [...runtimeFlags, options.file, JSON.stringify(options.argument)],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', options.lockDescriptor, ...mounted],
      env: { ...process.env, ...compileCacheEnvironment() },
    },
  );
  child.on('message', (value) => {
    const message = parseAgentMessage(value);
    if (message !== undefined) options.onMessage(message);
  });
  const stop: StopMessage = { type: 'stop' };
  return {
    pid: child.pid,
    exited: exitOf(child, options.onLog),
    stop() {
      // It may have gone a moment ago; then there is nothing left to ask.
      if (child.connected) child.send(stop, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function exitOf(child: ChildProcess, onLog: (piece: Buffer) => void): Promise<AgentExit> {
  let tail = '';
  child.stderr?.on('data', (piece: Buffer) => {
    onLog(piece);
    tail = (tail + piece.toString('utf8')).slice(-lastLinesMax * lineCharactersMax);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ code: null, signal: null, lastLines: [error.message] });
    });
    child.on('close', (code, signal) => {
      const lines = tail.split('\n').filter((line) => line.trim() !== '');
      resolve({ code, signal, lastLines: lines.slice(-lastLinesMax) });
    });
  });
}
