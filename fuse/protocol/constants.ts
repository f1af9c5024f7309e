/** Numbers of the Linux FUSE protocol (include/uapi/linux/fuse.h), as far as this driver speaks it. */

export const opcodes = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  setxattr: 21,
  getxattr: 22,
  listxattr: 23,
  removexattr: 24,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  access: 34,
  create: 35,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  fallocate: 43,
  readdirplus: 44,
  rename2: 45,
  lseek: 46,
  copyFileRange: 47,
  syncfs: 50,
  tmpfile: 51,
} as const;

/**
 * Bits of INIT; those from 32 on travel in `flags2`. Left out is FUSE_ASYNC_DIO: whoever reads past the
 * kernel's cache then waits for several requests at once, and no signal reaches them.
 */
export const initFlags = {
  asyncRead: 0,
  bigWrites: 5,
  // Always, not when the kernel thinks so: whoever lists everything first and looks then pays for each.
  doReaddirplus: 13,
  writebackCache: 16,
  parallelDirops: 18,
  maxPages: 22,
  cacheSymlinks: 23,
  handleKillprivV2: 28,
  initExt: 30,
  hasResend: 39,
} as const;

/** Bits of `valid` in SETATTR. */
export const setattrBits = {
  mode: 1 << 0,
  uid: 1 << 1,
  gid: 1 << 2,
  size: 1 << 3,
  atime: 1 << 4,
  mtime: 1 << 5,
  fh: 1 << 6,
  atimeNow: 1 << 7,
  mtimeNow: 1 << 8,
  ctime: 1 << 10,
  killPrivileges: 1 << 11,
} as const;

/** What an answer to OPEN tells the kernel. */
export const openAnswers = {
  directIo: 1 << 0,
  keepCache: 1 << 1,
  nonSeekable: 1 << 2,
} as const;

export const notifyCodes = { invalidateInode: 2, invalidateEntry: 3, resend: 7 } as const;

/** Errors of Linux, by number, where they are the same on every architecture. */
export const errnos = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ENODATA: 61,
  EPROTO: 71,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  EHOSTUNREACH: 113,
  ESTALE: 116,
} as const;

export type ErrnoName = keyof typeof errnos;

export const rootNodeId = 1;
export const inHeaderBytes = 40;
export const outHeaderBytes = 16;
/** The bytes of one READ or WRITE at most. */
export const maxWriteBytes = 1024 * 1024;
/** How far the kernel reads ahead: while one READ is answered or copied by who reads, the next is on its way. */
export const readAheadBytes = 2 * maxWriteBytes;
/** Every request fits: the largest WRITE, its header, and room for what may come. */
export const requestBytesMax = maxWriteBytes + 4096;
export const nameBytesMax = 255;
