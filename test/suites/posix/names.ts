/** Making, linking, renaming and removing names. */
import { failure, readFile, renameFlags, writeFile } from '../../helpers/posix/posix.ts';
import type { Case } from './cases.ts';

const longest = 'n'.repeat(255);
const tooLong = 'n'.repeat(256);

export const nameCases: readonly Case[] = [
  {
    name: 'mkdir: a directory is there, empty, with two links or one',
    async run(t, at) {
      await at.mkdir('d', 0o750);
      const { kind, mode, size } = await at.stat('d');
      t.deepEqual([kind, mode], ['directory', 0o750]);
      t.true(size >= 0);
      t.deepEqual(await at.list('d'), []);
      t.deepEqual(await at.list('.'), ['d']);
    },
  },
  {
    name: 'mkdir: EEXIST for whatever has the name',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.mkdir('d');
      await at.symlink('nowhere', 'l');
      for (const name of ['f', 'd', 'l']) t.is(await failure(() => at.mkdir(name)), 'EEXIST', name);
    },
  },
  {
    name: 'mkdir: ENOENT and ENOTDIR on the way',
    async run(t, at) {
      await writeFile(at, 'f', '');
      t.is(await failure(() => at.mkdir('x/d')), 'ENOENT');
      t.is(await failure(() => at.mkdir('f/d')), 'ENOTDIR');
    },
  },
  {
    name: 'names: 255 bytes are a name and 256 are ENAMETOOLONG in every call',
    async run(t, at) {
      await writeFile(at, longest, 'x');
      await at.rename(longest, `${longest.slice(1)}m`);
      await at.mkdir(longest);
      t.deepEqual((await at.list('.')).length, 2);
      const calls = [
        () => at.mkdir(tooLong),
        () => at.rmdir(tooLong),
        () => at.unlink(tooLong),
        () => at.stat(tooLong),
        () => at.symlink('t', tooLong),
        () => at.link(`${longest.slice(1)}m`, tooLong),
        () => at.rename(longest, tooLong),
        () => at.rename(tooLong, 'x'),
        () => at.open(tooLong, { write: true, create: true }),
      ];
      for (const [index, call] of calls.entries()) {
        t.is(await failure(call), 'ENAMETOOLONG', String(index));
      }
    },
  },
  {
    name: 'names: any bytes but the slash, and case counts',
    async run(t, at) {
      const names = ['\xff\xfe', ' ', '\n', '*', 'A', 'a', '\xc3\xa9', 'e\xcc\x81', '...', '.x'];
      for (const name of names) await writeFile(at, name, Buffer.from(name, 'latin1'));
      t.deepEqual(await at.list('.'), names.toSorted());
      for (const name of names) t.is((await readFile(at, name)).toString('latin1'), name);
    },
  },
  {
    name: 'rmdir: ENOTEMPTY as long as anything is in it, then it is gone',
    async run(t, at) {
      await at.mkdir('d');
      await at.mkdir('d/e');
      t.is(await failure(() => at.rmdir('d')), 'ENOTEMPTY');
      await writeFile(at, 'd/f', '1');
      await at.rmdir('d/e');
      t.is(await failure(() => at.rmdir('d')), 'ENOTEMPTY');
      await at.unlink('d/f');
      await at.rmdir('d');
      t.is(await failure(() => at.stat('d')), 'ENOENT');
      t.is(await failure(() => at.rmdir('d')), 'ENOENT');
    },
  },
  {
    name: 'rmdir: ENOTDIR for what is no directory',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.symlink('.', 'l');
      t.is(await failure(() => at.rmdir('f')), 'ENOTDIR');
      t.is(await failure(() => at.rmdir('l')), 'ENOTDIR');
    },
  },
  {
    name: 'unlink: ENOENT, EISDIR, and a name that can be used again',
    async run(t, at) {
      await at.mkdir('d');
      t.is(await failure(() => at.unlink('x')), 'ENOENT');
      t.regex(await failure(() => at.unlink('d')), /^(EISDIR|EPERM)$/);
      await writeFile(at, 'f', 'one');
      await at.unlink('f');
      await at.mkdir('f');
      await at.rmdir('f');
      await writeFile(at, 'f', 'two');
      t.is(String(await readFile(at, 'f')), 'two');
    },
  },
  {
    name: 'unlink: an open file lives on with no link, and its bytes with it',
    async run(t, at) {
      await writeFile(at, 'f', 'text');
      const file = await at.open('f', { write: true });
      await at.unlink('f');
      t.is((await file.stat()).links, 0);
      await file.write(4, Buffer.from(' more'));
      t.is(String(await file.read(0, 100)), 'text more');
      t.deepEqual(await at.list('.'), []);
      await writeFile(at, 'f', 'another');
      t.is(String(await file.read(0, 100)), 'text more');
      await file.truncate(2);
      t.is((await file.stat()).size, 2);
      await file.close();
      t.is(String(await readFile(at, 'f')), 'another');
    },
  },
  {
    name: 'link: one file under two names, counted',
    async run(t, at) {
      await writeFile(at, 'f', 'a');
      await at.link('f', 'g');
      const [one, other] = [await at.stat('f'), await at.stat('g')];
      t.is(one.inode, other.inode);
      t.deepEqual([one.links, other.links], [2, 2]);
      const file = await at.open('g', { write: true });
      await file.write(1, Buffer.from('b'));
      await file.close();
      t.is(String(await readFile(at, 'f')), 'ab');
      await at.unlink('f');
      t.is((await at.stat('g')).links, 1);
      t.is(String(await readFile(at, 'g')), 'ab');
    },
  },
  {
    name: 'link: EEXIST, ENOENT, and EPERM for a directory',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await writeFile(at, 'g', '');
      await at.mkdir('d');
      t.is(await failure(() => at.link('f', 'g')), 'EEXIST');
      t.is(await failure(() => at.link('f', 'd')), 'EEXIST');
      t.is(await failure(() => at.link('x', 'y')), 'ENOENT');
      t.is(await failure(() => at.link('f', 'x/y')), 'ENOENT');
      t.is(await failure(() => at.link('d', 'e')), 'EPERM');
    },
  },
  {
    name: 'link: a symlink has names too',
    async run(t, at) {
      await at.symlink('target', 'l');
      await at.link('l', 'm');
      t.is(await at.readlink('m'), 'target');
      t.is((await at.stat('l')).links, 2);
      await at.unlink('l');
      t.is(await at.readlink('m'), 'target');
    },
  },
  {
    name: 'symlink: the target is kept byte for byte and its length is the size',
    async run(t, at) {
      const targets = ['a', '../x/./y//', '/absolute', '\xff\x01', 'p'.repeat(4095)];
      for (const [index, target] of targets.entries()) {
        await at.symlink(target, `l${String(index)}`);
        t.is(await at.readlink(`l${String(index)}`), target);
        const { size, kind, mode } = await at.stat(`l${String(index)}`);
        t.deepEqual([size, kind, mode], [target.length, 'symlink', 0o777]);
      }
      t.is(await failure(() => at.symlink('x', 'l0')), 'EEXIST');
      await writeFile(at, 'f', '');
      t.is(await failure(() => at.readlink('f')), 'EINVAL');
    },
  },
  {
    name: 'rename: a file keeps its inode, and what had the name is gone',
    async run(t, at) {
      await writeFile(at, 'a', 'A');
      await writeFile(at, 'b', 'B');
      const { inode } = await at.stat('a');
      await at.rename('a', 'b');
      t.deepEqual(await at.list('.'), ['b']);
      t.is((await at.stat('b')).inode, inode);
      t.is(String(await readFile(at, 'b')), 'A');
      t.is(await failure(() => at.rename('a', 'c')), 'ENOENT');
    },
  },
  {
    name: 'rename: what was replaced lives on for those who have it open',
    async run(t, at) {
      await writeFile(at, 'a', 'new');
      await writeFile(at, 'b', 'old');
      const file = await at.open('b');
      await at.rename('a', 'b');
      t.is(String(await file.read(0, 10)), 'old');
      t.is((await file.stat()).links, 0);
      await file.close();
      t.is(String(await readFile(at, 'b')), 'new');
    },
  },
  {
    name: 'rename: kinds have to fit',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.mkdir('d');
      await at.mkdir('full');
      await writeFile(at, 'full/x', '');
      t.is(await failure(() => at.rename('f', 'd')), 'EISDIR');
      t.is(await failure(() => at.rename('d', 'f')), 'ENOTDIR');
      t.regex(await failure(() => at.rename('d', 'full')), /^(ENOTEMPTY|EEXIST)$/);
      await at.mkdir('empty');
      await at.rename('full', 'empty');
      t.deepEqual(await at.list('empty'), ['x']);
      t.is(await failure(() => at.stat('full')), 'ENOENT');
    },
  },
  {
    name: 'rename: two names of one file stay two',
    async run(t, at) {
      await writeFile(at, 'f', '');
      await at.link('f', 'g');
      await at.rename('f', 'g');
      t.deepEqual(await at.list('.'), ['f', 'g']);
      await at.rename('f', 'f');
      t.is((await at.stat('f')).links, 2);
    },
  },
  {
    name: 'rename: NOREPLACE leaves what is there',
    async run(t, at) {
      await writeFile(at, 'a', 'A');
      await writeFile(at, 'b', 'B');
      t.is(await failure(() => at.rename('a', 'b', renameFlags.noReplace)), 'EEXIST');
      t.is(String(await readFile(at, 'b')), 'B');
      await at.rename('a', 'c', renameFlags.noReplace);
      t.deepEqual(await at.list('.'), ['b', 'c']);
    },
  },
  {
    name: 'rename: EXCHANGE swaps, whatever the kinds are',
    async run(t, at) {
      await writeFile(at, 'f', 'F');
      await at.mkdir('d');
      await writeFile(at, 'd/x', 'X');
      await at.rename('f', 'd', renameFlags.exchange);
      t.is(String(await readFile(at, 'd')), 'F');
      t.is(String(await readFile(at, 'f/x')), 'X');
      t.is(await failure(() => at.rename('f', 'none', renameFlags.exchange)), 'ENOENT');
      await at.mkdir('e');
      await writeFile(at, 'e/y', 'Y');
      await at.rename('e/y', 'f/x', renameFlags.exchange);
      t.is(String(await readFile(at, 'e/y')) + String(await readFile(at, 'f/x')), 'XY');
    },
  },
  {
    name: 'rename: a directory takes all of it along, and can come back',
    async run(t, at) {
      await at.mkdir('a');
      await at.mkdir('a/b');
      await writeFile(at, 'a/b/f', 'deep');
      await at.mkdir('c');
      await at.rename('a', 'c/a');
      t.is(String(await readFile(at, 'c/a/b/f')), 'deep');
      await at.rename('c/a/b', 'b');
      await at.rmdir('c/a');
      await at.rename('b', 'c/a');
      t.is(String(await readFile(at, 'c/a/f')), 'deep');
      t.deepEqual(await at.list('c'), ['a']);
    },
  },
  {
    name: 'rename: names that are made, moved in rings and removed at once',
    async run(t, at) {
      for (let round = 0; round < 8; round += 1) {
        await at.mkdir('new');
        await writeFile(at, 'new/f', `round ${String(round)}`);
        if (round > 0) await at.rename('now', 'new/old');
        await at.rename('new', 'now');
        if (round > 0) {
          await at.unlink('now/old/f');
          await at.rmdir('now/old');
        }
      }
      t.deepEqual(await at.list('.'), ['now']);
      t.deepEqual(await at.list('now'), ['f']);
      t.is(String(await readFile(at, 'now/f')), 'round 7');
    },
  },
  {
    name: 'readdir: three hundred names, all of them, once',
    async run(t, at) {
      const names = Array.from({ length: 300 }, (_, index) => `name-${String(index)}`);
      for (const name of names) await writeFile(at, name, '');
      t.deepEqual(await at.list('.'), names.toSorted());
      for (const name of names.slice(0, 290)) await at.unlink(name);
      t.is((await at.list('.')).length, 10);
    },
  },
];
