/** A mount with much in it: 100,000 files in one directory, and a file of 4 GiB, both checked after a start. */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '../helpers/seeded-random.ts';
import { RealDevice } from '../helpers/real-device.ts';
import { unmountAtEnd } from '../helpers/real-mount.ts';
import { scopedFolder, withScope } from '../helpers/scope.ts';

export interface MountSizeOptions {
  readonly seed: string;
  /** @default 100,000 */
  readonly files?: number;
  /** @default 4 GiB */
  readonly fileBytes?: number;
  readonly say?: (line: string) => void;
}

export interface MountSizeReport {
  readonly summary: string;
  readonly problems: readonly string[];
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export function runMountSize(options: MountSizeOptions): Promise<MountSizeReport> {
  const { seed, files = 100_000, fileBytes = 4 * GiB, say = () => undefined } = options;
  return withScope(async (scope) => {
    const folder = await scopedFolder(scope);
    const mount = join(folder, 'mount');
    mkdirSync(mount);
    const device = new RealDevice(scope, folder, 'laptop');
    await device.init();
    unmountAtEnd(scope, mount);
    await device.start('--mount', mount);
    const startMs = performance.now();
    const tell = (what: string): void => {
      say(`${what} after ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
    };
    await writeMany(join(mount, 'many'), files);
    tell(`${String(files)} files written`);
    const digest = await writeLarge(join(mount, 'large'), fileBytes, seed);
    tell(`${String(fileBytes / MiB)} MiB written`);
    const problems = [...(await manyProblems(join(mount, 'many'), files))];
    await device.stop();
    await device.start('--mount', mount);
    problems.push(...(await manyProblems(join(mount, 'many'), files)));
    tell('names and files compared');
    if ((await digestOf(join(mount, 'large'))) !== digest) problems.push('the large file differs');
    if (statSync(join(mount, 'large')).size !== fileBytes) problems.push('its size differs');
    tell('the large file compared');
    rmSync(join(mount, 'many'), { recursive: true });
    if (readdirSync(mount).join(' ') !== 'large') problems.push('the directory is still there');
    const seconds = (performance.now() - startMs) / 1000;
    const summary = `${String(files)} files and one of ${String(fileBytes / MiB)} MiB in ${seconds.toFixed(0)} s`;
    await device.stop();
    return { summary, problems };
  });
}

/** So that signals and the pipes of the agent are seen to. */
async function breathe(step: number): Promise<void> {
  if (step % 100 === 0) await turn();
}

async function writeMany(directory: string, files: number): Promise<void> {
  mkdirSync(directory);
  for (let index = 0; index < files; index += 1) {
    writeFileSync(join(directory, `file-${String(index)}`), `content of ${String(index)}\n`);
    await breathe(index);
  }
}

async function manyProblems(directory: string, files: number): Promise<readonly string[]> {
  const names = new Set(readdirSync(directory));
  if (names.size !== files) return [`${String(names.size)} names instead of ${String(files)}`];
  const problems: string[] = [];
  for (let index = 0; index < files; index += 1) {
    const name = `file-${String(index)}`;
    const text = names.has(name) ? readFileSync(join(directory, name), 'utf8') : undefined;
    if (text !== `content of ${String(index)}\n`) problems.push(`${name}: ${String(text)}`);
    await breathe(index);
  }
  return problems.slice(0, 10);
}

async function writeLarge(path: string, bytes: number, seed: string): Promise<string> {
  const hash = createHash('sha256');
  const random = seededRandom(seed);
  const file = openSync(path, 'w');
  for (let at = 0; at < bytes; at += MiB) {
    const piece = random.bytes(64 * 1024);
    const whole = Buffer.alloc(MiB, piece);
    // No two pieces are alike, though each repeats itself.
    whole.writeDoubleLE(at, 0);
    hash.update(whole);
    writeSync(file, whole);
    await breathe(at / MiB);
  }
  fsyncSync(file);
  closeSync(file);
  return hash.digest('hex');
}

async function digestOf(path: string): Promise<string> {
  const hash: Hash = createHash('sha256');
  const file = openSync(path, 'r');
  const piece = Buffer.alloc(MiB);
  for (let step = 0; ; step += 1) {
    const count = readSync(file, piece);
    if (count === 0) break;
    hash.update(piece.subarray(0, count));
    await breathe(step);
  }
  closeSync(file);
  return hash.digest('hex');
}
