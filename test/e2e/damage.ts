/**
 * Files of a home that rot while nobody looks: content is healed from another device or refused in
 * words, never given wrong; the index is made anew; a home of the future is left alone.
 */
import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkDevice } from '../helpers/crash-check.ts';
import { contentOf, digestOf, openControlSession } from '../helpers/control-session.ts';
import { ExpectedState } from '../helpers/expected-state.ts';
import { freeAddress } from '../helpers/free-address.ts';
import { mustSucceed, RealDevice, settle, temporaryFolder } from '../helpers/real-device.ts';

const files = new Map([
  ['small.txt', contentOf('small', 3000)],
  ['one-chunk.bin', contentOf('one chunk', 60_000)],
  ['many-chunks.bin', contentOf('many chunks', 3_000_000)],
]);

async function store(device: RealDevice): Promise<ExpectedState> {
  const expected = new ExpectedState();
  const session = await openControlSession(device.socket);
  await session.put(files);
  session.close();
  for (const [path, bytes] of files) {
    expected.acknowledge(expected.begin('put', new Map([[path, digestOf(bytes)]])));
  }
  return expected;
}

async function makeOne(t: ExecutionContext): Promise<RealDevice> {
  t.timeout(100_000);
  const device = new RealDevice(t, await temporaryFolder(t), 'laptop', {
    listen: await freeAddress(),
  });
  await device.init();
  await device.start();
  return device;
}

async function makeTwo(t: ExecutionContext): Promise<{ laptop: RealDevice; nas: RealDevice }> {
  const laptop = await makeOne(t);
  const nas = new RealDevice(t, await temporaryFolder(t), 'nas', { listen: await freeAddress() });
  await nas.join(await laptop.invite());
  await nas.start();
  return { laptop, nas };
}

/** Turns one bit of the byte at `offset`; a negative one counts from the end. */
async function flipBit(path: string, offset: number): Promise<void> {
  const { size } = await stat(path);
  const at = offset < 0 ? size + offset : offset;
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.of((byte[0] ?? 0) ^ 0x10), 0, 1, at);
  } finally {
    await file.close();
  }
}

/** One bit in the middle of each of `count` equal parts, after the 64 bytes of the header. */
async function flipBits(path: string, count: number): Promise<void> {
  const { size } = await stat(path);
  for (let part = 0; part < count; part++) {
    await flipBit(path, 64 + Math.floor(((part + 0.5) * (size - 64)) / count));
  }
}

async function pathsIn(
  device: RealDevice,
  folder: string,
  pattern: RegExp,
): Promise<readonly string[]> {
  const names = await readdir(join(device.home, folder));
  return names.filter((name) => pattern.test(name)).map((name) => join(device.home, folder, name));
}

async function flipSegments(device: RealDevice): Promise<void> {
  for (const path of await pathsIn(device, 'segments', /\.seg$/)) await flipBits(path, 40);
}

test.serial(
  'damaged chunks are healed from another device, and status and doctor name the file',
  async (t) => {
    const { laptop, nas } = await makeTwo(t);
    const expected = await store(laptop);
    await settle([laptop, nas]);
    await nas.stop();
    await laptop.stop();
    await flipSegments(laptop);
    await laptop.start();
    const { code, stderr } = await laptop.vault('cat', 'many-chunks.bin');
    t.true(code === 8 || code === 9, `${String(code)} ${stderr}`);
    const { health, reasons } = await laptop.status();
    t.is(health, 'attention');
    const named = reasons.find((reason) => reason.code === 'store-damaged');
    t.regex(named?.subject ?? '', /^segments\//);
    t.regex(named?.message ?? '', /no device that is online has/);
    const doctor = mustSucceed(await laptop.vault('doctor', '--json')).stdout;
    t.true(doctor.includes('store-damaged'), doctor);

    await nas.start();
    await settle([laptop, nas]);
    const mended = await laptop.status();
    t.deepEqual(mended.reasons, [], 'what is mended is no reason any more');
    t.is(mended.health, 'ok');
    const afterwards = mustSucceed(await laptop.vault('doctor', '--json')).stdout;
    t.regex(afterwards, /damaged records? set aside since the start, the last in segments\//);
    t.deepEqual(await checkDevice(laptop, expected), []);

    await laptop.stop();
    await flipSegments(laptop);
    await laptop.start();
    t.deepEqual(await checkDevice(laptop, expected), [], 'nobody sees a wrong byte');
    await settle([laptop, nas]);
    await nas.stop();
    t.deepEqual(await checkDevice(laptop, expected), [], 'the good copies stay');
    await laptop.stop();
    await laptop.start();
    t.deepEqual(await checkDevice(laptop, expected), []);
  },
);

test.serial(
  'damaged chunks without another copy are refused with status 8 and a reason',
  async (t) => {
    const device = await makeOne(t);
    await store(device);
    await device.stop();
    await flipSegments(device);
    await device.start();
    for (const path of ['one-chunk.bin', 'many-chunks.bin']) {
      const { code, stderr } = await device.vault('cat', path);
      t.is(code, 8, `${path}: ${stderr}`);
      t.regex(stderr, /damaged|no other device/);
    }
    const small = mustSucceed(await device.vault('get', 'small.txt', join(device.home, 'small')));
    t.is(small.code, 0);
    t.deepEqual(await readFile(join(device.home, 'small')), files.get('small.txt'));
    await device.stop();
    await device.start();
    const { code, stderr } = await device.vault('cat', 'many-chunks.bin');
    t.true(
      code === 8 || code === 9,
      `after a restart it is still refused: ${String(code)} ${stderr}`,
    );
  },
);

async function flipJournals(device: RealDevice, offset: number): Promise<void> {
  for (const path of await pathsIn(device, 'journals', /\.jnl$/)) await flipBit(path, offset);
}

for (const [what, offset] of [
  ['end', -100],
  ['first batch', 64 + 48 + 3000 + 200],
] as const) {
  test.serial(
    `a journal damaged in its ${what} is refetched from another device and writing goes on`,
    async (t) => {
      const { laptop, nas } = await makeTwo(t);
      const expected = await store(laptop);
      await settle([laptop, nas]);
      await laptop.stop();
      await flipJournals(laptop, offset);
      await laptop.start();
      const { reasons } = await laptop.status();
      t.true(
        reasons.some(({ code }) => code === 'journal-damaged'),
        JSON.stringify(reasons),
      );
      await settle([laptop, nas]);
      t.deepEqual(await checkDevice(laptop, expected), []);
      const source = join(laptop.home, '..', 'source');
      await writeFile(source, 'written after the repair');
      mustSucceed(await laptop.vault('put', source, 'later.txt'));
      const later = digestOf(Buffer.from('written after the repair'));
      expected.acknowledge(expected.begin('put', new Map([['later.txt', later]])));
      await settle([laptop, nas]);
      for (const device of [laptop, nas]) t.deepEqual(await checkDevice(device, expected), []);
      await laptop.kill();
      await laptop.start();
      await settle([laptop, nas]);
      for (const device of [laptop, nas]) t.deepEqual(await checkDevice(device, expected), []);
    },
  );
}

// Known gap: no call of the peer wire asks for a small record, and its batch is here.
test.serial('a damaged small record is healed from another device', async (t) => {
  const { laptop, nas } = await makeTwo(t);
  const expected = await store(laptop);
  await settle([laptop, nas]);
  await laptop.stop();
  await flipJournals(laptop, 64 + 48 + 100);
  await laptop.start();
  await settle([laptop, nas]);
  t.deepEqual(await checkDevice(laptop, expected), []);
});

test.serial('a damaged small record is never given wrong: it is refused and named', async (t) => {
  const device = await makeOne(t);
  await store(device);
  await device.stop();
  await flipJournals(device, 64 + 48 + 100);
  await device.start();
  const { code, stdout, stderr } = await device.vault('cat', 'small.txt');
  t.true(code === 8 || code === 9, `${String(code)} ${stderr}`);
  t.is(stdout, '');
  const { reasons } = await device.status();
  t.true(
    reasons.some((reason) => reason.code === 'store-damaged'),
    JSON.stringify(reasons),
  );
  const other = await device.vault('cat', 'one-chunk.bin');
  t.is(other.code, 0, 'the rest of the journal counts');
});

const indexDamages: Readonly<Record<string, (device: RealDevice) => Promise<void>>> = {
  'is gone': (device) => rm(join(device.home, 'index'), { recursive: true }),
  'does not say where it begins': (device) =>
    writeFile(join(device.home, 'index', 'CURRENT'), 'rubbish'),
  'has rotten files': async (device) => {
    for (const path of await pathsIn(device, 'index', /\.(ldb|log)$/)) await flipBits(path, 50);
  },
  'has a torn manifest': async (device) => {
    for (const path of await pathsIn(device, 'index', /^MANIFEST/)) await truncate(path, 10);
  },
  'is full of strangers': (device) =>
    writeFile(join(device.home, 'index', '999999.ldb'), contentOf('x', 5000)),
};

for (const [what, damage] of Object.entries(indexDamages)) {
  test.serial(`an agent whose index ${what} starts and shows everything`, async (t) => {
    const device = await makeOne(t);
    const expected = await store(device);
    await device.stop();
    await damage(device);
    await device.start();
    t.deepEqual(await checkDevice(device, expected), []);
    t.is((await device.status()).health, 'ok');
  });
}

test.serial('doctor says that the index was made anew', async (t) => {
  const device = await makeOne(t);
  await store(device);
  await device.stop();
  await rm(join(device.home, 'index'), { recursive: true });
  await device.start();
  t.regex(mustSucceed(await device.vault('doctor')).stdout, /the index was made anew/);
});

test.serial('a home of a newer version is refused and left as it is', async (t) => {
  const device = await makeOne(t);
  await device.stop();
  const format = join(device.home, 'format');
  await writeFile(format, 'peervault home 2\n');
  const before = await readdir(device.home, { recursive: true });
  const { code, stderr } = await device.vaultd('start', '--listen', '127.0.0.1:0');
  t.is(code, 1);
  t.regex(stderr, /newer version/);
  t.regex(stderr, /format 2/);
  t.is(await readFile(format, 'utf8'), 'peervault home 2\n');
  t.deepEqual(await readdir(device.home, { recursive: true }), before);
});
