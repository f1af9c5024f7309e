/** The temporary folder of one demonstration: three homes and what came back. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Workspace {
  readonly root: string;
  /** Where the third device writes what it reads; does not exist yet. */
  readonly target: string;
}

export async function makeWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'peervault-demo-'));
  await mkdir(join(root, 'homes'), { mode: 0o700 });
  return { root, target: join(root, 'read-back') };
}
