/** Modes, owners, times and extended attributes. */
import { failure, writeFile, xattrFlags, type Moment } from '../../helpers/posix/posix.ts';
import type { Case } from './cases.ts';

const isAfter = (a: Moment, b: Moment): boolean =>
  a.seconds > b.seconds || (a.seconds === b.seconds && a.nanoseconds > b.nanoseconds);

export const attributeCases: readonly Case[] = [
  {
    name: 'chmod: all twelve bits, on files and directories',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.mkdir('d');
      for (const mode of [0, 0o777, 0o4755, 0o2711, 0o1644, 0o7777, 0o600]) {
        for (const name of ['f', 'd']) {
          await at.chmod(name, mode);
          t.is((await at.stat(name)).mode, mode);
        }
      }
      t.is(await failure(() => at.chmod('x', 0)), 'ENOENT');
    },
  },
  {
    name: 'chmod: the ctime moves and the mtime stays',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.utimes('f', { mtime: { seconds: 100, nanoseconds: 1 } });
      const before = await at.stat('f');
      await new Promise((resolve) => setTimeout(resolve, 12));
      await at.chmod('f', 0o640);
      const after = await at.stat('f');
      t.deepEqual(after.mtime, before.mtime);
      t.true(isAfter(after.ctime, before.ctime));
    },
  },
  {
    name: 'chown: owner and group, each by itself, of symlinks too',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.symlink('f', 'l');
      await at.chown('f', 12_345, 54_321);
      const { uid, gid } = await at.stat('f');
      t.deepEqual([uid, gid], [12_345, 54_321]);
      await at.chown('l', 7, 8);
      t.is((await at.stat('l')).uid, 7);
      t.is((await at.stat('f')).uid, 12_345);
      await at.chown('f', 0, 0);
      t.is((await at.stat('f')).gid, 0);
    },
  },
  {
    name: 'utimensat: nanoseconds, before 1970 and after 2038',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.mkdir('d');
      const moments = [
        { seconds: 981_173_106, nanoseconds: 123_456_789 },
        { seconds: -86_400, nanoseconds: 1 },
        { seconds: 0, nanoseconds: 0 },
        { seconds: 5_000_000_000, nanoseconds: 999_999_999 },
      ];
      for (const moment of moments) {
        for (const name of ['f', 'd']) {
          await at.utimes(name, { atime: moment, mtime: { ...moment, nanoseconds: 42 } });
          const { atime, mtime } = await at.stat(name);
          t.deepEqual(atime, moment);
          t.deepEqual(mtime, { ...moment, nanoseconds: 42 });
        }
      }
    },
  },
  {
    name: 'utimensat: one time alone, and now',
    async run(t, at) {
      await writeFile(at, 'f', '');
      const [one, other] = [
        { seconds: 1000, nanoseconds: 1 },
        { seconds: 2000, nanoseconds: 2 },
      ];
      await at.utimes('f', { atime: one, mtime: one });
      await at.utimes('f', { mtime: other });
      t.deepEqual((await at.stat('f')).atime, one);
      await at.utimes('f', { atime: other });
      t.deepEqual((await at.stat('f')).mtime, other);
      await at.utimes('f', { mtime: 'now' });
      t.true((await at.stat('f')).mtime.seconds > 1_000_000_000);
      t.deepEqual((await at.stat('f')).atime, other);
    },
  },
  {
    name: 'utimensat: a symlink has times of its own',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.symlink('f', 'l');
      const moment = { seconds: 77, nanoseconds: 88 };
      await at.utimes('l', { atime: moment, mtime: moment });
      t.deepEqual((await at.stat('l')).mtime, moment);
      t.not((await at.stat('f')).mtime.seconds, 77);
    },
  },
  {
    name: 'times: of a directory they move with its names, of a file with its bytes',
    async run(t, at) {
      const old = { seconds: 1000, nanoseconds: 0 };
      await at.mkdir('d');
      await writeFile(at, 'd/f', 'x');
      await writeFile(at, 'd/g', 'x');
      const changes = [
        () => at.mkdir('d/e'),
        () => at.unlink('d/f'),
        () => at.rename('d/g', 'd/h'),
        () => at.symlink('x', 'd/l'),
        () => at.link('d/h', 'd/i'),
        () => at.rmdir('d/e'),
      ];
      for (const [index, change] of changes.entries()) {
        await at.utimes('d', { atime: old, mtime: old });
        await change();
        t.not((await at.stat('d')).mtime.seconds, 1000, String(index));
      }
      await at.utimes('d', { mtime: old });
      await at.utimes('d/h', { mtime: old });
      await writeFile(at, 'd/h', 'changed');
      t.not((await at.stat('d/h')).mtime.seconds, 1000);
      t.is((await at.stat('d')).mtime.seconds, 1000);
    },
  },
  {
    name: 'times: link, unlink and rename move the ctime of the file',
    async run(t, at) {
      await writeFile(at, 'f', '');
      const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 12));
      const changes = [
        () => at.link('f', 'g'),
        () => at.unlink('g'),
        async () => {
          await at.rename('f', 'x');
          await at.rename('x', 'f');
        },
      ];
      for (const [index, change] of changes.entries()) {
        const { ctime } = await at.stat('f');
        await pause();
        await change();
        t.true(isAfter((await at.stat('f')).ctime, ctime), String(index));
      }
    },
  },
  {
    name: 'xattr: set, replaced, listed and removed',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.mkdir('d');
      for (const name of ['f', 'd']) {
        await at.setXattr(name, 'user.one', Buffer.from('1'));
        await at.setXattr(name, 'user.two', Buffer.alloc(1000, 2));
        await at.setXattr(name, 'user.empty', Buffer.alloc(0));
        t.deepEqual(await at.listXattrs(name), ['user.empty', 'user.one', 'user.two']);
        t.deepEqual(await at.getXattr(name, 'user.two'), Buffer.alloc(1000, 2));
        t.is((await at.getXattr(name, 'user.empty')).length, 0);
        await at.setXattr(name, 'user.one', Buffer.from('one'));
        t.is(String(await at.getXattr(name, 'user.one')), 'one');
        await at.removeXattr(name, 'user.one');
        t.deepEqual(await at.listXattrs(name), ['user.empty', 'user.two']);
      }
    },
  },
  {
    name: 'xattr: flags, what is not there, and other namespaces',
    async run(t, at) {
      await writeFile(at, 'f', '');
      const value = Buffer.from('v');
      t.is(await failure(() => at.getXattr('f', 'user.none')), 'ENODATA');
      t.is(await failure(() => at.removeXattr('f', 'user.none')), 'ENODATA');
      t.is(await failure(() => at.setXattr('f', 'user.a', value, xattrFlags.replace)), 'ENODATA');
      await at.setXattr('f', 'user.a', value, xattrFlags.create);
      t.is(await failure(() => at.setXattr('f', 'user.a', value, xattrFlags.create)), 'EEXIST');
      t.is(await failure(() => at.setXattr('f', 'nonsense', value)), 'EOPNOTSUPP');
      t.is(await failure(() => at.setXattr('f', `user.${'n'.repeat(251)}`, value)), 'ERANGE');
    },
  },
  {
    name: 'xattr: they stay with the file through renames and links',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.setXattr('f', 'user.a', Buffer.from('v'));
      await at.rename('f', 'g');
      await at.link('g', 'h');
      t.is(String(await at.getXattr('h', 'user.a')), 'v');
      await writeFile(at, 'g', 'new bytes');
      t.is(String(await at.getXattr('g', 'user.a')), 'v');
    },
  },
];
