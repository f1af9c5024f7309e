/**
 * The calls of the library, which knows paths and no nodes, as calls of the file system. It tells nobody
 * who asks, so that everything new belongs to whoever mounted.
 */
import { errnoOf, refusal, Refusal } from '../errno.ts';
import { nameBytesMax } from '../protocol/constants.ts';
import { kindBits } from '../session/entries.ts';
import type { FileSystem } from '../operations/file-system.ts';
import type { Files, Handle } from '../operations/files.ts';
import type { Inode, Owner } from '../operations/inode.ts';
import type { FileTime, NodeKind } from '../operations/port.ts';
import { isVirtual } from '../operations/virtual.ts';
import { getXattr, listXattrs, removeXattr, setXattr } from '../operations/xattrs.ts';
import type { Done, NativeOperations, NativeStat } from './library.ts';
import { Paths } from './paths.ts';

const kindMask = 0o170000;
const blockBytes = 4096;

export interface NativeParts {
  readonly fs: FileSystem;
  readonly files: Files;
  readonly owner: Owner;
}

/** Memory, how much of it, and where in the file. */
type Transfer = [memory: Buffer, length: number, offset: number];

type Work<Values extends readonly unknown[]> = (...values: Values) => Promise<readonly unknown[]>;

export function nativeOperations({ fs, files, owner }: NativeParts): NativeOperations {
  const paths = new Paths(fs);
  /** Answers with what `work` gives: the result first. */
  const answer =
    <Values extends readonly unknown[]>(work: Work<Values>) =>
    (...all: [...Values, Done]): void => {
      const done = all.at(-1) as Done;
      work(...(all.slice(0, -1) as unknown as Values)).then(
        ([result, ...values]) => {
          done(Number(result ?? 0), ...values);
        },
        (error: unknown) => {
          if (!(error instanceof Refusal)) fs.port.trouble(error, String(all[0]));
          done(-errnoOf(error));
        },
      );
    };
  const make = (path: string, kind: NodeKind, more: { mode: number; target?: Buffer }) =>
    paths.in(path, ({ directory, name }) =>
      fs.create(directory, name, { kind, owner, ...more, mode: more.mode & 0o7777 }),
    );
  const handleOf = (number: number): Handle => {
    const handle = files.get(number);
    if (handle === undefined) throw refusal('EBADF');
    return handle;
  };
  const remove = (path: string, kind: 'directory' | 'other') =>
    paths.in(path, ({ directory, name }) => fs.remove(directory, name, kind));
  const open = async (path: string, writes: boolean): Promise<readonly unknown[]> => [
    0,
    (await paths.at(path, (inode) => files.open(inode, writes))).number,
  ];
  const nothing = (): Promise<readonly unknown[]> => Promise.resolve([0]);
  const release = (_path: string, number: number): Promise<readonly unknown[]> => {
    files.release(number);
    return nothing();
  };
  const sync = async (path: string): Promise<readonly unknown[]> => {
    await paths.at(path, (inode) => files.sync(inode));
    return [0];
  };
  return {
    init: (done: Done) => {
      done(0);
    },
    statfs: answer((_path: string) => Promise.resolve([0, spaceOf(fs)])),
    getattr: answer(async (path: string) => [
      0,
      await paths.at(path, (inode) => statOf(fs, inode)),
    ]),
    fgetattr: answer((_path: string, number: number) =>
      Promise.resolve([0, statOf(fs, handleOf(number).inode)]),
    ),
    readdir: answer(async (path: string) => {
      const rows = await paths.at(path, (inode) => {
        if (inode.kind !== 'directory') throw refusal('ENOTDIR');
        fs.virtual.checkReadable(inode);
        return isVirtual(inode) ? fs.virtual.list(inode) : fs.list(inode);
      });
      return [0, rows.map(({ name }) => name.toString())];
    }),
    readlink: answer((path: string) =>
      paths.at(path, ({ target }) => {
        if (target === undefined) throw refusal('EINVAL');
        return [0, target.toString()];
      }),
    ),
    mknod: answer(async (path: string, mode: number, _device: number) => {
      const kind = mode & kindMask;
      if (kind !== 0 && kind !== kindBits.file) throw refusal('EPERM');
      await make(path, 'file', { mode });
      return [0];
    }),
    mkdir: answer(async (path: string, mode: number) => {
      await make(path, 'directory', { mode });
      return [0];
    }),
    symlink: answer(async (target: string, path: string) => {
      await make(path, 'symlink', { mode: 0o777, target: Buffer.from(target) });
      return [0];
    }),
    link: answer((from: string, to: string) =>
      paths.at(from, (inode) =>
        paths.in(to, async ({ directory, name }) => {
          await fs.link(inode, directory, name);
          return [0];
        }),
      ),
    ),
    unlink: answer(async (path: string) => [await remove(path, 'other')]),
    rmdir: answer(async (path: string) => [await remove(path, 'directory')]),
    rename: answer((from: string, to: string) =>
      paths.in(from, (one) =>
        paths.in(to, async (other) => {
          await fs.rename(one, other, { noReplace: false, exchange: false });
          return [0];
        }),
      ),
    ),
    chmod: answer(async (path: string, mode: number) => {
      await paths.at(path, (inode) => fs.setAttributes(inode, { mode }));
      return [0];
    }),
    chown: answer(async (path: string, uid: number, gid: number) => {
      const given = (id: number): number | undefined => (isNobody(id) ? undefined : id >>> 0);
      await paths.at(path, (inode) =>
        fs.setAttributes(inode, { uid: given(uid), gid: given(gid) }),
      );
      return [0];
    }),
    utimens: answer(async (path: string, atime: number, mtime: number) => {
      const times = { atime: timeOf(atime), mtime: timeOf(mtime) };
      await paths.at(path, (inode) => fs.setAttributes(inode, times));
      return [0];
    }),
    truncate: answer(async (path: string, size: number) => {
      await paths.at(path, (inode) => files.truncate(inode, size));
      return [0];
    }),
    ftruncate: answer(async (_path: string, number: number, size: number) => {
      await files.truncate(handleOf(number).inode, size);
      return [0];
    }),
    open: answer((path: string, flags: number) => open(path, (flags & 3) !== 0)),
    opendir: answer((_path: string, _flags: number) => Promise.resolve([0, 0])),
    create: answer(async (path: string, mode: number) => {
      const created = await make(path, 'file', { mode });
      return paths.hold(created, async (inode) => [0, (await files.open(inode, true)).number]);
    }),
    read: answer(async (_path: string, number: number, ...[into, length, offset]: Transfer) => {
      const handle = handleOf(number);
      const pieces = await files.read(handle.inode, handle, { offset, length });
      let at = 0;
      for (const piece of pieces) at += Buffer.from(piece).copy(into, at);
      return [at];
    }),
    write: answer(async (_path: string, number: number, ...[from, length, offset]: Transfer) => {
      const { inode } = handleOf(number);
      return [await files.write(inode, offset, Buffer.from(from.subarray(0, length)))];
    }),
    flush: answer(nothing),
    release: answer(release),
    releasedir: answer(nothing),
    fsync: answer((path: string) => sync(path)),
    fsyncdir: answer((path: string) => sync(path)),
    setxattr: answer(
      async (path: string, name: string, ...[bytes, , flags]: [Buffer, number, number]) => {
        const given = { name: Buffer.from(name), value: Buffer.from(bytes), flags };
        await paths.at(path, (inode) => setXattr(fs, inode, given));
        return [0];
      },
    ),
    getxattr: answer(async (path: string, name: string, _at: number) => [
      0,
      await paths.at(path, (inode) => getXattr(fs, inode, Buffer.from(name))),
    ]),
    listxattr: answer(async (path: string) => {
      const list = await paths.at(path, (inode) => listXattrs(inode));
      return [0, list.toString('latin1').split('\0').slice(0, -1)];
    }),
    removexattr: answer(async (path: string, name: string) => {
      await paths.at(path, (inode) => removeXattr(fs, inode, Buffer.from(name)));
      return [0];
    }),
  };
}

function statOf(fs: FileSystem, inode: Inode): NativeStat {
  const { uid, gid } = fs.ownerOf(inode);
  const { size } = inode;
  return {
    ino: inode.number,
    size,
    mode: kindBits[inode.kind] | inode.mode,
    nlink: inode.links,
    uid,
    gid,
    atime: dateOf(inode.atime ?? inode.mtime),
    mtime: dateOf(inode.mtime),
    ctime: dateOf(inode.ctime),
    blksize: blockBytes,
    blocks: Math.ceil(size / 512),
  };
}

function spaceOf(fs: FileSystem): Readonly<Record<string, number>> {
  const { totalBytes, freeBytes, files } = fs.port.space();
  const free = Math.floor(freeBytes / blockBytes);
  return {
    bsize: blockBytes,
    frsize: blockBytes,
    blocks: Math.max(free, Math.floor(totalBytes / blockBytes)),
    bfree: free,
    bavail: free,
    files: files + 1_000_000,
    ffree: 1_000_000,
    favail: 1_000_000,
    fsid: 0,
    flag: 0,
    namemax: nameBytesMax,
  };
}

/** The library has milliseconds only. */
function timeOf(unixMs: number): FileTime {
  const seconds = Math.floor(unixMs / 1000);
  return { seconds, nanoseconds: Math.round((unixMs - seconds * 1000) * 1e6) };
}

function dateOf({ seconds, nanoseconds }: FileTime): Date {
  return new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
}

function isNobody(id: number): boolean {
  return id === -1 || id === 0xffff_ffff;
}
