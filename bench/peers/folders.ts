/**
 * The same programs on three folders: a vault's mount, gocryptfs as the encrypted file system that people
 * use instead, and the disk that both of them lie on.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuSecondsOf } from '../measure/memory.ts';
import { isInstalled, runProgram, startProgram } from '../measure/programs.ts';
import { ours, type Contestant } from '../measure/row.ts';
import { waitUntil } from '../measure/session.ts';
import { Device, peervaultAbsence } from './peervault.ts';
import { rawDisk } from './raw-disk.ts';

export const gocryptfs = 'gocryptfs';

export interface Folder {
  readonly path: string;
  /** Where its bytes lie on the disk. */
  readonly beneath: string;
  /** Resolves when it does nothing any more of what it was asked before. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface FolderKind {
  readonly name: string;
  absence(): Promise<string | undefined>;
  open(directory: string): Promise<Folder>;
}

/** Works less than this in a tenth of a second. */
const idleWorkSeconds = 0.02;

export class MountedDevice implements Folder {
  readonly device: Device;
  readonly path: string;

  constructor(device: Device, path: string) {
    this.device = device;
    this.path = path;
  }

  get beneath(): string {
    return this.device.home;
  }

  async idle(): Promise<void> {
    await untilIdle((await this.device.status()).pid);
  }

  close(): Promise<void> {
    return this.device.stop();
  }
}

const peervaultFolder: FolderKind = {
  name: ours,
  async absence() {
    return (await peervaultAbsence()) ?? whyNoMount();
  },
  async open(directory) {
    const device = new Device(directory, 'a');
    await device.init();
    return mountDevice(device, directory);
  },
};

/** Starts a device with its vault mounted beside its home. */
export async function mountDevice(device: Device, directory: string): Promise<MountedDevice> {
  const path = join(directory, 'mount');
  await mkdir(path);
  await device.start('--mount', path);
  return new MountedDevice(device, path);
}

const gocryptfsFolder: FolderKind = {
  name: gocryptfs,
  async absence() {
    if (!(await isInstalled('gocryptfs'))) return 'it is not installed: apt-get install gocryptfs';
    return whyNoMount();
  },
  async open(directory) {
    const [cipher, path] = [join(directory, 'cipher'), join(directory, 'mount')];
    await mkdir(cipher);
    await mkdir(path);
    const password = ['-q', '-extpass', 'echo benchmark'] as const;
    await runProgram(['gocryptfs', '-init', '-scryptn', '10', ...password, cipher]);
    const server = startProgram(['gocryptfs', '-fg', ...password, cipher, path]);
    await waitUntil('gocryptfs is mounted', () => isMountPoint(path));
    return {
      path,
      beneath: cipher,
      idle: () => untilIdle(server.pid),
      async close() {
        await runProgram(['umount', path]);
        await server.stop();
      },
    };
  },
};

const rawDiskFolder: FolderKind = {
  name: rawDisk,
  absence: () => Promise.resolve(undefined),
  open: (path) => {
    const nothing = (): Promise<void> => Promise.resolve();
    return Promise.resolve({ path, beneath: path, idle: nothing, close: nothing });
  },
};

export interface FolderWork {
  /** Once, in an empty folder. */
  prepare?(folder: Folder): Promise<void>;
  /** One number in the unit of the row. */
  measure(folder: Folder, round: number): Promise<number>;
}

/** Every folder as a contestant: prepared once, measured in turn, and at rest when another one's turn is. */
export function onFolders(work: FolderWork): readonly Contestant[] {
  return [peervaultFolder, gocryptfsFolder, rawDiskFolder].map(
    ({ name, absence, open }): Contestant => ({
      name,
      absence,
      async prepare(directory) {
        const own = join(directory, 'folder');
        await mkdir(own, { mode: 0o700 });
        const folder = await open(own);
        try {
          await work.prepare?.(folder);
        } catch (error) {
          await folder.close();
          throw error;
        }
        return {
          async measure(round) {
            await folder.idle();
            const value = await work.measure(folder, round);
            await folder.idle();
            return value;
          },
          close: () => folder.close(),
        };
      },
    }),
  );
}

/** Resolves when a process does next to nothing for half a second. */
export async function untilIdle(pid: number): Promise<void> {
  let before = await cpuSecondsOf(pid);
  let quiet = 0;
  const isIdle = async (): Promise<boolean> => {
    const now = await cpuSecondsOf(pid);
    quiet = now - before < idleWorkSeconds ? quiet + 1 : 0;
    before = now;
    return quiet >= 5;
  };
  await waitUntil('it is at rest', isIdle, { everyMs: 100 });
}

/** Why nothing can be mounted here. */
export function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'caches are dropped and things are mounted: run it as root';
  return existsSync('/dev/fuse') ? undefined : 'there is no /dev/fuse: modprobe fuse';
}

async function isMountPoint(path: string): Promise<boolean> {
  return (await runProgram(['cat', '/proc/self/mounts'])).includes(` ${path} fuse`);
}
