/** Reading, writing and the size of files. */
import { allocateModes, failure, readFile, writeFile } from '../../helpers/posix/posix.ts';
import type { Case } from './cases.ts';

const { keepSize, punchHole, zeroRange, collapse, insert } = allocateModes;

function pattern(bytes: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + seed * 7) % 251));
}

export const dataCases: readonly Case[] = [
  {
    name: 'open: O_EXCL, O_TRUNC, and what is not there',
    async run(t, at) {
      t.is(await failure(() => at.open('f')), 'ENOENT');
      t.is(await failure(() => at.open('f', { write: true })), 'ENOENT');
      await (await at.open('f', { write: true, create: true, exclusive: true })).close();
      t.is(
        await failure(() => at.open('f', { write: true, create: true, exclusive: true })),
        'EEXIST',
      );
      await writeFile(at, 'f', 'long text');
      await (await at.open('f', { write: true, truncate: true })).close();
      t.is((await at.stat('f')).size, 0);
      await at.mkdir('d');
      t.is(await failure(() => at.open('d', { write: true })), 'EISDIR');
    },
  },
  {
    name: 'write: anywhere, and what lies between is zeros',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      await file.write(10, Buffer.from('ten'));
      t.deepEqual(await file.read(0, 100), Buffer.concat([Buffer.alloc(10), Buffer.from('ten')]));
      await file.write(200_000, Buffer.from('far'));
      await file.write(5, Buffer.from('five'));
      await file.close();
      const bytes = await readFile(at, 'f');
      t.is(bytes.length, 200_003);
      t.is(bytes.toString('latin1', 5, 13), 'five\0ten'.slice(0, 8));
      t.true(bytes.subarray(13, 200_000).every((byte) => byte === 0));
      t.is(bytes.toString('latin1', 200_000), 'far');
    },
  },
  {
    name: 'write: two descriptors see each other at once',
    async run(t, at) {
      const one = await at.open('f', { write: true, create: true });
      const other = await at.open('f', { write: true });
      await one.write(0, Buffer.from('one'));
      t.is(String(await other.read(0, 10)), 'one');
      await other.write(3, Buffer.from('two'));
      t.is(String(await one.read(0, 10)), 'onetwo');
      await other.truncate(2);
      t.is(String(await one.read(0, 10)), 'on');
      t.is((await one.stat()).size, 2);
      await one.close();
      await other.close();
    },
  },
  {
    name: 'write: over itself many times, in pieces of all sizes',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      const model = Buffer.alloc(300_000);
      for (let round = 1; round < 40; round += 1) {
        const offset = (round * 7919) % 200_000;
        const bytes = pattern((round * 3571) % 90_000, round);
        await file.write(offset, bytes);
        bytes.copy(model, offset);
        if (round % 10 === 0) await file.sync();
      }
      const { size } = await file.stat();
      t.true((await file.read(0, 400_000)).equals(model.subarray(0, size)));
      await file.close();
      t.true((await readFile(at, 'f')).equals(model.subarray(0, size)));
    },
  },
  {
    name: 'read: nothing at and beyond the end',
    async run(t, at) {
      await writeFile(at, 'f', 'abc');
      const file = await at.open('f');
      t.is((await file.read(3, 10)).length, 0);
      t.is((await file.read(1000, 10)).length, 0);
      t.is(String(await file.read(2, 10)), 'c');
      t.is((await file.read(2 ** 45, 10)).length, 0);
      await file.close();
    },
  },
  {
    name: 'truncate: down forgets, up gives zeros',
    async run(t, at) {
      await writeFile(at, 'f', pattern(10_000));
      await at.truncate('f', 100);
      await at.truncate('f', 20_000);
      const bytes = await readFile(at, 'f');
      t.deepEqual(bytes.subarray(0, 100), pattern(100));
      t.true(bytes.subarray(100).every((byte) => byte === 0));
      t.is(bytes.length, 20_000);
      await at.truncate('f', 0);
      t.is((await at.stat('f')).size, 0);
    },
  },
  {
    name: 'truncate: ENOENT, EISDIR, and times that move',
    async run(t, at) {
      await at.mkdir('d');
      t.is(await failure(() => at.truncate('x', 0)), 'ENOENT');
      t.is(await failure(() => at.truncate('d', 0)), 'EISDIR');
      await writeFile(at, 'f', 'abc');
      await at.utimes('f', { mtime: { seconds: 5, nanoseconds: 6 } });
      await at.truncate('f', 1);
      t.not((await at.stat('f')).mtime.seconds, 5);
    },
  },
  {
    name: 'truncate: a file may be as large as on ext4',
    async run(t, at) {
      const terabytes = 8 * 2 ** 40;
      await writeFile(at, 'f', 'a');
      await at.truncate('f', terabytes);
      t.is((await at.stat('f')).size, terabytes);
      const file = await at.open('f', { write: true });
      await file.write(terabytes - 1, Buffer.from('z'));
      t.is(String(await file.read(terabytes - 1, 5)), 'z');
      t.deepEqual(await file.read(2 ** 40, 4), Buffer.alloc(4));
      await file.close();
      t.is(await failure(() => at.truncate('f', 2 ** 45)), 'EFBIG');
    },
  },
  {
    name: 'fallocate: makes it longer, or only promises to have room',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      await file.write(0, Buffer.from('abc'));
      await file.allocate(keepSize, 0, 10_000);
      t.is((await file.stat()).size, 3);
      await file.allocate(0, 0, 10_000);
      t.is((await file.stat()).size, 10_000);
      await file.allocate(0, 0, 10);
      t.is((await file.stat()).size, 10_000);
      t.is(String(await file.read(0, 3)), 'abc');
      t.deepEqual(await file.read(9_990, 20), Buffer.alloc(10));
      await file.close();
    },
  },
  {
    name: 'fallocate: PUNCH_HOLE and ZERO_RANGE give zeros',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      const model = pattern(50_000);
      await file.write(0, model);
      await file.allocate(punchHole | keepSize, 1_000, 5_000);
      model.fill(0, 1_000, 6_000);
      await file.allocate(zeroRange, 7_001, 3_002);
      model.fill(0, 7_001, 10_003);
      await file.allocate(punchHole | keepSize, 49_000, 9_000);
      model.fill(0, 49_000);
      t.true((await file.read(0, 60_000)).equals(model));
      await file.allocate(zeroRange | keepSize, 40_000, 90_000);
      model.fill(0, 40_000);
      t.is((await file.stat()).size, 50_000);
      await file.allocate(zeroRange, 49_999, 10_001);
      t.is((await file.stat()).size, 60_000);
      await file.close();
      const bytes = await readFile(at, 'f');
      t.true(bytes.subarray(0, 50_000).equals(model));
      t.true(bytes.subarray(50_000).every((byte) => byte === 0));
    },
  },
  {
    name: 'fallocate: COLLAPSE_RANGE and INSERT_RANGE are declined, as by most file systems',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      await file.write(0, pattern(12_288));
      for (const mode of [collapse, insert]) {
        const refused = await failure(() => file.allocate(mode, 4096, 4096));
        // ext4 can do it where the file system beneath has blocks of that size.
        t.regex(refused, /^(EOPNOTSUPP|none)$/);
      }
      await file.close();
    },
  },
  {
    name: 'fallocate: EFBIG beyond everything',
    async run(t, at) {
      const file = await at.open('f', { write: true, create: true });
      t.is(await failure(() => file.allocate(0, 2 ** 53, 100)), 'EFBIG');
      t.is((await file.stat()).size, 0);
      await file.close();
    },
  },
  {
    name: 'tmpfile: without a name until it gets one',
    async run(t, at) {
      const file = await at.unnamed('.');
      await file.write(0, Buffer.from('unseen'));
      t.deepEqual(await at.list('.'), []);
      t.is((await file.stat()).links, 0);
      await file.linkAs('seen');
      t.is((await file.stat()).links, 1);
      t.is(String(await readFile(at, 'seen')), 'unseen');
      await file.write(6, Buffer.from('!'));
      await file.close();
      t.is(String(await readFile(at, 'seen')), 'unseen!');
      const lost = await at.unnamed('.');
      await lost.write(0, Buffer.from('lost'));
      await lost.close();
      t.deepEqual(await at.list('.'), ['seen']);
    },
  },
  {
    name: 'statfs: space, and no more of it free than there is',
    async run(t, at) {
      const { blockBytes, blocks, free } = await at.statfs();
      t.true(blockBytes > 0 && blocks > 0 && free > 0 && free <= blocks);
    },
  },
];
