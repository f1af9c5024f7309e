/**
 * The operations below the mount as a folder, without a kernel: paths are walked and descriptors kept
 * here. What the kernel decides by itself (rights, symlinks on the way, append) is not to be found here.
 */
import type { Files } from '../../../fuse/operations/files.ts';
import { type Handle } from '../../../fuse/operations/files.ts';
import type { FileSystem } from '../../../fuse/operations/file-system.ts';
import type { Inode } from '../../../fuse/operations/inode.ts';
import { getXattr, listXattrs, removeXattr, setXattr } from '../../../fuse/operations/xattrs.ts';
import { Refusal } from '../../../fuse/errno.ts';
import { errnos } from '../../../fuse/protocol/constants.ts';
import type { Moment, OpenFile, Posix, Stat } from './posix.ts';

const owner = { uid: 0, gid: 0 };
const signal = new AbortController().signal;

export function libraryFolder(fs: FileSystem, files: Files): Posix {
  const inode = (path: string): Inode => {
    const { directory, name } = placeOf(path);
    return name === undefined ? directory : found(fs.lookup(directory, name));
  };
  const placeOf = (path: string): { directory: Inode; name: Buffer | undefined } => {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    let directory = fs.root();
    for (const name of names.slice(0, -1)) {
      directory = found(fs.lookup(directory, Buffer.from(name, 'latin1')));
      if (directory.kind !== 'directory') throw errorOf('ENOTDIR');
    }
    const last = names.at(-1);
    return { directory, name: last === undefined ? undefined : Buffer.from(last, 'latin1') };
  };
  const named = (path: string): { directory: Inode; name: Buffer } => {
    const { directory, name } = placeOf(path);
    if (name === undefined) throw errorOf('EEXIST');
    return { directory, name };
  };
  const fileOf = (own: Inode, handle: Handle): OpenFile => ({
    read: async (offset, length) => {
      const pieces = await files.read(own, handle, { offset, length }, { interrupt: { signal } });
      return Buffer.concat(pieces);
    },
    write: (offset, bytes) => files.write(own, offset, Buffer.from(bytes)),
    truncate: (size) => files.truncate(own, size),
    allocate: (mode, offset, length) => files.allocate(own, { offset, length }, mode),
    sync: () => files.sync(own),
    stat: () => statOf(fs, own),
    close: () => {
      files.release(handle.number);
    },
  });
  const folder: Posix = {
    mkdir: async (path, mode = 0o755) => {
      const { directory, name } = named(path);
      await fs.create(directory, name, { kind: 'directory', mode, owner });
    },
    rmdir: async (path) => {
      const { directory, name } = named(path);
      await fs.remove(directory, name, 'directory');
    },
    unlink: async (path) => {
      const { directory, name } = named(path);
      await fs.remove(directory, name, 'other');
    },
    link: async (from, to) => {
      const { directory, name } = named(to);
      await fs.link(inode(from), directory, name);
    },
    symlink: async (target, path) => {
      const { directory, name } = named(path);
      const bytes = Buffer.from(target, 'latin1');
      await fs.create(directory, name, { kind: 'symlink', mode: 0o777, owner, target: bytes });
    },
    readlink: (path) => {
      const { target } = inode(path);
      if (target === undefined) throw errorOf('EINVAL');
      return target.toString('latin1');
    },
    rename: async (from, to, flags = 0) => {
      const [one, other] = [named(from), named(to)];
      const [noReplace, exchange] = [(flags & 1) !== 0, (flags & 2) !== 0];
      await fs.rename(one, other, { noReplace, exchange });
    },
    list: (path) => {
      const own = inode(path);
      if (own.kind !== 'directory') throw errorOf('ENOTDIR');
      return fs
        .list(own)
        .map(({ name }) => name.toString('latin1'))
        .sort();
    },
    stat: (path) => statOf(fs, inode(path)),
    chmod: (path, mode) => fs.setAttributes(inode(path), { mode }),
    chown: (path, uid, gid) => fs.setAttributes(inode(path), { uid, gid }),
    utimes: (path, { atime, mtime }) =>
      fs.setAttributes(inode(path), { atime: momentOf(fs, atime), mtime: momentOf(fs, mtime) }),
    truncate: (path, size) => files.truncate(inode(path), size),
    open: async (path, options = {}) => {
      const { directory, name } = named(path);
      const writes = options.write === true || options.writeOnly === true;
      let own = fs.lookup(directory, name);
      if (own !== undefined && options.exclusive === true) throw errorOf('EEXIST');
      if (own === undefined && options.create === true) {
        own = await fs.create(directory, name, {
          kind: 'file',
          mode: options.mode ?? 0o644,
          owner,
        });
      }
      const opened = found(own);
      if (opened.kind === 'directory' && writes) throw errorOf('EISDIR');
      if (options.truncate === true) await files.truncate(opened, 0);
      return fileOf(opened, await files.open(opened, writes));
    },
    unnamed: async () => {
      const own = await fs.createUnnamed({ kind: 'file', mode: 0o600, owner });
      const handle = await files.open(own, true);
      const linkAs = async (path: string): Promise<void> => {
        const { directory, name } = named(path);
        await fs.link(own, directory, name);
      };
      return { ...fileOf(own, handle), linkAs };
    },
    setXattr: (path, name, value, flags = 0) =>
      setXattr(fs, inode(path), {
        name: Buffer.from(name, 'latin1'),
        value: Buffer.from(value),
        flags,
      }),
    getXattr: (path, name) => getXattr(fs, inode(path), Buffer.from(name, 'latin1')),
    listXattrs: (path) =>
      listXattrs(inode(path)).toString('latin1').split('\0').slice(0, -1).sort(),
    removeXattr: (path, name) => removeXattr(fs, inode(path), Buffer.from(name, 'latin1')),
    statfs: () => {
      const { totalBytes, freeBytes } = fs.port.space();
      return { blockBytes: 1, blocks: totalBytes, free: freeBytes };
    },
  };
  return translated(folder);
}

function statOf(fs: FileSystem, inode: Inode): Stat {
  const { uid, gid } = fs.ownerOf(inode);
  return {
    kind: inode.kind,
    inode: inode.number,
    mode: inode.mode,
    links: inode.links,
    uid,
    gid,
    size: inode.data?.size ?? inode.target?.length ?? 0,
    atime: inode.atime ?? inode.mtime,
    mtime: inode.mtime,
    ctime: inode.ctime,
  };
}

function momentOf(fs: FileSystem, moment: Moment | 'now' | undefined): Moment | undefined {
  return moment === 'now' ? fs.now() : moment;
}

function found(inode: Inode | undefined): Inode {
  if (inode === undefined) throw errorOf('ENOENT');
  // Whoever works on it has looked it up, and keeps it as the kernel would.
  inode.isKnown = true;
  return inode;
}

function errorOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const names = new Map<number, string>(
  Object.entries(errnos).map(([name, number]) => [number, name]),
);

/** Refusals of the file system as a program would see them. */
function translated<T extends object>(folder: T): T {
  const wrap = (value: unknown): unknown => {
    if (typeof value !== 'function') return value;
    return async (...values: unknown[]): Promise<unknown> => {
      try {
        const result: unknown = await (value as (...all: unknown[]) => unknown)(...values);
        const isFile = typeof result === 'object' && result !== null && 'close' in result;
        return isFile ? translated(result) : result;
      } catch (error) {
        if (error instanceof Refusal) throw errorOf(names.get(error.errno) ?? 'unknown');
        throw error;
      }
    };
  };
  return Object.fromEntries(
    Object.entries(folder).map(([name, value]) => [name, wrap(value)]),
  ) as T;
}
