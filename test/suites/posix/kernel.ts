/** What a program sees through the kernel: rights, mapped memory, appending, holes, locks. */
import {
  constants,
  copyFileSync,
  openSync,
  closeSync,
  readFileSync,
  writeSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { mapShared, system } from '../../helpers/posix/libc.ts';
import { failure, readFile, writeFile } from '../../helpers/posix/posix.ts';
import type { RealFolder } from '../../helpers/posix/real-folder.ts';
import type { Case } from './cases.ts';

const someone = { uid: 65_534, gid: 65_534 };
const another = { uid: 12_345, gid: 12_345 };

/** Runs `work`, which must not wait for anything, with the rights of another user. */
function as<T>({ uid, gid }: { uid: number; gid: number }, work: () => T): T {
  system('setgroups', 0, null);
  system('setegid', gid);
  system('seteuid', uid);
  try {
    return work();
  } finally {
    system('seteuid', 0);
    system('setegid', 0);
  }
}

/** The errno of what fails at once. */
function refused(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

export const kernelCases: readonly Case<RealFolder>[] = [
  {
    name: "rights: of files are the kernel's to check",
    async run(t, at) {
      at.chmod('.', 0o755);
      await writeFile(at, 'f', 'secret');
      at.chmod('f', 0o640);
      t.is(
        as(someone, () => refused(() => at.open('f'))),
        'EACCES',
      );
      t.is(
        as(someone, () => refused(() => at.open('f', { write: true }))),
        'EACCES',
      );
      at.chmod('f', 0o604);
      t.is(
        as(someone, () => refused(() => at.open('f').close())),
        'none',
      );
      t.is(
        as(someone, () => refused(() => at.open('f', { write: true }))),
        'EACCES',
      );
      at.chown('f', someone.uid, someone.gid);
      at.chmod('f', 0o600);
      t.is(
        as(someone, () => refused(() => at.open('f', { write: true }).close())),
        'none',
      );
      t.is(
        as(another, () => refused(() => at.open('f'))),
        'EACCES',
      );
      t.is(
        as(another, () => refused(() => at.chmod('f', 0o666))),
        'EPERM',
      );
      t.is(
        as(another, () => refused(() => at.chown('f', another.uid, 0))),
        'EPERM',
      );
      t.is(
        as(someone, () => refused(() => at.chown('f', another.uid, -1 >>> 0))),
        'EPERM',
      );
      t.is(
        as(another, () => refused(() => at.utimes('f', { mtime: 'now' }))),
        'EPERM',
      );
    },
  },
  {
    name: 'rights: of directories, and who owns what is made there',
    async run(t, at) {
      at.chmod('.', 0o755);
      t.is(
        as(someone, () => refused(() => at.mkdir('d'))),
        'EACCES',
      );
      at.chmod('.', 0o777);
      as(someone, () => {
        at.mkdir('d', 0o700);
        at.open('d/f', { write: true, create: true }).close();
        at.symlink('x', 'd/l');
      });
      const owners = ['d', 'd/f', 'd/l'].map((name) => at.stat(name));
      t.true(owners.every(({ uid, gid }) => uid === someone.uid && gid === someone.gid));
      t.is(
        as(another, () => refused(() => at.list('d'))),
        'EACCES',
      );
      t.is(
        as(another, () => refused(() => at.stat('d/f'))),
        'EACCES',
      );
      t.is(
        as(another, () => refused(() => at.unlink('d/f'))),
        'EACCES',
      );
      at.chmod('d', 0o711);
      t.is(
        as(another, () => refused(() => at.list('d'))),
        'EACCES',
      );
      t.is(
        as(another, () => refused(() => at.stat('d/f'))),
        'none',
      );
    },
  },
  {
    name: 'rights: the sticky bit keeps others from taking names away',
    async run(t, at) {
      at.chmod('.', 0o1777);
      as(someone, () => {
        at.open('mine', { write: true, create: true }).close();
        at.mkdir('dir');
      });
      for (const call of [
        () => at.unlink('mine'),
        () => at.rename('mine', 'yours'),
        () => at.rmdir('dir'),
      ]) {
        t.is(
          as(another, () => refused(call)),
          'EPERM',
        );
      }
      as(another, () => {
        at.open('theirs', { write: true, create: true }).close();
      });
      t.is(
        as(another, () => refused(() => at.rename('theirs', 'mine'))),
        'EPERM',
      );
      t.is(
        as(someone, () => refused(() => at.unlink('mine'))),
        'none',
      );
    },
  },
  {
    name: 'rights: the group bit of a directory is handed on',
    async run(t, at) {
      at.chown('.', 0, another.gid);
      at.chmod('.', 0o2777);
      as(someone, () => {
        at.open('f', { write: true, create: true }).close();
        at.mkdir('d');
      });
      const [file, directory] = [at.stat('f'), at.stat('d')];
      t.deepEqual([file.gid, directory.gid], [another.gid, another.gid]);
      t.is(directory.mode & 0o2000, 0o2000);
      t.is(file.mode & 0o2000, 0);
    },
  },
  {
    name: 'rights: writing and giving away takes the set-user bit',
    async run(t, at) {
      at.chmod('.', 0o777);
      await writeFile(at, 'f', 'x');
      at.chmod('f', 0o6777);
      as(someone, () => {
        const file = at.open('f', { write: true });
        file.write(0, Buffer.from('y'));
        file.close();
      });
      t.is(at.stat('f').mode, 0o777);
      at.chmod('f', 0o4755);
      at.chown('f', someone.uid, someone.gid);
      t.is(at.stat('f').mode & 0o4000, 0);
      as(someone, () => at.chmod('f', 0o4700));
      const before = at.stat('f').mode;
      as(someone, () => {
        at.truncate('f', 0);
      });
      t.is(before, 0o4700);
      t.is(at.stat('f').mode, 0o700);
    },
  },
  {
    name: 'open: O_APPEND writes behind what others wrote',
    async run(t, at) {
      const one = at.open('f', { write: true, create: true, append: true });
      const other = at.open('f', { write: true, append: true });
      for (let round = 0; round < 5; round += 1) {
        writeSync(one.descriptor, 'a');
        writeSync(other.descriptor, 'b');
      }
      t.is(String(one.read(0, 100)), 'ababababab');
      one.close();
      other.close();
    },
  },
  {
    name: 'open: O_DIRECTORY, O_NOFOLLOW, and a loop of symlinks',
    async run(t, at) {
      await writeFile(at, 'f', '');
      at.mkdir('d');
      at.symlink('f', 'l');
      at.symlink('loop', 'loop');
      t.is(await failure(() => at.open('f', { directory: true })), 'ENOTDIR');
      at.open('d', { directory: true }).close();
      t.is(await failure(() => at.open('l', { noFollow: true })), 'ELOOP');
      t.is(await failure(() => at.open('loop')), 'ELOOP');
      t.is(await failure(() => at.open('f/x')), 'ENOTDIR');
      t.is(await failure(() => at.rename('d', 'd/e')), 'EINVAL');
    },
  },
  {
    name: 'open: the umask counts',
    async run(t, at) {
      const before = process.umask(0o027);
      try {
        at.open('f', { write: true, create: true, mode: 0o666 }).close();
        at.mkdir('d', 0o777);
      } finally {
        process.umask(before);
      }
      t.deepEqual([at.stat('f').mode, at.stat('d').mode], [0o640, 0o750]);
    },
  },
  {
    name: 'mmap: shared memory of two openings, write(2) and the file are one',
    async run(t, at) {
      await writeFile(at, 'f', Buffer.alloc(8192, 'a'));
      const one = at.open('f', { write: true });
      const other = at.open('f', { write: true });
      const [first, second] = [one, other].map(({ descriptor }) => mapShared(descriptor, 8192));
      first?.write(Buffer.from('mapped'));
      t.is(String(second?.read(6)), 'mapped');
      t.is(String(other.read(0, 6)), 'mapped');
      other.write(2, Buffer.from('write'));
      t.is(String(first?.read(7)), 'mawrite');
      first?.sync();
      first?.close();
      one.close();
      second?.write(Buffer.from('later'));
      second?.close();
      other.close();
      t.is(String((await readFile(at, 'f')).subarray(0, 9)), 'laterteaa');
    },
  },
  {
    name: 'lseek: the end is found, and a hole may be',
    async run(t, at) {
      const file = at.open('f', { write: true, create: true });
      file.write(100_000, Buffer.from('x'));
      const [seekEnd, seekData, seekHole] = [2, 3, 4];
      t.is(system('lseek', file.descriptor, 0n, seekEnd), 100_001);
      const hole = system('lseek', file.descriptor, 100_000n, seekHole);
      t.is(hole, 100_001);
      t.true(system('lseek', file.descriptor, 0n, seekData) <= 100_000);
      t.is(await failure(() => system('lseek', file.descriptor, 100_001n, seekData)), 'ENXIO');
      file.close();
    },
  },
  {
    name: 'copy_file_range: whole files and pieces',
    async run(t, at) {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 253));
      await writeFile(at, 'f', bytes);
      copyFileSync(join(at.root, 'f'), join(at.root, 'g'));
      t.true((await readFile(at, 'g')).equals(bytes));
      const [from, to] = [at.open('f'), at.open('h', { write: true, create: true })];
      const offsets = [Buffer.alloc(8), Buffer.alloc(8)] as const;
      offsets[0].writeBigInt64LE(1000n);
      offsets[1].writeBigInt64LE(50n);
      const [source, target] = offsets;
      const count = system(
        'copy_file_range',
        from.descriptor,
        source,
        to.descriptor,
        target,
        5000,
        0,
      );
      t.true(count > 0 && count <= 5000);
      t.true(to.read(50, count).equals(bytes.subarray(1000, 1000 + count)));
      from.close();
      to.close();
      // The copy is a file of its own.
      const copy = at.open('g', { write: true });
      copy.write(0, Buffer.from('changed'));
      copy.close();
      t.true((await readFile(at, 'f')).equals(bytes));
    },
  },
  {
    name: 'flock: one at a time on this machine',
    async run(t, at) {
      await writeFile(at, 'f', '');
      const [exclusive, nonBlocking, unlock] = [2, 4, 8];
      const [one, other] = [at.open('f'), at.open('f')];
      system('flock', one.descriptor, exclusive);
      const attempt = (): unknown => system('flock', other.descriptor, exclusive | nonBlocking);
      t.regex(await failure(attempt), /^(EAGAIN|EWOULDBLOCK)$/);
      system('flock', one.descriptor, unlock);
      t.is(await failure(attempt), 'none');
      one.close();
      other.close();
    },
  },
  {
    name: 'open: O_DIRECT and O_SYNC read and write the same bytes',
    async run(t, at) {
      const { O_RDWR, O_CREAT, O_SYNC } = constants;
      const descriptor = openSync(join(at.root, 'f'), O_RDWR | O_CREAT | O_SYNC, 0o644);
      writeSync(descriptor, Buffer.alloc(10_000, 's'));
      closeSync(descriptor);
      t.true(readFileSync(join(at.root, 'f')).equals(Buffer.alloc(10_000, 's')));
      t.is(at.stat('f').size, 10_000);
    },
  },
  {
    name: 'stat: a directory says where it ends, and inode numbers are its own',
    async run(t, at) {
      const names = ['a', 'b', 'c'];
      for (const name of names) at.mkdir(name);
      const numbers = names.map((name) => at.stat(name));
      t.is(new Set(numbers.map(({ inode }) => inode)).size, 3);
      t.true(numbers.every(({ inode }) => inode > 0));
      t.is(statSync(join(at.root, 'a', '..')).ino, statSync(at.root).ino);
    },
  },
];

/** What this file system does not offer, and says so. */
export const declinedCases: readonly Case<RealFolder>[] = [
  {
    name: 'mkfifo and mknod: EPERM, as on file systems without them',
    async run(t, at) {
      const path = Buffer.from(`${join(at.root, 'p')}\0`);
      t.is(await failure(() => system('mkfifo', path, 0o644)), 'EPERM');
      const characterDevice = 0o020000;
      t.is(await failure(() => system('mknod', path, characterDevice | 0o644, 259n)), 'EPERM');
      t.deepEqual(at.list('.'), []);
    },
  },
  {
    name: 'rename: WHITEOUT is EINVAL',
    async run(t, at) {
      await writeFile(at, 'f', '');
      t.is(await failure(() => at.rename('f', 'g', 4)), 'EINVAL');
    },
  },
  {
    name: 'fallocate: COLLAPSE_RANGE and INSERT_RANGE are EOPNOTSUPP',
    async run(t, at) {
      const file = at.open('f', { write: true, create: true });
      file.write(0, Buffer.alloc(12_288, 1));
      t.is(await failure(() => file.allocate(8, 4096, 4096)), 'EOPNOTSUPP');
      t.is(await failure(() => file.allocate(32, 4096, 4096)), 'EOPNOTSUPP');
      file.close();
    },
  },
  {
    name: "xattr: security.* and trusted.* are EOPNOTSUPP, user.vault.* is the vault's",
    async run(t, at) {
      await writeFile(at, 'f', '');
      for (const name of ['security.selinux', 'trusted.x']) {
        t.is(await failure(() => at.setXattr('f', name, Buffer.from('v'))), 'EOPNOTSUPP', name);
      }
      t.is(await failure(() => at.setXattr('f', 'user.vault.x', Buffer.from('v'))), 'EPERM');
      t.is(await failure(() => at.getXattr('f', 'user.vault.nothing')), 'ENODATA');
    },
  },
];
