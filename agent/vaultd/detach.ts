/**
 * `vaultd start --detach`: the same command again, in a session of its own, with the log in the home.
 * The first process waits until the second says that the agent is ready, or why not.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../../protocol/errors.ts';
import { exitStatuses } from '../../protocol/exit-status.ts';
import { homeFiles } from '../home/layout.ts';
import { readyLine } from './agent-messages.ts';
import type { Failure, Locked, Ready } from './agent-messages.ts';
import { compileCacheEnvironment } from './compile-cache.ts';
import { say, sayError } from './say.ts';
import { onEndSignals } from './watch-for-end.ts';

/** Set for the second process. */
export const detachedEnvironment = 'PEERVAULT_DETACHED';

/** From the second process to the first. */
export type DetachMessage =
  | ({ readonly type: 'ready' } & Ready)
  | ({ readonly type: 'locked' } & Locked)
  | ({ readonly type: 'failed' } & Failure);

export function isDetached(): boolean {
  return process.env[detachedEnvironment] !== undefined && process.send !== undefined;
}

/** For the second process: says how it went, and lets the first one go. */
export function reportToParent(message: DetachMessage): void {
  if (!process.connected) return;
  process.send?.(message, () => {
    if (process.connected) process.disconnect();
  });
}

/** For the first process: says how the second one started. @returns the exit status */
export async function startDetached(home: string): Promise<number> {
  const log = join(home, homeFiles.log);
  const message = await spawnDetached(log);
  if (message.type === 'ready') {
    await say(readyLine(message));
    return 0;
  }
  if (message.type === 'locked') {
    const { unlockOrSay } = await import('./unlock-at-start.ts');
    await unlockOrSay(message, { ask: true, tellReady: true });
    return 0;
  }
  sayError({ message: message.message, next: message.next ?? `read ${log}` });
  return exitStatuses[message.code];
}

function spawnDetached(log: string): Promise<DetachMessage> {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const descriptor = openSync(log, 'a', 0o600);
  const entry = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, entry, ...process.argv.slice(2)], {
    detached: true,
    // Descriptor 2 is for what the runtime itself says when it dies.
    stdio: ['ignore', 'ignore', descriptor, 'ipc'],
    env: { ...process.env, ...compileCacheEnvironment(), [detachedEnvironment]: '1' },
  });
  closeSync(descriptor);
  return new Promise((resolve) => {
    // Whoever interrupts the waiting does not want the agent either.
    onEndSignals({
      first: () => {
        child.kill('SIGTERM');
        resolve({ type: 'failed', code: 'cancelled', message: 'interrupted while it started' });
      },
      second: () => process.exit(exitStatuses.cancelled),
    });
    child.on('message', (message) => {
      resolve(parseDetachMessage(message));
      if (child.connected) child.disconnect();
      child.unref();
    });
    child.on('error', (error) => {
      resolve({ type: 'failed', code: 'internal', message: error.message });
    });
    child.on('exit', (code, signal) => {
      const how = signal === null ? `status ${String(code)}` : `signal ${signal}`;
      resolve({ type: 'failed', code: 'internal', message: `the agent ended with ${how}` });
    });
  });
}

function parseDetachMessage(value: unknown): DetachMessage {
  const message = value as DetachMessage;
  if (message.type === 'ready' || message.type === 'locked') return message;
  const code = Object.hasOwn(errorCodes, message.code) ? message.code : 'internal';
  return { ...message, type: 'failed', code };
}
