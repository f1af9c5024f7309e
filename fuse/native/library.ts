/** The package fuse-native, as far as it is used: loaded only when somebody asks for this driver. */
import { createRequire } from 'node:module';
import { VaultError } from '../../protocol/errors.ts';

/** Zero, a count, or a negative errno; then what was asked for. */
export type Done = (result: number, ...values: unknown[]) => void;

export interface NativeStat {
  readonly ino: number;
  readonly size: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly atime: Date;
  readonly mtime: Date;
  readonly ctime: Date;
  readonly blksize: number;
  readonly blocks: number;
}

/** By name of the operation; the last argument is a `Done`. */
export type NativeOperations = Readonly<Record<string, (...values: never[]) => void>>;

export interface NativeMount {
  mount(done: (error: Error | null) => void): void;
}

type NativeClass = new (
  directory: string,
  operations: NativeOperations,
  options: Readonly<Record<string, unknown>>,
) => NativeMount;

/** @throws VaultError `not-supported` names what is missing */
export function loadLibrary(directory: string): NativeClass {
  try {
    return createRequire(import.meta.url)('fuse-native') as NativeClass;
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const isLibrary = message.includes('libfuse');
    const isMissing = code === 'MODULE_NOT_FOUND' && message.includes("'fuse-native'");
    throw new VaultError('not-supported', {
      op: 'mount',
      subject: directory,
      detail: isLibrary
        ? 'the library libfuse.so.2 is missing'
        : isMissing
          ? 'the package fuse-native is not installed'
          : `fuse-native cannot be loaded: ${message.split('\n')[0] ?? ''}`,
      next: isLibrary
        ? 'install the Debian package libfuse2, or leave --driver out'
        : 'leave --driver out: the driver of the agent itself needs nothing',
      cause,
    });
  }
}
