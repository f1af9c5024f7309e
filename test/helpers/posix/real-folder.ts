/** A directory of this machine, whatever file system it is on. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { system, text } from './libc.ts';
import type { Moment, OpenFile, OpenOptions, Posix, Stat } from './posix.ts';

const here = -100;
const noFollow = 0x100;
const followLink = 0x400;
const temporaryFile = 0o20200000;
const utimeNow = 0x3fffffff;
const utimeOmit = 0x3ffffffe;

/** Everything happens at once here. */
type AtOnce<T> = {
  [Key in keyof T]: T[Key] extends (...values: infer Values) => infer Result
    ? (...values: Values) => Exclude<Result, Promise<unknown>>
    : T[Key];
};

export interface RealFile extends AtOnce<OpenFile> {
  readonly descriptor: number;
}

export type RealFolder = AtOnce<Omit<Posix, 'open' | 'unnamed'>> & {
  readonly root: string;
  open(path: string, options?: OpenOptions): RealFile;
  unnamed(directory: string): RealFile & { linkAs(path: string): void };
};

export function realFolder(root: string): RealFolder {
  const at = (path: string): string => join(root, path);
  /** For calls of Node: bytes. */
  const bytes = (path: string): Buffer => Buffer.from(at(path), 'latin1');
  return {
    root,
    mkdir: (path, mode = 0o755) => {
      fs.mkdirSync(bytes(path), { mode });
    },
    rmdir: (path) => {
      fs.rmdirSync(bytes(path));
    },
    unlink: (path) => {
      fs.unlinkSync(bytes(path));
    },
    link: (from, to) => {
      fs.linkSync(bytes(from), bytes(to));
    },
    symlink: (target, path) => {
      fs.symlinkSync(Buffer.from(target, 'latin1'), bytes(path));
    },
    readlink: (path) => fs.readlinkSync(bytes(path), 'latin1'),
    rename: (from, to, flags = 0) => {
      system('renameat2', here, text(at(from)), here, text(at(to)), flags);
    },
    list: (path) => fs.readdirSync(bytes(path), 'latin1').sort(),
    stat: (path) => statOf(fs.lstatSync(bytes(path), { bigint: true })),
    chmod: (path, mode) => {
      fs.chmodSync(bytes(path), mode);
    },
    chown: (path, uid, gid) => {
      fs.lchownSync(bytes(path), uid, gid);
    },
    utimes: (path, { atime, mtime }) => {
      system('utimensat', here, text(at(path)), timesOf(atime, mtime), noFollow);
    },
    truncate: (path, size) => {
      fs.truncateSync(bytes(path), size);
    },
    open: (path, options = {}) => {
      const descriptor = fs.openSync(bytes(path), flagsOf(options), options.mode ?? 0o644);
      return fileOf(descriptor);
    },
    unnamed: (directory) => {
      const descriptor = fs.openSync(bytes(directory), temporaryFile | fs.constants.O_RDWR, 0o600);
      const linkAs = (path: string): void => {
        const own = text(`/proc/self/fd/${String(descriptor)}`);
        system('linkat', here, own, here, text(at(path)), followLink);
      };
      return { ...fileOf(descriptor), linkAs };
    },
    setXattr: (path, name, value, flags = 0) => {
      const copied = Buffer.from(value);
      system('lsetxattr', text(at(path)), text(name), copied, copied.length, flags);
    },
    getXattr: (path, name) => {
      const value = Buffer.alloc(65536);
      return value.subarray(
        0,
        system('lgetxattr', text(at(path)), text(name), value, value.length),
      );
    },
    listXattrs: (path) => {
      const list = Buffer.alloc(65536);
      const length = system('llistxattr', text(at(path)), list, list.length);
      return list.toString('latin1', 0, length).split('\0').slice(0, -1).sort();
    },
    removeXattr: (path, name) => {
      system('lremovexattr', text(at(path)), text(name));
    },
    statfs: () => {
      const { bsize, blocks, bfree } = fs.statfsSync(root);
      return { blockBytes: bsize, blocks, free: bfree };
    },
  };
}

function fileOf(descriptor: number): RealFile {
  return {
    descriptor,
    read: (offset, length) => {
      const bytes = Buffer.alloc(length);
      let at = 0;
      while (at < length) {
        const count = fs.readSync(descriptor, bytes, at, length - at, offset + at);
        if (count === 0) break;
        at += count;
      }
      return bytes.subarray(0, at);
    },
    write: (offset, bytes) => fs.writeSync(descriptor, bytes, 0, bytes.length, offset),
    truncate: (size) => {
      fs.ftruncateSync(descriptor, size);
    },
    allocate: (mode, offset, length) => {
      system('fallocate', descriptor, mode, BigInt(offset), BigInt(length));
    },
    sync: () => {
      fs.fsyncSync(descriptor);
    },
    stat: () => statOf(fs.fstatSync(descriptor, { bigint: true })),
    close: () => {
      fs.closeSync(descriptor);
    },
  };
}

function flagsOf(options: OpenOptions): number {
  const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW } =
    fs.constants;
  const { write, writeOnly, create, exclusive, truncate, append, directory } = options;
  return (
    (writeOnly === true ? O_WRONLY : write === true ? O_RDWR : 0) |
    (create === true ? O_CREAT : 0) |
    (exclusive === true ? O_EXCL : 0) |
    (truncate === true ? O_TRUNC : 0) |
    (append === true ? O_APPEND : 0) |
    (directory === true ? O_DIRECTORY : 0) |
    (options.noFollow === true ? O_NOFOLLOW : 0)
  );
}

function timesOf(atime: Moment | 'now' | undefined, mtime: Moment | 'now' | undefined): Buffer {
  const bytes = Buffer.alloc(32);
  for (const [index, time] of [atime, mtime].entries()) {
    const at = index * 16;
    if (time === undefined) bytes.writeBigInt64LE(BigInt(utimeOmit), at + 8);
    else if (time === 'now') bytes.writeBigInt64LE(BigInt(utimeNow), at + 8);
    else {
      bytes.writeBigInt64LE(BigInt(time.seconds), at);
      bytes.writeBigInt64LE(BigInt(time.nanoseconds), at + 8);
    }
  }
  return bytes;
}

function statOf(stat: fs.BigIntStats): Stat {
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    kind,
    inode: Number(stat.ino),
    mode: Number(stat.mode) & 0o7777,
    links: Number(stat.nlink),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    atime: momentOf(stat.atimeNs),
    mtime: momentOf(stat.mtimeNs),
    ctime: momentOf(stat.ctimeNs),
  };
}

function momentOf(nanoseconds: bigint): Moment {
  const billion = 1_000_000_000n;
  const rest = ((nanoseconds % billion) + billion) % billion;
  return { seconds: Number((nanoseconds - rest) / billion), nanoseconds: Number(rest) };
}
