/**
 * Places below a local directory that no symbolic link can lead out of: every directory on the way is
 * opened by its own name from the one above (`O_NOFOLLOW`), and what is in it is then named through
 * the descriptor (`/proc/self/fd/N/name`), as openat(2) would.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { joinPath, nameOf } from '../output/entry-row.ts';
import { localError } from '../local/local-error.ts';

const op = 'cli.get';
const slash = 0x2f;
const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A directory that things are written into. Paths are relative to it and were checked. */
export interface TargetDirectory {
  /** A path that names `path`, for the next call only. */
  locate(path: Buffer): Buffer;
  /** Makes a directory; one that is there already is fine. */
  makeDirectory(path: Buffer): void;
  close(): void;
}

/**
 * Opens an existing directory. It may itself be reached through symbolic links: its name was typed.
 */
export function openTargetDirectory(root: string): TargetDirectory {
  const rootPath = Buffer.from(root);
  const rootFlags = constants.O_RDONLY | constants.O_DIRECTORY;
  const rootDescriptor = openOrFail(rootPath, { flags: rootFlags, shown: rootPath });
  // Files come directory by directory: the last one stays open.
  let current: { readonly path: Buffer; readonly descriptor: number } | undefined;

  function enter(path: Buffer): number {
    if (path.length === 0) return rootDescriptor;
    if (current?.path.equals(path) === true) return current.descriptor;
    leave();
    let descriptor = rootDescriptor;
    let shown: Buffer = rootPath;
    for (const name of splitPath(path)) {
      const above = descriptor;
      shown = joinPath(shown, name);
      try {
        descriptor = openOrFail(throughDescriptor(above, name), { flags: directoryFlags, shown });
      } finally {
        if (above !== rootDescriptor) closeSync(above);
      }
    }
    current = { path: Buffer.from(path), descriptor };
    return descriptor;
  }

  function leave(): void {
    if (current !== undefined) closeSync(current.descriptor);
    current = undefined;
  }

  function locate(path: Buffer): Buffer {
    const cut = Math.max(0, path.lastIndexOf(slash));
    return throughDescriptor(enter(path.subarray(0, cut)), nameOf(path));
  }

  return {
    locate,
    makeDirectory(path) {
      const place = locate(path);
      try {
        mkdirSync(place, 0o700);
      } catch (error) {
        if (!isDirectory(place)) throw directoryError(joinPath(rootPath, path), error);
      }
    },
    close() {
      leave();
      closeSync(rootDescriptor);
    },
  };
}

/**
 * A path from outside, relative to where it is written. Empty: that place itself.
 * @throws VaultError `malformed` when it would lead out
 */
export function checkRelativePath(path: Buffer): void {
  if (path.length === 0) return;
  for (const name of splitPath(path)) {
    const text = name.toString('latin1');
    if (text === '' || text === '.' || text === '..' || text.includes('\0')) {
      throw new VaultError('malformed', {
        op,
        subject: path.toString(),
        detail: 'a path that leads elsewhere came from the agent',
        next: 'nothing was written there; vault members shows who writes to this vault',
      });
    }
  }
}

function splitPath(path: Buffer): Buffer[] {
  return path
    .toString('latin1')
    .split('/')
    .map((name) => Buffer.from(name, 'latin1'));
}

function throughDescriptor(descriptor: number, name: Buffer): Buffer {
  return joinPath(Buffer.from(`/proc/self/fd/${String(descriptor)}`), name);
}

function isDirectory(place: Buffer): boolean {
  return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** @param shown the place as the user knows it */
function openOrFail(
  place: Buffer,
  { flags, shown }: { readonly flags: number; readonly shown: Buffer },
): number {
  try {
    return openSync(place, flags);
  } catch (error) {
    throw localError(op, shown, error);
  }
}

function directoryError(shown: Buffer, cause: unknown): VaultError {
  const error = localError(op, shown, cause);
  if (error.code !== 'exists') return error;
  return new VaultError('not-directory', {
    op,
    subject: error.subject,
    detail: 'something else has this name',
    next: 'move it away, or give another place',
    cause,
  });
}
