/** System calls that Node has no function for, through koffi. Failures look like those of `node:fs`. */
import { constants as osConstants } from 'node:os';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');

type Value = number | bigint | Buffer | null;
type Call = (...values: Value[]) => number | bigint;

const calls = {
  renameat2: bind('int renameat2(int, const uint8_t *, int, const uint8_t *, uint)'),
  fallocate: bind('int fallocate(int, int, int64_t, int64_t)'),
  lseek: bind('int64_t lseek(int, int64_t, int)'),
  utimensat: bind('int utimensat(int, const uint8_t *, const uint8_t *, int)'),
  linkat: bind('int linkat(int, const uint8_t *, int, const uint8_t *, int)'),
  mkfifo: bind('int mkfifo(const uint8_t *, uint)'),
  mknod: bind('int mknod(const uint8_t *, uint, uint64_t)'),
  lsetxattr: bind('int lsetxattr(const uint8_t *, const uint8_t *, const uint8_t *, size_t, int)'),
  lgetxattr: bind('int64_t lgetxattr(const uint8_t *, const uint8_t *, _Out_ uint8_t *, size_t)'),
  llistxattr: bind('int64_t llistxattr(const uint8_t *, _Out_ uint8_t *, size_t)'),
  lremovexattr: bind('int lremovexattr(const uint8_t *, const uint8_t *)'),
  copy_file_range: bind('int64_t copy_file_range(int, void *, int, void *, size_t, uint)'),
  seteuid: bind('int seteuid(uint)'),
  setegid: bind('int setegid(uint)'),
  setgroups: bind('int setgroups(size_t, const uint8_t *)'),
  flock: bind('int flock(int, int)'),
} as const;

const memory = {
  map: libc.func('void *mmap(void *, size_t, int, int, int, int64_t)') as (
    ...values: Value[]
  ) => unknown,
  unmap: libc.func('int munmap(void *, size_t)') as (address: unknown, length: number) => number,
  get: libc.func('void *memcpy(_Out_ uint8_t *, void *, size_t)') as (
    to: Buffer,
    from: unknown,
    length: number,
  ) => unknown,
  put: libc.func('void *memcpy(void *, const uint8_t *, size_t)') as (
    to: unknown,
    from: Buffer,
    length: number,
  ) => unknown,
  sync: libc.func('int msync(void *, size_t, int)') as (
    address: unknown,
    length: number,
    flags: number,
  ) => number,
};

const names = new Map(Object.entries(osConstants.errno).map(([name, number]) => [number, name]));

/** @throws Error with `code` */
export function system(name: keyof typeof calls, ...values: Value[]): number {
  const result = Number(calls[name](...values));
  if (result !== -1) return result;
  const number = koffi.errno();
  const code = number === 95 ? 'EOPNOTSUPP' : (names.get(number) ?? String(number));
  throw Object.assign(new Error(`${code}: ${name}`), { code });
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}

/** A file in memory that other processes see, as mmap(2) with MAP_SHARED gives it. */
export function mapShared(descriptor: number, length: number, offset = 0) {
  const address = memory.map(null, length, 3, 1, descriptor, offset);
  return {
    read(bytes: number): Buffer {
      const out = Buffer.alloc(bytes);
      memory.get(out, address, bytes);
      return out;
    },
    write(bytes: Buffer): void {
      memory.put(address, bytes, bytes.length);
    },
    sync(): void {
      memory.sync(address, length, 4);
    },
    close(): void {
      memory.unmap(address, length);
    },
  };
}

function bind(signature: string): Call {
  return libc.func(signature) as Call;
}
