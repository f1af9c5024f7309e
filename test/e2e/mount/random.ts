/**
 * Random operations on files of a mount and on plain bytes beside them: what is read is what was written,
 * whatever is published, cut, punched, reopened or killed in between.
 */
import test from 'ava';
import { randomInt } from 'node:crypto';
import { open, readFile, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { seededFraction } from '../../helpers/sim-store.ts';
import { mountedDevice, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined)
  process.stderr.write(`skipped: ${missing}
`);

const operations = 600;
const sizeMax = 3 * 1024 * 1024;

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
    await act(t, twin, { upTo, step });
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
}

async function act(
  t: { true: (value: boolean, message: string) => boolean },
  twin: Twin,
  { upTo, step }: Step,
): Promise<void> {
  switch (upTo(12)) {
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
    default: {
      const handle = await twin.opened();
      const offset = upTo(Math.min(sizeMax, twin.bytes.length + 100_000));
      const data = Buffer.alloc(1 + upTo(upTo(2) === 0 ? 200_000 : 5_000), step % 251);
      await handle.write(data, 0, data.length, offset);
      twin.write(offset, data);
    }
  }
}
