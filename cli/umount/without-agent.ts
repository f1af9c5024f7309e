/**
 * Taking a mount away when the agent does not answer: by the system's own programs, after a look at the
 * kernel's list, so that nothing but a mount of a vault is touched, and no dead mount is waited for.
 */
import { spawn } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import { fileSystemType, parseMountTable } from '../../protocol/text/mount-table.ts';

const op = 'umount';

/** The directory as the kernel lists it, if a vault is mounted there. */
export async function mountOfVault(directory: string): Promise<string | undefined> {
  const parent = await realpath(dirname(directory)).catch(() => dirname(directory));
  const path = join(parent, basename(directory));
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const there = table.findLast((entry) => entry.directory === path);
  return there?.type === fileSystemType ? path : undefined;
}

/**
 * @param directory of `mountOfVault`
 * @param options.force at once, whoever uses it; what waits in it gets an error
 * @throws VaultError `conflict` when it is in use, `io`
 */
export async function takeAway(
  directory: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  // -c: it does not look at the directory, which would wait for the agent.
  const asRoot = ['umount', '-ic', ...(force ? ['-f', '-l'] : [])];
  const asUser = ['fusermount3', '-u', ...(force ? ['-z'] : [])];
  const { status, errors } = await run([...(isRoot ? asRoot : asUser), '--', directory]);
  if (status === 0) return;
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
