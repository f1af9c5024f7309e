/**
 * A folder as POSIX describes it, for cases that hold in every one: a directory of the disk, a real mount,
 * and the operations below the mount without a kernel. Paths are relative to the folder; a name that is no
 * text is given as latin1. Failures have a `code` such as ENOENT.
 */
export type Eventually<T> = T | Promise<T>;

export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface Stat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly inode: number;
  /** Without the bits of the kind. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly atime: Moment;
  readonly mtime: Moment;
  readonly ctime: Moment;
}

export interface OpenOptions {
  readonly write?: boolean;
  /** Nothing can be read. */
  readonly writeOnly?: boolean;
  readonly create?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  readonly append?: boolean;
  readonly directory?: boolean;
  readonly noFollow?: boolean;
  readonly mode?: number;
}

export interface OpenFile {
  read(offset: number, length: number): Eventually<Buffer>;
  write(offset: number, bytes: Uint8Array): Eventually<number>;
  truncate(size: number): Eventually<void>;
  /** fallocate(2). */
  allocate(mode: number, offset: number, length: number): Eventually<void>;
  sync(): Eventually<void>;
  stat(): Eventually<Stat>;
  close(): Eventually<void>;
}

export interface Posix {
  mkdir(path: string, mode?: number): Eventually<void>;
  rmdir(path: string): Eventually<void>;
  unlink(path: string): Eventually<void>;
  link(from: string, to: string): Eventually<void>;
  symlink(target: string, path: string): Eventually<void>;
  readlink(path: string): Eventually<string>;
  /** renameat2(2) flags. */
  rename(from: string, to: string, flags?: number): Eventually<void>;
  /** Sorted, without dots. */
  list(path: string): Eventually<readonly string[]>;
  /** lstat(2). */
  stat(path: string): Eventually<Stat>;
  chmod(path: string, mode: number): Eventually<void>;
  chown(path: string, uid: number, gid: number): Eventually<void>;
  /** undefined leaves a time as it is. Symlinks are not followed. */
  utimes(path: string, times: { atime?: Moment | 'now'; mtime?: Moment | 'now' }): Eventually<void>;
  truncate(path: string, size: number): Eventually<void>;
  open(path: string, options?: OpenOptions): Eventually<OpenFile>;
  /** O_TMPFILE. */
  unnamed(directory: string): Eventually<OpenFile & { linkAs(path: string): Eventually<void> }>;
  /** setxattr(2) flags. */
  setXattr(path: string, name: string, value: Uint8Array, flags?: number): Eventually<void>;
  getXattr(path: string, name: string): Eventually<Buffer>;
  listXattrs(path: string): Eventually<readonly string[]>;
  removeXattr(path: string, name: string): Eventually<void>;
  statfs(): Eventually<{
    readonly blockBytes: number;
    readonly blocks: number;
    readonly free: number;
  }>;
}

/** Flags and modes of Linux. */
export const renameFlags = { noReplace: 1, exchange: 2, whiteout: 4 } as const;
export const xattrFlags = { create: 1, replace: 2 } as const;
export const allocateModes = {
  keepSize: 1,
  punchHole: 2,
  collapse: 8,
  zeroRange: 16,
  insert: 32,
} as const;

export async function writeFile(at: Posix, path: string, text: string | Buffer): Promise<void> {
  const file = await at.open(path, { write: true, create: true, truncate: true });
  await file.write(0, Buffer.from(text));
  await file.close();
}

export async function readFile(at: Posix, path: string): Promise<Buffer> {
  const file = await at.open(path);
  const { size } = await file.stat();
  const bytes = await file.read(0, size);
  await file.close();
  return bytes;
}

/** The errno of what has to fail, by its name; "none" when it did not. */
export async function failure(work: () => Eventually<unknown>): Promise<string> {
  try {
    await work();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
