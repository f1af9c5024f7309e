import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createLocalFiles, isLocal } from '../../../agent/host/local-files.ts';
import { fingerprintOf } from '../../../protocol/control/fingerprint.ts';
import type { VaultError } from '../../../protocol/errors.ts';
import { MiB } from '../../../protocol/limits.ts';
import { parseMountTable } from '../../../protocol/text/mount-table.ts';
import { makeSmallDisk, whyNoSmallDisk } from '../../helpers/small-disk.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const files = createLocalFiles();

const printOf = (file: string): Buffer => fingerprintOf(statSync(file, { bigint: true }));

/** The descriptors of this process that lead to `file`. */
function descriptorsOf(file: string): readonly string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)) === file;
    } catch {
      return false;
    }
  });
}

const maybe = files === undefined ? test.skip : test;

maybe('a file that is what the client means is read, and closed', async (t) => {
  const file = join(await temporaryDirectory(t), 'f');
  writeFileSync(file, 'some content');
  const source = await files!.openSource(Buffer.from(file), printOf(file));
  const room = new Uint8Array(new SharedArrayBuffer(7));
  t.is(await source!.read(5, room), 7);
  t.is(Buffer.from(room).toString(), 'content');
  t.is(await source!.read(12, room), 0);
  t.true(await source!.isUnchanged());
  t.is(descriptorsOf(file).length, 1);
  await source!.close();
  t.deepEqual(descriptorsOf(file), []);
});

maybe('whatever is not the very file of the client is not opened, or closed again', async (t) => {
  const root = await temporaryDirectory(t);
  const at = (name: string): string => join(root, name);
  writeFileSync(at('f'), 'content');
  const print = printOf(at('f'));
  writeFileSync(at('other'), 'content');
  mkdirSync(at('directory'));
  symlinkSync('f', at('link'));
  execFileSync('mkfifo', [at('fifo')]);
  const claims: readonly (readonly [string | Buffer, Buffer])[] = [
    [at('other'), print],
    [at('missing'), print],
    [at('link'), print],
    [at('directory'), printOf(at('directory'))],
    [at('fifo'), printOf(at('fifo'))],
    ['/dev/zero', printOf('/dev/zero')],
    ['/proc/self/environ', printOf('/proc/self/environ')],
    [at('f'), Buffer.alloc(0)],
    [at('f'), Buffer.alloc(40)],
    ['f', print],
    ['', print],
    [`${at('f')}\0`, print],
    [`${at('f')}/`, print],
    [`/${'x/'.repeat(5000)}`, print],
  ];
  for (const [path, claimed] of claims) {
    t.is(await files!.openSource(Buffer.from(path), claimed), undefined, String(path));
  }
  for (const name of ['f', 'other', 'directory', 'fifo']) t.deepEqual(descriptorsOf(at(name)), []);
  t.not(await files!.openSource(Buffer.from(at('f')), print), undefined, 'the control');
});

maybe('a file that is touched after it was opened is noticed', async (t) => {
  const root = await temporaryDirectory(t);
  const changes: readonly ((file: string) => void)[] = [
    (file) => {
      appendFileSync(file, 'more');
    },
    (file) => {
      truncateSync(file, 3);
    },
    (file) => {
      utimesSync(file, 7, 7);
    },
    (file) => {
      linkSync(file, `${file}.2`);
    },
  ];
  for (const [index, change] of changes.entries()) {
    const file = join(root, String(index));
    writeFileSync(file, 'content');
    utimesSync(file, 1, 1);
    const source = await files!.openSource(Buffer.from(file), printOf(file));
    t.true(await source!.isUnchanged());
    change(file);
    t.false(await source!.isUnchanged(), String(index));
    await source!.close();
  }
});

maybe('an empty file of this user is written, at its places', async (t) => {
  const file = join(await temporaryDirectory(t), 'f');
  writeFileSync(file, '', { mode: 0o600 });
  const target = await files!.openTarget(Buffer.from(file), printOf(file));
  await target!.write(4, [Buffer.from('con'), Buffer.from('tent')]);
  await target!.write(0, [new Uint8Array(new SharedArrayBuffer(4)).fill(0x2e)]);
  await target!.close();
  t.is(readFileSync(file, 'utf8'), '....content');
  t.deepEqual(descriptorsOf(file), []);
});

maybe('nothing that holds something, or is known to others, is written to', async (t) => {
  const root = await temporaryDirectory(t);
  const at = (name: string): string => join(root, name);
  writeFileSync(at('full'), 'content');
  writeFileSync(at('empty'), '');
  writeFileSync(at('linked'), '');
  linkSync(at('linked'), at('linked-2'));
  symlinkSync('empty', at('link'));
  execFileSync('mkfifo', [at('fifo')]);
  const names = ['full', 'linked', 'fifo'];
  for (const name of names) {
    t.is(await files!.openTarget(Buffer.from(at(name)), printOf(at(name))), undefined, name);
  }
  const print = printOf(at('empty'));
  for (const path of [at('link'), at('missing'), 'empty', '/dev/null', root]) {
    t.is(await files!.openTarget(Buffer.from(path), print), undefined, path);
  }
  const readable = await files!.openTarget(Buffer.from(at('empty')), print);
  t.not(readable, undefined, 'the control');
  await readable!.close();
  if (process.getuid?.() === 0) {
    chownSync(at('empty'), 12_345, 12_345);
    const theirs = printOf(at('empty'));
    t.is(await files!.openTarget(Buffer.from(at('empty')), theirs), undefined, 'of another user');
  }
  t.is(readFileSync(at('full'), 'utf8'), 'content');
});

const maybeFull = files === undefined || whyNoSmallDisk() !== undefined ? test.skip : test;

maybeFull('a disk that is full says so, with the file and what to do', async (t) => {
  const file = join(await makeSmallDisk(t, await temporaryDirectory(t), 1), 'f');
  writeFileSync(file, '', { mode: 0o600 });
  const target = await files!.openTarget(Buffer.from(file), printOf(file));
  const error = (await t.throwsAsync(target!.write(0, [Buffer.alloc(8 * MiB)]))) as VaultError;
  await target!.close();
  t.like(error, { code: 'disk-full', subject: file });
  t.regex(error.next ?? '', /make room/);
});

test('a machine whose kernel has no name for its run reads no files of clients', async (t) => {
  const file = join(await temporaryDirectory(t), 'id');
  t.is(createLocalFiles(file), undefined);
  writeFileSync(file, 'not an id');
  t.is(createLocalFiles(file), undefined);
  writeFileSync(file, '00112233-4455-6677-8899-aabbccddeeff\n');
  t.is(createLocalFiles(file)?.bootId.toString('hex'), '00112233445566778899aabbccddeeff');
});

const mounts = parseMountTable(
  [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '23 22 0:5 / /proc rw - proc proc rw',
    '24 22 0:6 / /home rw - nfs4 server:/home rw',
    '25 24 0:7 / /home/ann/vault rw - fuse.peervault peervault rw',
    '26 24 8:2 / /home/ann/disk rw - xfs /dev/sdb1 rw',
    '27 22 0:8 / /a\\040b rw - tmpfs tmpfs rw',
    '28 22 8:3 / /srv/deep/er rw - btrfs /dev/sdc1 rw',
    '29 22 0:9 / /srv rw - fuse.sshfs far: rw',
    '30 22 0:10 / /mnt rw - 9p host rw',
    '31 30 8:4 / /mnt rw - ext4 /dev/sdd1 rw',
  ].join('\n'),
);

const places: readonly (readonly [string, boolean])[] = [
  ['/etc/passwd', true],
  ['/homely', true],
  ['/proc/self/environ', false],
  ['/home/ann/f', false],
  ['/home/ann/vault/f', false],
  ['/home/ann/vaults', false],
  ['/home/ann/disk/f', true],
  ['/a b/f', true],
  // Hidden by what was mounted later above it.
  ['/srv/deep/er/f', false],
  ['/srv/f', false],
  // What was mounted last at a place is what is seen there.
  ['/mnt/f', true],
  ['relative', false],
  ['/with\0zero', false],
];

test('only file systems that ask nobody else are read from', (t) => {
  for (const [path, expected] of places) t.is(isLocal(Buffer.from(path), mounts), expected, path);
  t.false(isLocal(Buffer.from('/f'), []), 'nothing is known');
});
