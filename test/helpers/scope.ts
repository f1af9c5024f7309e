/** What a test framework gives a test, for a program that has none: actions that run at its end. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scope {
  teardown(action: () => Promise<void> | void): void;
}

/** Runs `work`; then, the last first, what it asked to have run at its end, whatever happened. */
export async function withScope<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const actions: (() => Promise<void> | void)[] = [];
  try {
    return await work({ teardown: (action) => void actions.push(action) });
  } finally {
    for (const action of actions.toReversed()) await action();
  }
}

/** A temporary folder that goes with the scope. */
export async function scopedFolder(scope: Scope): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'peervault-torture-')));
  scope.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
