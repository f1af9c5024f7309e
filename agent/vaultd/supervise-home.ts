/** The supervisor of one home in this process: its lock, its log, its signals, its agent. */
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toVaultError } from '../../protocol/errors.ts';
import { exitStatusOf, exitStatuses } from '../../protocol/exit-status.ts';
import type { Config } from '../config/config.ts';
import { homeFiles } from '../home/layout.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { openHome, prepareHome } from '../host/node-home.ts';
import { createLog } from '../host/pino-log.ts';
import { openRotatingFile } from '../host/rotating-file.ts';
import { readyLine } from './agent-messages.ts';
import type { Failure } from './agent-messages.ts';
import { spawnAgent } from './agent-process.ts';
import { reportToParent } from './detach.ts';
import type { Flags } from './load-config.ts';
import { say, sayError } from './say.ts';
import { startSupervisor } from './supervisor.ts';
import type { SupervisorEnd } from './supervisor.ts';
import { onEndSignals } from './watch-for-end.ts';

export interface SuperviseOptions {
  readonly home: string;
  readonly socket: string;
  readonly flags: Flags;
  readonly config: Config;
  readonly detached: boolean;
  /** Entry of the agent process; tests give another. @default agent/main */
  readonly agentFile?: string;
}

/** Runs until the end of the supervisor. @returns the exit status */
export async function superviseHome(options: SuperviseOptions): Promise<number> {
  try {
    return await supervise(options);
  } catch (thrown) {
    if (!options.detached) throw thrown;
    const { code, message, next } = toVaultError(thrown, 'vaultd.start');
    reportToParent({ type: 'failed', code, message, next });
    return exitStatusOf(thrown);
  }
}

async function supervise(options: SuperviseOptions): Promise<number> {
  const { path: home } = await prepareHome(options.home);
  const lock = await takeHomeLock(home);
  try {
    await openHome(home);
    const end = await runSupervisor({ ...options, home }, lock.descriptor);
    return statusOfEnd(end, options.detached);
  } finally {
    await lock.release();
  }
}

async function runSupervisor(
  options: SuperviseOptions,
  lockDescriptor: number,
): Promise<SupervisorEnd> {
  const { home, socket, flags, config, detached } = options;
  const output = openOutput(home, config, detached);
  const onTerminal = !detached && isTerminal(process.stderr);
  const log = createLog(
    { level: config.value('log.level'), format: formatOf(config, onTerminal) },
    output,
  ).child('supervisor');
  const supervisor = startSupervisor({
    clock: createNodeClock(),
    log,
    spawn: ({ rescueReasons: reasons, onMessage }) =>
      spawnAgent({
        file: options.agentFile ?? agentFile(),
        argument: {
          home,
          socket,
          flags,
          onTerminal,
          ...(reasons === undefined ? {} : { rescue: { name: config.value('name'), reasons } }),
        },
        lockDescriptor,
        onLog: (piece) => {
          output.write(piece);
        },
        onMessage,
      }),
    onReady: (ready) => {
      if (detached) reportToParent({ type: 'ready', ...ready });
      else void say(readyLine(ready));
    },
    onRescue: (reasons) => {
      if (detached) reportToParent({ type: 'failed', ...rescueFailure(reasons) });
    },
  });
  onEndSignals({
    first: (signal) => {
      log.info({ signal }, 'ending');
      supervisor.stop();
    },
    second: () => {
      supervisor.kill();
      process.exit(exitStatuses.cancelled);
    },
  });
  // Between two agents only timers that hold nothing are left; this holds the process.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    return await supervisor.ended;
  } finally {
    clearInterval(alive);
    output.close();
  }
}

/** Where the log lines of both processes go. */
interface Output {
  write(bytes: Uint8Array | string): void;
  close(): void;
}

function openOutput(home: string, config: Config, detached: boolean): Output {
  if (detached) {
    return openRotatingFile(join(home, homeFiles.log), config.value('log.file-bytes-max'));
  }
  return {
    write: (bytes) => void process.stderr.write(bytes),
    close: () => undefined,
  };
}

function formatOf(config: Config, onTerminal: boolean): 'json' | 'text' {
  const format = config.value('log.format');
  if (format !== 'auto') return format;
  return onTerminal ? 'text' : 'json';
}

/** Node leaves `isTTY` away where there is no terminal, whatever its types say. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

/** Beside this folder, with the same extension: `.ts` in the sources, `.js` when built. */
function agentFile(): string {
  return fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
}

function statusOfEnd(end: SupervisorEnd, detached: boolean): number {
  switch (end.type) {
    case 'stopped':
      return 0;
    case 'killed':
      return 1;
    case 'failed': {
      if (detached) reportToParent({ type: 'failed', ...end.failure });
      else sayError(end.failure);
      return exitStatuses[end.failure.code];
    }
  }
}

function rescueFailure(reasons: readonly string[]): Failure {
  return {
    code: 'internal',
    message: `it runs in rescue mode: ${reasons[0] ?? 'the agent does not start'}`,
    next: 'vaultd status says why, vaultd stop ends it',
  };
}
