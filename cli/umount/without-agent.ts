/**
 * Taking a mount away when the agent does not answer: by the system's own programs, after a look at the
 * kernel's list, so that nothing but a mount of a vault is touched, and no dead mount is waited for.
 */
import { spawn } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { MountRow } from '../../protocol/control/reports.ts';
import { VaultError } from '../../protocol/errors.ts';
import { fileSystemType, parseMountTable } from '../../protocol/text/mount-table.ts';

const op = 'umount';

/** What is mounted in the directory, as the kernel lists it, if that is a vault. */
export async function mountOfVault(
  directory: string,
): Promise<Pick<MountRow, 'path' | 'readOnly' | 'driver'> | undefined> {
  const parent = await realpath(dirname(directory)).catch(() => dirname(directory));
  const path = join(parent, basename(directory));
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const there = table.findLast((entry) => entry.directory === path);
  if (there?.type !== fileSystemType) return undefined;
  // The other driver asks for no size.
  const isOwn = there.options.some((option) => option.startsWith('max_read='));
  return { path, readOnly: there.options.includes('ro'), driver: isOwn ? 'kernel' : 'fuse-native' };
}

/**
 * @param directory the path of `mountOfVault`
 * @param options.force at once, whoever uses it; what waits in it gets an error
 * @throws VaultError `conflict` when it is in use, `io`
 */
export async function takeAway(
  directory: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  // -c: it does not look at the directory, which would wait for the agent.
  const programs = isRoot ? ['umount'] : ['fusermount3', 'fusermount'];
  const words = isRoot ? ['-ic', ...(force ? ['-f', '-l'] : [])] : ['-u', ...(force ? ['-z'] : [])];
  let errors = '';
  for (const program of programs) {
    const ended = await run([program, ...words, '--', directory]);
    if (ended.status === 0) return;
    errors = ended.errors;
    // The next one only where this one is not installed.
    if (ended.status !== null) break;
  }
  const isBusy = /busy/i.test(errors);
  throw new VaultError(isBusy ? 'conflict' : 'io', {
    op,
    subject: directory,
    detail: errors,
    next: isBusy ? 'end the programs that use it, or give --force' : undefined,
  });
}

function run([program = '', ...words]: readonly string[]): Promise<{
  readonly status: number | null;
  readonly errors: string;
}> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let errors = '';
    child.stderr.on('data', (piece: Buffer) => {
      errors = (errors + piece.toString()).slice(-1000);
    });
    child.on('error', ({ message }) => {
      resolve({ status: null, errors: message });
    });
    child.on('close', (status) => {
      resolve({ status, errors: errors.trim().replaceAll('\n', '; ') });
    });
  });
}
