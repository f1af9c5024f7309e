/**
 * One agent a home. The lock is flock(2) on a file in it: the kernel drops it when the last process
 * that holds the descriptor is gone, however it went, so there is no stale lock and no race between
 * two starters. Node has no flock; flock(1) locks a descriptor that it inherits, and the lock belongs
 * to the open file, so it stays with us when flock(1) has ended.
 *
 * The supervisor hands the same descriptor to the agent: a home is free only when both are gone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import { homeFiles } from '../home/layout.ts';

export interface HomeLock {
  /** To be inherited by the agent. */
  readonly descriptor: number;
  release(): Promise<void>;
}

/**
 * Takes the lock of an existing directory.
 * @throws VaultError `agent-running` when somebody holds it
 */
export function takeHomeLock(home: string): Promise<HomeLock> {
  return lock(home, ['--nonblock']);
}

/**
 * Waits until nobody holds the lock.
 * @returns false when somebody still holds it after the time-out
 */
export async function waitUntilFree(home: string, timeoutMs: number): Promise<boolean> {
  try {
    const held = await lock(home, ['--timeout', String(timeoutMs / 1000)]);
    await held.release();
    return true;
  } catch (error) {
    if (isVaultError(error, 'agent-running')) return false;
    throw error;
  }
}

async function lock(home: string, patience: readonly string[]): Promise<HomeLock> {
  const path = join(home, homeFiles.lock);
  for (;;) {
    const file = await openLockFile(path);
    try {
      if (!(await flock(file.fd, patience))) throw await runningError(home, path);
      if (await isStill(path, file)) {
        await file.truncate(0);
        await file.write(`${String(process.pid)}\n`, 0);
        return { descriptor: file.fd, release: () => file.close() };
      }
      // Somebody removed the file between open and lock: this lock is on nothing.
      await file.close();
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

async function openLockFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a+', 0o600);
  } catch (cause) {
    throw new VaultError('home-invalid', {
      op: 'home.lock',
      subject: path,
      detail: cause instanceof Error ? cause.message : undefined,
      cause,
    });
  }
}

/** Locks an open file; false when it is locked by somebody else. */
async function flock(descriptor: number, patience: readonly string[]): Promise<boolean> {
  const child = spawn('flock', [...patience, '--exclusive', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  const complaint: Buffer[] = [];
  child.stderr?.on('data', (piece: Buffer) => complaint.push(piece));
  let status: number | null;
  try {
    [status] = (await once(child, 'close')) as [number | null];
  } catch (cause) {
    throw new VaultError('not-supported', {
      op: 'home.lock',
      subject: 'flock',
      detail: 'the program that locks a home cannot be started',
      next: 'install the package util-linux',
      cause,
    });
  }
  if (status === 0) return true;
  if (status === 1) return false;
  const detail = Buffer.concat(complaint).toString('utf8').trim();
  throw new VaultError('io', { op: 'home.lock', subject: 'flock', detail });
}

async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const held = await file.stat({ bigint: true });
  const named = await stat(path, { bigint: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return named?.ino === held.ino && named.dev === held.dev;
}

async function runningError(home: string, path: string): Promise<VaultError> {
  const holder = (await readFile(path, 'utf8')).trim();
  return new VaultError('agent-running', {
    op: 'home.lock',
    subject: home,
    detail: /^\d{1,10}$/.test(holder) ? `process ${holder} holds it` : undefined,
    next: 'vaultd status shows it, vaultd stop ends it',
  });
}
