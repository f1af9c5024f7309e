/** What of the past is kept, what goes for good, and the space that comes back: two devices, one vault. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { DiskFreeReport } from '../../protocol/control/reports.ts';
import type {
  CollectReport,
  ForgetReport,
  RetentionReport,
} from '../../protocol/control/retention-reports.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  type Launched,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
let nas: RealDevice;
let cellar: RealDevice;

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  cellar = new RealDevice(shared, folder, 'cellar');
  await laptop.init();
  await laptop.start();
  for (const [device, role] of [
    [nas, 'writer'],
    [cellar, 'blind'],
  ] as const) {
    await device.join(await laptop.invite(role));
    await device.start();
  }
});

async function put(device: RealDevice, path: string, content: Uint8Array): Promise<void> {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
}

async function cat(device: RealDevice, path: string): Promise<number | null> {
  return (await device.vault('cat', path)).code;
}

/** Bytes of the files of sealed chunks. */
function segmentBytes(device: RealDevice): Promise<number> {
  return bytesOf(join(device.home, 'segments'), '.seg');
}

function journalBytes(device: RealDevice): Promise<number> {
  return bytesOf(join(device.home, 'journals'), '.jnl');
}

async function bytesOf(directory: string, ending: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    if (!name.endsWith(ending)) continue;
    // A file that goes meanwhile takes no space.
    bytes += await stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

const versionBytes = 600_000;

test.serial('a rule lets old versions go, and their bytes come back on every device', async (t) => {
  const contents = Array.from({ length: 5 }, () => randomBytes(versionBytes));
  for (const content of contents) await put(laptop, 'docs/a.bin', content);
  await put(nas, 'kept/b.bin', randomBytes(versionBytes));
  const log = (await laptop.json('log', 'docs/a.bin')) as { version: string }[];
  const oldest = log.at(-1)?.version ?? '';
  mustSucceed(await laptop.vault('snapshot', 'create', 'before'));
  await put(laptop, 'docs/a.bin', randomBytes(versionBytes));
  await settle([laptop, nas]);
  mustSucceed(await nas.vault('retention', 'set', 'docs', '--keep-last', '2'));
  await settle([laptop, nas]);
  const shown = (await laptop.json('retention', 'docs/a.bin')) as RetentionReport;
  t.deepEqual(shown.keep, { rule: 'keep-last=2', path: '/docs' });
  t.is(shown.own, null);
  const before = await Promise.all([laptop, nas, cellar].map(segmentBytes));

  const dry = (await nas.json('forget', '--dry-run')) as ForgetReport;
  t.is(dry.versions, 4);
  t.true(dry.bytes >= 4 * versionBytes);
  t.deepEqual(
    dry.rows.map(({ fate, reasons }) => [fate, ...reasons]),
    [['kept', 'current'], ['kept', 'last'], ...Array.from({ length: 4 }, () => ['goes'])],
  );
  t.is((await nas.vault('forget')).code, 5, 'a writer is no admin');

  const report = (await laptop.json('forget')) as ForgetReport;
  t.is(report.versions, 4);
  t.is(report.releases.length, 1);
  await settle([laptop, nas]);
  for (const [at, device] of [laptop, nas, cellar].entries()) {
    await eventually(`${device.name} gives the space back`, async () => {
      const collected = (await device.json('gc')) as CollectReport;
      t.is(collected.stopped, null);
      const now = await segmentBytes(device);
      return now <= (before[at] ?? 0) - 3.9 * versionBytes;
    });
  }
  t.is(await cat(laptop, `docs/a.bin@${oldest}`), 3);
  const refused = await nas.vault('restore', `docs/a.bin@${oldest}`);
  t.is(refused.code, 3);
  t.regex(refused.stderr, /retention/);
  const after = (await laptop.json('log', 'docs/a.bin')) as {
    version: string;
    released?: boolean;
  }[];
  t.is(after.at(-1)?.released, true);
  t.not(after[0]?.released, true);
  // What stays is whole, here and on the others, and nobody asks for what went.
  t.is(await cat(laptop, 'docs/a.bin'), 0);
  t.is(await cat(nas, 'docs/a.bin'), 0);
  t.is(await cat(nas, 'kept/b.bin'), 0);
  t.is(mustSucceed(await laptop.vault('cat', '--at', 'before', 'docs/a.bin')).code, 0);
  for (const device of [laptop, nas, cellar]) t.is((await device.status()).behindBytes, 0);
  const again = (await laptop.json('forget', '--dry-run')) as ForgetReport;
  t.is(again.versions, 0);
});

test.serial('it survives restarts, and the same content can be stored again', async (t) => {
  const content = randomBytes(versionBytes);
  await put(laptop, 'docs/c.bin', content);
  for (let turn = 0; turn < 2; turn++) await put(laptop, 'docs/c.bin', randomBytes(versionBytes));
  await settle([laptop, nas]);
  await nas.kill();
  const report = (await laptop.json('forget', 'docs/c.bin')) as ForgetReport;
  t.is(report.versions, 1);
  await laptop.stop();
  await laptop.start();
  const waiting = (await laptop.json('gc')) as CollectReport;
  t.deepEqual(
    waiting.waitsFor.map(({ name }) => name),
    ['nas'],
  );
  t.true(waiting.waitingChunks > 0);
  const held = (await laptop.json('df')) as DiskFreeReport;
  t.true((held.deadBytes ?? 0) >= waiting.waitingBytes);
  t.is((held.liveBytes ?? 0) + (held.deadBytes ?? 0), held.storedBytes);
  t.true((held.diskTotalBytes ?? 0) > held.diskFreeBytes);
  const status = await laptop.status();
  t.is(status.space?.waitingBytes, waiting.waitingBytes);
  t.deepEqual(
    status.space?.waitsFor.map(({ name, online }) => [name, online]),
    [['nas', false]],
  );
  t.true(status.reasons.some(({ code }) => code === 'space-waits'));
  t.regex((await laptop.vault('status')).stdout, /comes back.*wait for nas/);
  t.regex((await laptop.vault('doctor')).stdout, /space-waits: .* nas/);
  t.regex((await laptop.vault('events')).stdout, /wait until these have agreed: nas/);
  await nas.start();
  await eventually('laptop drops it', async () => {
    const collected = (await laptop.json('gc')) as CollectReport;
    return collected.waitingChunks === 0;
  });
  const { space } = await laptop.status();
  t.is(space?.waitingBytes, 0);
  const freed = (await laptop.json('df')) as DiskFreeReport;
  t.true((freed.deadBytes ?? Infinity) <= (held.deadBytes ?? 0) - versionBytes);
  t.notRegex((await laptop.vault('df')).stdout, /\?/);
  t.truthy(space?.lastRun);
  t.truthy(space?.nextRunAt);
  await put(nas, 'again.bin', content);
  await settle([laptop, nas]);
  const got = join(folder, 'got.bin');
  mustSucceed(await laptop.vault('get', 'again.bin', got));
  t.true((await readFile(got)).equals(content));
});

/** An upload that has sent some bytes and sends no more for now. */
function beginPut(device: RealDevice, path: string, content: Buffer): Launched {
  const launched = device.launch('vault', ['put', '-p', '-', path]);
  shared.teardown(() => void launched.child.kill('SIGKILL'));
  launched.child.stdin.write(content);
  return launched;
}

test.serial(
  'what uploads left that were given up goes; one that is under way keeps all',
  async (t) => {
    await laptop.stop();
    laptop.change({ environment: { VAULT_STORE_UNNAMED_AFTER: '1s' } });
    await laptop.start();
    const before = await segmentBytes(laptop);
    const half = randomBytes(6 << 20);
    const running = beginPut(laptop, 'running.bin', half);
    const lost = beginPut(laptop, 'lost.bin', randomBytes(12 << 20));
    // Slabs that are not full yet are in memory.
    await eventually('both have stored chunks', async () => {
      return (await segmentBytes(laptop)) > before + (10 << 20);
    });
    const stored = await segmentBytes(laptop);
    lost.child.kill('SIGKILL');
    await lost.outcome;
    const during = (await laptop.json('gc')) as CollectReport;
    t.true(during.unnamedChunks > 0);
    t.truthy(during.unnamedGoAt);
    t.is(during.chunks, 0, 'one upload is under way, and may have used each of them');
    await eventually('the time of grace is over', async () => {
      const { unnamedGoAt } = (await laptop.json('gc', '--dry-run')) as CollectReport;
      return Date.parse(unnamedGoAt ?? '') <= Date.now();
    });
    t.is(((await laptop.json('gc')) as CollectReport).chunks, 0);
    t.true((await segmentBytes(laptop)) >= stored);

    const rest = randomBytes(2 << 20);
    running.child.stdin.end(rest);
    t.is((await running.outcome).code, 0);
    await eventually('what nothing names goes', async () => {
      const { stopped } = (await laptop.json('gc')) as CollectReport;
      t.is(stopped, null);
      return (await segmentBytes(laptop)) < before + 9.5 * 2 ** 20;
    });
    const got = join(folder, 'running.bin');
    mustSucceed(await laptop.vault('get', 'running.bin', got));
    t.true((await readFile(got)).equals(Buffer.concat([half, rest])));
  },
);

test.serial(
  'what small files held goes from the journals, and who joins later lacks nothing',
  async (t) => {
    const contents = Array.from({ length: 6 }, () => randomBytes(4_000));
    for (const content of contents) await put(laptop, 'notes/small.txt', content);
    mustSucceed(await laptop.vault('retention', 'set', 'notes', '--keep-last', '2'));
    await settle([laptop, nas]);
    const log = (await laptop.json('log', 'notes/small.txt')) as { version: string }[];
    const [, before, gone] = log.map(({ version }) => `notes/small.txt@${version}`);
    await eventually('the blind one has all batches', async () => {
      const { behindOps } = await cellar.status();
      return behindOps === 0 && (await journalBytes(cellar)) > 24_000;
    });
    const sizes = await Promise.all([laptop, nas, cellar].map(journalBytes));
    const report = (await laptop.json('forget', 'notes')) as ForgetReport;
    t.is(report.versions, 4);
    for (const [at, device] of [laptop, nas, cellar].entries()) {
      await eventually(`${device.name} writes its journals anew`, async () => {
        const { stopped } = (await device.json('gc')) as CollectReport;
        t.is(stopped, null);
        return (await journalBytes(device)) < (sizes[at] ?? 0) - 3.5 * 4_000;
      });
    }
    const late = new RealDevice(shared, folder, 'late');
    await late.join(await laptop.invite('reader'));
    await late.start();
    await settle([laptop, nas, late]);
    for (const device of [laptop, nas, late]) {
      for (const [path, content] of [
        ['notes/small.txt', contents[5]],
        [before ?? '', contents[4]],
      ] as const) {
        const got = join(folder, `${device.name} ${path.slice(-8)}`);
        mustSucceed(await device.vault('get', path, got));
        t.true((await readFile(got)).equals(content ?? Buffer.alloc(0)));
      }
      t.is(await cat(device, gone ?? ''), 3);
    }
    // A start reads the journals as they are now.
    await laptop.stop();
    await laptop.start();
    t.is(await cat(laptop, before ?? ''), 0);
    t.is((await laptop.status()).health, 'ok');
  },
);
