/** The supervisor of one home in this process: its lock, its log, its signals, its agent. */
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toVaultError } from '../../protocol/errors.ts';
import { exitStatusOf, exitStatuses } from '../../protocol/exit-status.ts';
import type { Config } from '../config/config.ts';
import { keepMount, type KeptMount, type MountOptions } from '../mount/kept-mount.ts';
import { homeFiles } from '../home/layout.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import { createNodeClock } from '../host/node-clock.ts';
import { openHome, prepareHome } from '../host/node-home.ts';
import { createLog } from '../host/pino-log.ts';
import { readyLine } from './agent-messages.ts';
import type { Failure, Locked } from './agent-messages.ts';
import { spawnAgent } from './agent-process.ts';
import { reportToParent } from './detach.ts';
import type { Flags } from './load-config.ts';
import { say, sayError } from './say.ts';
import { startSupervisor } from './supervisor.ts';
import type { SupervisorEnd } from './supervisor.ts';
import { onTerminal, openOutput } from './log-output.ts';
import { onEndSignals } from './watch-for-end.ts';

export interface SuperviseOptions {
  readonly home: string;
  readonly socket: string;
  readonly flags: Flags;
  readonly config: Config;
  readonly detached: boolean;
  /** Where the vault is mounted from the start on. */
  readonly mount?: MountOptions | undefined;
  /** With the passphrase of the keys. Absolute. */
  readonly passphraseFile?: string | undefined;
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
    const mount = options.mount === undefined ? undefined : await keepMount(options.mount, home);
    try {
      const end = await runSupervisor({ ...options, home }, { lock: lock.descriptor, mount });
      return statusOfEnd(end, options);
    } finally {
      await mount?.release();
    }
  } finally {
    await lock.release();
  }
}

async function runSupervisor(
  options: SuperviseOptions,
  { lock: lockDescriptor, mount }: { readonly lock: number; readonly mount: KeptMount | undefined },
): Promise<SupervisorEnd> {
  const { home, socket, flags, config, detached, passphraseFile } = options;
  const output = openOutput(options);
  const { logFormat } = output;
  const log = createLog({ level: config.value('log.level'), format: logFormat }, output).child(
    'supervisor',
  );
  let isFirst = true;
  const unlock = async (locked: Locked): Promise<void> => {
    const ask = isFirst;
    isFirst = false;
    try {
      // Only here: it brings the whole control protocol into a process that is to start at once and stay small.
      const { unlockOrSay } = await import('./unlock-at-start.ts');
      await unlockOrSay(locked, { ask, tellReady: false });
    } catch (error) {
      log.error({ err: error }, 'the keys stay locked');
    }
  };
  const supervisor = startSupervisor({
    clock: createNodeClock(),
    log,
    spawn: ({ rescueReasons: reasons, locked, onMessage }) =>
      spawnAgent({
        file: options.agentFile ?? agentFile(),
        argument: {
          home,
          socket,
          flags,
          logFormat,
          passphraseFile,
          locked,
          ...(mount === undefined || reasons !== undefined ? {} : { mount: mount.forAgent() }),
          ...(reasons === undefined ? {} : { rescue: { name: config.value('name'), reasons } }),
        },
        lockDescriptor,
        mountDescriptor: mount?.descriptor,
        onLog: (piece) => {
          output.write(piece);
        },
        onMessage,
      }),
    onReady: (ready) => {
      if (detached) reportToParent({ type: 'ready', ...ready });
      else void say(readyLine(ready));
      output.started();
    },
    onLocked: (locked) => {
      // Nobody answers in the mount before the keys are there; the agent makes a new one then.
      mount?.release().catch((error: unknown) => {
        log.error({ err: error }, 'the mount was not taken away');
      });
      output.started();
      if (detached) reportToParent({ type: 'locked', ...locked });
      else void unlock(locked);
    },
    onRescue: (reasons, last) => {
      // Nobody would answer in the mount: an error is better than waiting for ever.
      mount?.release().catch((error: unknown) => {
        log.error({ err: error }, 'the mount was not taken away');
      });
      const failure = rescueFailure(reasons, last);
      if (detached) reportToParent({ type: 'failed', ...failure });
      else sayError(failure);
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

/** Beside this folder, with the same extension: `.ts` in the sources, `.js` when built. */
function agentFile(): string {
  return fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
}

function statusOfEnd(end: SupervisorEnd, { home, detached }: SuperviseOptions): number {
  switch (end.type) {
    case 'stopped':
      return 0;
    case 'killed':
      return 1;
    case 'failed': {
      const { failure } = end;
      if (detached) reportToParent({ type: 'failed', ...failure });
      else sayError(onTerminal() ? withLog(failure, home) : failure);
      return exitStatuses[failure.code];
    }
  }
}

/** At a terminal, whatever the error itself does not say is in the log file. */
function withLog(failure: Failure, home: string): Failure {
  return { ...failure, next: failure.next ?? `read ${join(home, homeFiles.log)}` };
}

function rescueFailure(reasons: readonly string[], last: Failure | undefined): Failure {
  const cure = last?.next ?? 'mend the cause, which vaultd status shows';
  return {
    code: 'internal',
    message: `the agent does not start and runs in rescue mode: ${reasons[0] ?? 'no reason is known'}`,
    next: `${cure}; then vaultd stop and vaultd start`,
  };
}
