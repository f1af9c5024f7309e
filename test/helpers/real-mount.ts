/** A device with its vault mounted, for end-to-end tests: everything is unmounted whatever happens. */
import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RealDevice, temporaryFolder, type Cleanup, type DeviceOptions } from './real-device.ts';

const run = promisify(execFile);

/** Why nothing can be mounted here; undefined when it can. */
export function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount without fusermount3';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export interface MountedDevice {
  readonly device: RealDevice;
  readonly mount: string;
  readonly folder: string;
}

export interface MountedOptions extends DeviceOptions {
  readonly folder?: string;
  readonly ticket?: string;
  /** Beside `--mount`. */
  readonly mountFlags?: readonly string[];
}

/** The agent is started with the mount, unless `options.late`: then nothing is mounted yet. */
export async function mountedDevice(
  t: Cleanup,
  name: string,
  options: MountedOptions = {},
): Promise<MountedDevice> {
  const folder = options.folder ?? (await temporaryFolder(t));
  const mount = join(folder, `mount-${name}`);
  mkdirSync(mount);
  const device = new RealDevice(t, folder, name, options);
  if (options.ticket === undefined) await device.init();
  else await device.join(options.ticket);
  unmountAtEnd(t, mount);
  await device.start('--mount', mount, ...(options.mountFlags ?? []));
  return { device, mount, folder };
}

/**
 * Lazily, so that it never waits for a server that is gone. Registered after what kills the agent, so
 * that it runs first.
 */
export function unmountAtEnd(t: Cleanup, mount: string): void {
  t.teardown(() => {
    spawnSync('umount', ['-l', mount], { stdio: 'ignore' });
  });
}

/** Runs a program and gives what it wrote. @throws when it fails */
export async function shell(
  directory: string,
  script: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { stdout } = await run('/bin/sh', ['-euc', script], {
    cwd: directory,
    env: { ...process.env, ...environment },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 90_000,
  });
  return stdout;
}

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}
