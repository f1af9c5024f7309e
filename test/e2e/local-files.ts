/**
 * Large files that client and agent both see: the agent reads and writes them itself. Whether it did is
 * told by a socket in between that counts what passes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { fingerprintOf } from '../../protocol/control/fingerprint.ts';
import type { TransferRow } from '../../protocol/control/reports.ts';
import { KiB, MiB } from '../../protocol/limits.ts';
import { contentOf, openControlSession } from '../helpers/control-session.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';
import { mountedDevice, whyNoMount } from '../helpers/real-mount.ts';
import { makeSmallDisk, whyNoSmallDisk } from '../helpers/small-disk.ts';

/** Large enough to be named, and more than one slab. */
const largeBytes = 9 * MiB + 321;
/** What a call may say besides content. */
const talkBytesMax = 64 * KiB;

interface Bench {
  readonly device: RealDevice;
  readonly folder: string;
  /** Stands in front of the agent's socket. */
  readonly counted: Counted;
  readonly file: (name: string, bytes?: number) => string;
}

async function start(t: ExecutionContext): Promise<Bench> {
  const folder = await temporaryFolder(t);
  const device = new RealDevice(t, folder, 'laptop');
  await device.init();
  await device.start();
  const counted = await countingSocket(t, join(folder, 'counted.sock'), device.socket);
  const file = (name: string, bytes = largeBytes): string => {
    const path = join(folder, name);
    writeFileSync(path, contentOf(name, bytes));
    return path;
  };
  return { device, folder, counted, file };
}

interface Counted {
  readonly path: string;
  /** Bytes to the agent, and from it, since this was asked last. */
  take(): { up: number; down: number };
}

async function countingSocket(t: ExecutionContext, path: string, to: string): Promise<Counted> {
  let passed = { up: 0, down: 0 };
  const server = createServer((client) => {
    const agent = connect(to);
    client.on('data', ({ length }) => (passed.up += length));
    agent.on('data', ({ length }) => (passed.down += length));
    client.pipe(agent);
    agent.pipe(client);
    for (const [one, other] of [
      [client, agent],
      [agent, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => server.close());
  return {
    path,
    take() {
      const before = passed;
      passed = { up: 0, down: 0 };
      return before;
    },
  };
}

const digestOf = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

/** What is stored at `path`, got through the agent's own socket. */
async function storedDigest({ device, folder }: Bench, path: string): Promise<string> {
  const target = join(folder, `got-${String(Math.random())}`);
  mustSucceed(await device.vault('get', path, target));
  return digestOf(target);
}

/** Files that the agent's processes have open, by the paths that the kernel knows. */
function openFiles({ supervisorPid }: RealDevice): readonly string[] {
  const pids = readFileSync(
    `/proc/${String(supervisorPid)}/task/${String(supervisorPid)}/children`,
    'utf8',
  );
  return pids
    .trim()
    .split(' ')
    .flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`);
        } catch {
          return [];
        }
      }),
    );
}

test.serial(
  'a large file is read by the agent, and its bytes do not cross the socket',
  async (t) => {
    const bench = await start(t);
    const { device, counted, file, folder } = bench;
    const large = file('large');
    mustSucceed(await device.vault('put', large, '/large', '--socket', counted.path));
    t.true(counted.take().up < talkBytesMax);
    t.is(await storedDigest(bench, '/large'), digestOf(large));
    t.false(openFiles(device).includes(large));

    // Among others, in their order, and named as the command line does.
    mkdirSync(join(folder, 'tree/deep'), { recursive: true });
    const names = ['a-small', 'b-large', 'deep/c-large', 'deep/d-small', 'e-empty'];
    const sizes = [3000, 2 * MiB, 5 * MiB, 70 * KiB, 0];
    for (const [index, name] of names.entries()) file(`tree/${name}`, sizes[index]);
    const put = await device.run('vault', ['put', '-r', 'tree', '/', '--socket', counted.path], {
      cwd: folder,
    });
    mustSucceed(put);
    const small = sizes.filter((size) => size < MiB).reduce((sum, size) => sum + size);
    const { up } = counted.take();
    t.true(up > small && up < small + talkBytesMax, String(up));
    for (const name of names) {
      t.is(await storedDigest(bench, `/tree/${name}`), digestOf(join(folder, 'tree', name)), name);
    }
    const again = (await device.json('put', '-r', join(folder, 'tree'), '/')) as object;
    t.like(again, { files: 0, skipped: 5 });

    // An import is a put.
    mustSucceed(
      await device.vault('import', join(folder, 'tree'), '/imported', '--socket', counted.path),
    );
    t.true(counted.take().up < small + talkBytesMax);
    t.is(
      await storedDigest(bench, '/imported/deep/c-large'),
      digestOf(`${folder}/tree/deep/c-large`),
    );
  },
);

test.serial('through ssh everything is sent, and so is standard input', async (t) => {
  const bench = await start(t);
  const { device, counted, file, folder } = bench;
  const large = file('large');
  const ssh = join(folder, 'ssh');
  // Like ssh: its last argument is a command for the shell of the other machine.
  writeFileSync(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  const bin = join(import.meta.dirname, '..', '..', 'bin');
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const words = ['put', large, '/far', '--ssh', 'nas', '--socket', counted.path];
  mustSucceed(await device.run('vault', words, { env: { VAULT_RSH: ssh, PATH: path } }));
  t.true(counted.take().up > largeBytes);
  t.is(await storedDigest(bench, '/far'), digestOf(large));
  const back = ['get', '/far', join(folder, 'back'), '--ssh', 'nas', '--socket', counted.path];
  mustSucceed(await device.run('vault', back, { env: { VAULT_RSH: ssh, PATH: path } }));
  t.true(counted.take().down > largeBytes);
  t.is(digestOf(join(folder, 'back')), digestOf(large));

  const input = readFileSync(large);
  mustSucceed(await device.run('vault', ['put', '-', '/in', '--socket', counted.path], { input }));
  t.true(counted.take().up > largeBytes);
  t.is(await storedDigest(bench, '/in'), digestOf(large));
});

test.serial('a claim that is not true is answered with a request to send the body', async (t) => {
  const bench = await start(t);
  const { device, folder, file } = bench;
  const large = file('large');
  const printed = fingerprintOf(statSync(large, { bigint: true }));
  const bootId = Buffer.from(
    readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').replaceAll('-', ''),
    'hex',
  );
  copyFileSync(large, `${large}.2`);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  const session = await openControlSession(device.socket);
  t.teardown(() => {
    session.close();
  });

  /** Offers one file and names it; gives what the agent answered to that, after sending it if asked. */
  async function name(path: string, claimed: { bootId: Buffer; fingerprint: Buffer }) {
    const request = { parents: false, into: false, checksum: true, bootId: claimed.bootId };
    const put = session.client.put({ destination: Buffer.from('claimed'), ...request });
    const content = Buffer.from('sent in its place');
    await put.offer([
      {
        path: Buffer.alloc(0),
        kind: 'file',
        size: largeBytes,
        mode: 0o644,
        mtime: { seconds: 1, nanoseconds: 0 },
        fingerprint: claimed.fingerprint,
      },
    ]);
    const need = await put.receive();
    t.is(need?.type, 'need');
    await put.nameBody(0, Buffer.from(path));
    let answer = await put.receive();
    while (answer?.type === 'progress') answer = await put.receive();
    if (answer?.type === 'local' && answer.send === true) {
      await put.beginBody(0);
      await put.data(content);
      await put.endBody(0, false);
    }
    put.end();
    let down = await put.receive();
    while (down !== undefined && down.type !== 'done') down = await put.receive();
    t.is(down?.type, 'done');
    while (down !== undefined) down = await put.receive();
    return { answer, localFiles: need?.type === 'need' && need.localFiles === true };
  }

  const good = { bootId, fingerprint: printed };
  const otherBoot = { bootId: Buffer.alloc(16), fingerprint: printed };
  const fifo = join(folder, 'fifo');
  const fifoPrint = fingerprintOf(statSync(fifo, { bigint: true }));
  const claims: readonly (readonly [string, typeof good])[] = [
    [`${large}.2`, good],
    [join(folder, 'nothing'), good],
    [fifo, { bootId, fingerprint: fifoPrint }],
    ['/dev/zero', good],
    [folder, good],
    ['large', good],
    [large, otherBoot],
  ];
  for (const [path, claimed] of claims) {
    const { answer, localFiles } = await name(path, claimed);
    t.like(answer, { type: 'local', item: 0, send: true }, path);
    t.is(localFiles, claimed.bootId === bootId, path);
    const stored = mustSucceed(await device.vault('cat', '/claimed')).stdout;
    t.is(stored, 'sent in its place', path);
  }
  const { answer } = await name(large, good);
  t.like(answer, { type: 'local', item: 0 });
  t.not(answer?.type === 'local' && answer.send, true, 'the control');
  t.is(await storedDigest(bench, '/claimed'), digestOf(large));
  for (const path of [large, `${large}.2`, fifo]) t.false(openFiles(device).includes(path));
});

/** Puts a file and stops in the middle of it: resolves when the agent has read some and reads no more. */
async function heldPut({ device }: Bench, source: string) {
  const running = device.launch('vault', ['put', source, '/held', '--json']);
  running.child.stdin.end();
  const rows = async () =>
    ((await device.json('transfers')) as TransferRow[]).filter(({ id }) => id.startsWith('put-'));
  let id = '';
  await eventually('the put runs', async () => {
    const [row] = await rows();
    id = row?.id ?? '';
    return id !== '';
  });
  mustSucceed(await device.vault('transfers', 'pause', id));
  await eventually('the agent has the file open', () =>
    Promise.resolve(openFiles(device).includes(source)),
  );
  return { ...running, id, resume: () => device.vault('transfers', 'resume', id), rows };
}

test.serial(
  'a file that changes while the agent reads it is left out, and the rest stored',
  async (t) => {
    const bench = await start(t);
    const { device, folder } = bench;
    const changes: readonly ((file: string) => void)[] = [
      (file) => {
        appendFileSync(file, 'x');
      },
      (file) => {
        truncateSync(file, 10);
      },
    ];
    for (const change of changes) {
      // Zeros cost no room on the disk, and are stored once.
      const busy = join(folder, 'busy');
      writeFileSync(busy, '');
      truncateSync(busy, 1024 * MiB);
      const put = await heldPut(bench, busy);
      change(busy);
      mustSucceed(await put.resume());
      const { code, stderr } = await put.outcome;
      t.is(code, 1, stderr);
      const { error } = JSON.parse(stderr) as { error: Record<string, string> };
      t.like(error, { code: 'source-changed', subject: busy });
      t.is((await device.vault('stat', '/held')).code, 3);
      t.false(openFiles(device).includes(busy));
    }
  },
);

test.serial('Ctrl-C in the middle leaves nothing to be seen, and nothing open', async (t) => {
  const bench = await start(t);
  const { device, folder } = bench;
  const source = join(folder, 'source');
  writeFileSync(source, '');
  truncateSync(source, 1024 * MiB);
  const put = await heldPut(bench, source);
  const [row] = await put.rows();
  t.true(row !== undefined && row.bytesTotal === 1024 * MiB, JSON.stringify(row));
  put.child.kill('SIGINT');
  t.is((await put.outcome).code, 130);
  await eventually('the agent has closed the file', () =>
    Promise.resolve(!openFiles(device).includes(source)),
  );
  t.is((await device.vault('stat', '/held')).code, 3);
  t.deepEqual(await put.rows(), []);
});

test.serial('a file whose place another one took is not stored under its name', async (t) => {
  const bench = await start(t);
  const { device, folder, file } = bench;
  const source = join(folder, 'source');
  writeFileSync(source, '');
  truncateSync(source, 1024 * MiB);
  const put = await heldPut(bench, source);
  // The one that is open goes on being read: it is still what was offered, whatever it is called.
  renameSync(file('other'), source);
  mustSucceed(await put.resume());
  const { code, stderr } = await put.outcome;
  // Renaming over it touched its inode, so it counts as changed.
  t.is(code, 1, stderr);
  t.regex(stderr, /source-changed/);
  t.is((await device.vault('stat', '/held')).code, 3);
});

test.serial('a large file is written by the agent, with everything that a get keeps', async (t) => {
  const { device, counted, file, folder } = await start(t);
  mkdirSync(join(folder, 'tree/deep'), { recursive: true });
  const names = ['a-small', 'b-large', 'deep/c-large', 'deep/d-small', 'e-empty'];
  const sizes = [3000, 2 * MiB, largeBytes, 70 * KiB, 0];
  for (const [index, name] of names.entries()) file(`tree/${name}`, sizes[index]);
  chmodSync(join(folder, 'tree/b-large'), 0o640);
  utimesSync(join(folder, 'tree/b-large'), 1_700_000_000, 1_600_000_000);
  mustSucceed(await device.vault('put', '-r', join(folder, 'tree'), '/'));

  const large = join(folder, 'tree/deep/c-large');
  writeFileSync(join(folder, 'got'), 'an older file');
  const words = ['get', '/tree/deep/c-large', join(folder, 'got'), '--socket', counted.path];
  mustSucceed(await device.vault(...words));
  t.true(counted.take().down < talkBytesMax);
  t.is(digestOf(join(folder, 'got')), digestOf(large));

  const small = sizes.filter((size) => size < MiB).reduce((sum, size) => sum + size);
  const all = async (what: string, ...command: string[]): Promise<void> => {
    mustSucceed(await device.vault(...command, '--socket', counted.path));
    const { down } = counted.take();
    t.true(down > small && down < small + talkBytesMax, `${what}: ${String(down)}`);
    const target = join(folder, what);
    for (const name of names)
      t.is(digestOf(join(target, name)), digestOf(`${folder}/tree/${name}`));
    const { mode, mtimeMs } = statSync(join(target, 'b-large'));
    t.deepEqual([mode & 0o7777, mtimeMs], [0o640, 1_600_000_000_000]);
    t.deepEqual(
      readdirSync(target).filter((name) => name.startsWith('.')),
      [],
    );
  };
  await all('got-tree', 'get', '-r', '/tree', join(folder, 'got-tree'));
  await all('exported', 'export', '/tree', join(folder, 'exported'));

  const part = await device.vault('cat', '/tree/b-large', '--offset', '7', '--length', '9');
  t.is(part.stdout, readFileSync(join(folder, 'tree/b-large')).toString('utf8', 7, 16));
  t.deepEqual(
    openFiles(device).filter((path) => path.startsWith(folder) && !path.startsWith(device.home)),
    [],
  );
});

/** A large file in the vault that costs no room on the disk. */
async function putZeros({ device, folder }: Bench, bytes: number): Promise<void> {
  const source = join(folder, 'zeros');
  writeFileSync(source, '');
  truncateSync(source, bytes);
  mustSucceed(await device.vault('put', source, '/zeros'));
}

test.serial('Ctrl-C in the middle of a get leaves no file, and nothing open', async (t) => {
  const bench = await start(t);
  const { device, folder } = bench;
  await putZeros(bench, 512 * MiB);
  const target = join(folder, 'target');
  mkdirSync(target);
  const { child, outcome } = device.launch('vault', ['get', '/zeros', target]);
  child.stdin.end();
  const rows = async () =>
    ((await device.json('transfers')) as TransferRow[]).filter(({ id }) => id.startsWith('get-'));
  let id = '';
  await eventually('the get runs', async () => {
    id = (await rows())[0]?.id ?? '';
    return id !== '';
  });
  mustSucceed(await device.vault('transfers', 'pause', id));
  const written = (): readonly string[] =>
    openFiles(device).filter((path) => path.startsWith(`${target}/`));
  await eventually('the agent writes the file', () => Promise.resolve(written().length === 1));
  const [row] = await rows();
  t.like(row, { bytesTotal: 512 * MiB, state: 'paused' });
  child.kill('SIGINT');
  t.is((await outcome).code, 130);
  await eventually('the agent has closed it', () => Promise.resolve(written().length === 0));
  t.deepEqual(readdirSync(target), []);
  t.deepEqual(await rows(), []);
});

const noSmallDisk = whyNoSmallDisk();
const onSmallDisk = noSmallDisk === undefined ? test.serial : test.serial.skip;

onSmallDisk('a get that the disk has no room for says so, and leaves nothing', async (t) => {
  const bench = await start(t);
  const { device, folder } = bench;
  await putZeros(bench, 8 * MiB);
  const disk = await makeSmallDisk(t, folder, 4);
  const { code, stderr } = await device.vault('get', '/zeros', disk, '--json');
  const { error } = JSON.parse(stderr) as { error: Record<string, string> };
  t.like(error, { code: 'disk-full', subject: join(disk, 'zeros') });
  t.regex(error['next'] ?? '', /make room on this disk/);
  t.not(code, 0);
  t.deepEqual(readdirSync(disk), []);
  t.is((await device.vault('ls', '/zeros')).code, 0);
});

const noMount = whyNoMount();
const mounted = noMount === undefined ? test.serial : test.serial.skip;

mounted('a file in the mount of the vault itself is read and written by the client', async (t) => {
  const { device, mount, folder } = await mountedDevice(t, 'mounted');
  const counted = await countingSocket(t, join(folder, 'counted.sock'), device.socket);
  writeFileSync(join(folder, 'plain'), contentOf('in the mount', largeBytes));
  execFileSync('cp', [join(folder, 'plain'), join(mount, 'inside')]);
  mustSucceed(await device.vault('put', join(mount, 'inside'), '/again', '--socket', counted.path));
  t.true(counted.take().up > largeBytes);
  t.is(digestOf(join(mount, 'again')), digestOf(join(folder, 'plain')));

  const target = join(mount, 'got');
  mustSucceed(await device.vault('get', '/inside', target, '--socket', counted.path));
  t.true(counted.take().down > largeBytes);
  t.is(digestOf(target), digestOf(join(folder, 'plain')));
});
