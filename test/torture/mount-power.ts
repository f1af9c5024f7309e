/**
 * Power cuts below a mount: a program writes, renames, removes and syncs in the mount of a vault whose home
 * is on a file system that loses its power. What the program was told to be on the disk has to be in the
 * mount afterwards, bytes and names.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pause } from '../helpers/crash-check.ts';
import { LoopDisk, type FileSystem } from '../helpers/loop-disk.ts';
import { RealDevice, type DeviceOptions } from '../helpers/real-device.ts';
import { unmountAtEnd } from '../helpers/real-mount.ts';
import { scopedFolder, withScope, type Scope } from '../helpers/scope.ts';

export interface MountPowerOptions {
  /** One of `rounds` and `minutes` is needed; whichever is reached first ends the run. */
  readonly rounds?: number;
  readonly minutes?: number;
  /** Taken in turn. @default both */
  readonly fileSystems?: readonly FileSystem[];
  /** How the device that is cut is started; for arms that have to fail. */
  readonly device?: DeviceOptions;
  readonly say?: (line: string) => void;
}

export interface MountPowerReport {
  readonly rounds: number;
  /** What the program was told to be on the disk. */
  readonly promises: number;
  /** Empty when every promise was kept. */
  readonly problems: readonly string[];
}

const imageBytes = 400 * 1024 * 1024;
const writer = join(import.meta.dirname, '..', 'fixtures', 'mount-writer.js');
const cutsPerHome = 4;

/** Ends with the first cut after which something is wrong. */
export async function runMountPower(options: MountPowerOptions): Promise<MountPowerReport> {
  const { rounds = Infinity, minutes = Infinity, fileSystems = ['ext4', 'xfs'] } = options;
  const endMs = performance.now() + minutes * 60_000;
  const sum = { rounds: 0, promises: 0 };
  const problems: string[] = [];
  const goesOn = (): boolean =>
    problems.length === 0 && sum.rounds < rounds && performance.now() < endMs;
  for (let home = 0; goesOn(); home += 1) {
    await withScope(async (scope) => {
      const fileSystem = fileSystems[home % fileSystems.length] ?? 'ext4';
      const site = await build(scope, fileSystem, options.device);
      for (let cut = 0; cut < cutsPerHome && goesOn(); cut += 1) {
        const promises = await cutOnce(site, `top-${String(cut)}`);
        sum.rounds += 1;
        sum.promises += promises.count;
        problems.push(...broken(site.mount, promises).map((line) => `${fileSystem}: ${line}`));
      }
      await site.device.stop();
      options.say?.(`${String(sum.rounds)} cuts, ${String(sum.promises)} promises`);
    });
  }
  return { ...sum, problems };
}

interface Site {
  readonly disk: LoopDisk;
  readonly device: RealDevice;
  readonly mount: string;
}

async function build(
  scope: Scope,
  fileSystem: FileSystem,
  options: DeviceOptions = {},
): Promise<Site> {
  const folder = await scopedFolder(scope);
  const disk = await LoopDisk.make(scope, folder, { fileSystem, bytes: imageBytes });
  const device = new RealDevice(scope, disk.folder, 'laptop');
  await device.init();
  device.change(options);
  const mount = join(folder, 'mount');
  mkdirSync(mount);
  unmountAtEnd(scope, mount);
  await device.start('--mount', mount);
  return { disk, device, mount };
}

/** What the program was told. */
interface Promises {
  count: number;
  readonly top: string;
  readonly files: Map<string, string>;
  readonly gone: Set<string>;
  lines: number;
}

async function cutOnce({ disk, device, mount }: Site, top: string): Promise<Promises> {
  const promises: Promises = { count: 0, top, files: new Map(), gone: new Set(), lines: 0 };
  const enough = 10 + Math.floor(Math.random() * 40);
  const program = spawn(process.execPath, [writer, top], {
    cwd: mount,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'close');
  const heard = createInterface({ input: program.stdout });
  await new Promise<void>((resolve) => {
    heard.on('line', (line) => {
      take(promises, line);
      if (promises.count >= enough) resolve();
    });
    heard.on('close', resolve);
  });
  await pause(Math.random() * 30);
  // See `LoopDisk.cutPower`: who could believe a sync that is under way is stopped before.
  await device.freeze();
  await disk.cutPower();
  program.kill('SIGKILL');
  await device.kill();
  await ended;
  await disk.unmount();
  await disk.mount();
  await device.start('--mount', mount);
  return promises;
}

function take(promises: Promises, line: string): void {
  const [what = '', name = '', digest = ''] = line.split(' ');
  promises.count += 1;
  switch (what) {
    case 'file':
      promises.files.set(name, digest);
      promises.gone.delete(name);
      return;
    case 'going':
      promises.files.delete(name);
      return;
    case 'gone':
      promises.gone.add(name);
      return;
    default:
      promises.lines = Number(name);
  }
}

/** A file that was being replaced at the cut may be the next one already: another whole file. */
function broken(mount: string, { top, files, gone, lines }: Promises): readonly string[] {
  const problems: string[] = [];
  const differing: string[] = [];
  for (const [name, digest] of files) {
    const path = join(mount, name);
    if (!existsSync(path)) problems.push(`${name} is not there`);
    else if (digestOf(path) !== digest) differing.push(name);
  }
  if (differing.length > 1) problems.push(`more than one differs: ${differing.join(', ')}`);
  const back = [...gone].filter((name) => existsSync(join(mount, name)));
  if (back.length > 1) problems.push(`what was removed is back: ${back.join(', ')}`);
  const log = join(mount, top, 'log');
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const wanted = Array.from({ length: lines }, (_, line) => `line ${String(line)}\n`).join('');
  if (!text.startsWith(wanted)) problems.push(`the log has lost some of ${String(lines)} lines`);
  if (existsSync(join(mount, top))) readdirSync(join(mount, top));
  else problems.push(`${top} is not there`);
  return problems;
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
