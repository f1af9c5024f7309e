/**
 * Random operations on files of a mount and on plain bytes beside them: what is read is what was written,
 * whatever is published, cut, punched, copied, mapped, reopened or killed in between.
 */
import test from 'ava';
import { randomInt } from 'node:crypto';
import { open, readFile, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { seededFraction } from '../../helpers/sim-store.ts';
import { mapShared, system } from '../../helpers/posix/libc.ts';
import { mountedDevice, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined)
  process.stderr.write(`skipped: ${missing}
`);

const operations = 600;
const sizeMax = 3 * 1024 * 1024;
const pageBytes = 4096;
const fallocateModes = { punchHole: 3, zeroRange: 0x10 } as const;

class Twin {
  readonly path: string;
  bytes = Buffer.alloc(0);
  handle: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async opened(): Promise<FileHandle> {
    this.handle ??= await open(this.path, 'r+').catch(() => open(this.path, 'w+'));
    return this.handle;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  write(offset: number, data: Buffer): void {
    if (offset + data.length > this.bytes.length) this.resize(offset + data.length);
    data.copy(this.bytes, offset);
  }

  resize(size: number): void {
    const next = Buffer.alloc(size);
    this.bytes.copy(next);
    this.bytes = next;
  }
}

maybe('what is read is what was written', async (t) => {
  const seed = randomInt(2 ** 31);
  t.log(`seed ${String(seed)}`);
  const fraction = seededFraction(seed);
  const upTo = (limit: number): number => Math.floor(fraction() * limit);
  const { device, mount } = await mountedDevice(t, 'one');
  const twins = [0, 1, 2].map((index) => new Twin(join(mount, `file-${String(index)}`)));
  for (let step = 0; step < operations; step += 1) {
    const twin = twins[upTo(twins.length)];
    if (twin === undefined) continue;
    await act(t, twin, { upTo, step, twins });
    // A third time within seconds would be a crash loop.
    if (step % 250 === 249 && step < 500) await device.killAgent();
  }
  for (const twin of twins) {
    await twin.close();
    t.true((await readFile(twin.path).catch(() => Buffer.alloc(0))).equals(twin.bytes), twin.path);
  }
});

interface Step {
  readonly upTo: (limit: number) => number;
  readonly step: number;
  readonly twins: readonly Twin[];
}

async function act(
  t: { true: (value: boolean, message: string) => boolean },
  twin: Twin,
  { upTo, step, twins }: Step,
): Promise<void> {
  switch (upTo(16)) {
    case 0: {
      await twin.opened();
      const size = upTo(sizeMax);
      await truncate(twin.path, size);
      twin.resize(size);
      return;
    }
    case 1:
      await twin.close();
      return;
    case 2:
      await (await twin.opened()).sync();
      return;
    case 3: {
      await twin.opened();
      await rename(twin.path, `${twin.path}-moved`);
      await rename(`${twin.path}-moved`, twin.path);
      return;
    }
    case 4:
      if (upTo(10) > 0) return;
      await twin.close();
      await rm(twin.path, { force: true });
      twin.bytes = Buffer.alloc(0);
      return;
    case 5:
    case 6:
    case 7: {
      const handle = await twin.opened();
      const offset = upTo(Math.max(1, twin.bytes.length));
      const length = upTo(300_000);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      const wanted = twin.bytes.subarray(offset, offset + length);
      t.true(buffer.subarray(0, bytesRead).equals(wanted), `${twin.path} at step ${String(step)}`);
      t.true((await stat(twin.path)).size === twin.bytes.length, `size at step ${String(step)}`);
      return;
    }
    case 8:
      await punch(twin, upTo);
      return;
    case 9: {
      const other = twins[upTo(twins.length)];
      if (other !== undefined && other !== twin) await copy(twin, other, upTo);
      return;
    }
    case 10:
    case 11:
      await writeMapped(twin, upTo, step);
      return;
    default: {
      const handle = await twin.opened();
      const offset = upTo(Math.min(sizeMax, twin.bytes.length + 100_000));
      const data = Buffer.alloc(1 + upTo(upTo(2) === 0 ? 200_000 : 5_000), step % 251);
      await handle.write(data, 0, data.length, offset);
      twin.write(offset, data);
    }
  }
}

/** Zeros, in a hole or where a hole may be; those beyond the end make the file longer, a hole does not. */
async function punch(twin: Twin, upTo: Step['upTo']): Promise<void> {
  const { fd } = await twin.opened();
  const offset = upTo(Math.max(1, twin.bytes.length));
  const length = 1 + upTo(300_000);
  const mode = upTo(2) === 0 ? fallocateModes.punchHole : fallocateModes.zeroRange;
  system('fallocate', fd, mode, BigInt(offset), BigInt(length));
  const limit = mode === fallocateModes.punchHole ? twin.bytes.length : Infinity;
  const end = Math.min(limit, offset + length);
  if (end > offset) twin.write(offset, Buffer.alloc(end - offset));
}

/** The whole file into an empty one, which shares its chunks, or a stretch of it. */
async function copy(source: Twin, target: Twin, upTo: Step['upTo']): Promise<void> {
  const from = await source.opened();
  const to = await target.opened();
  const isWhole = upTo(2) === 0;
  if (isWhole) {
    await truncate(target.path, 0);
    target.resize(0);
  }
  const offset = isWhole ? 0 : upTo(source.bytes.length + 1);
  const targetOffset = isWhole ? 0 : upTo(target.bytes.length + 10_000);
  const length = isWhole ? sizeMax * 2 : upTo(500_000);
  const places = [offset, targetOffset].map((place) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(place));
    return bytes;
  });
  const [fromPlace = null, toPlace = null] = places;
  const copied = system('copy_file_range', from.fd, fromPlace, to.fd, toPlace, length, 0);
  if (copied > 0) {
    target.write(targetOffset, Buffer.from(source.bytes.subarray(offset, offset + copied)));
  }
}

async function writeMapped(twin: Twin, upTo: Step['upTo'], step: number): Promise<void> {
  const { fd } = await twin.opened();
  const pages = Math.floor(twin.bytes.length / pageBytes);
  if (pages === 0) return;
  const offset = upTo(pages) * pageBytes;
  const length = Math.min(twin.bytes.length - offset, 1 + upTo(8 * pageBytes));
  const data = Buffer.alloc(length, (step * 7) % 251);
  const mapped = mapShared(fd, length, offset);
  mapped.write(data);
  if (upTo(2) === 0) mapped.sync();
  mapped.close();
  twin.write(offset, data);
}
