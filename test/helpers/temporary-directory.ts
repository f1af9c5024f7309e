/** A directory of its own for one test, removed when the test is over. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'peervault-')));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}
