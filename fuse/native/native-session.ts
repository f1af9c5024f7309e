/**
 * A mount through libfuse 2, by the package fuse-native: the second driver, for where the kernel's own
 * protocol cannot be spoken. What it cannot do is listed in vaultd(8).
 */
import { VaultError } from '../../protocol/errors.ts';
import { FileSystem } from '../operations/file-system.ts';
import { Files } from '../operations/files.ts';
import type { VaultPort } from '../operations/port.ts';
import { mountAt } from '../mount/mount-table.ts';
import { whoMounts, type MountOptions } from '../mount/mount.ts';
import type { Served, SessionEnd } from '../session/served.ts';
import { Trace } from '../session/trace.ts';
import { loadLibrary } from './library.ts';
import { nativeOperations } from './native-operations.ts';

/** The library tells nobody when the mount is gone. */
const lookEveryMs = 2_000;

export class NativeSession implements Served {
  readonly fs: FileSystem;
  readonly trace: Trace;
  readonly ended: Promise<SessionEnd>;
  readonly #files: Files;
  readonly #options: MountOptions;
  #end!: (end: SessionEnd) => void;
  #timer: { cancel(): void } | undefined;

  constructor(port: VaultPort, options: MountOptions) {
    const owner = whoMounts();
    // Names and times go by themselves after a second: the kernel cannot be told.
    const events = { nameChanged: () => undefined, inodeChanged: () => undefined };
    this.#options = options;
    this.fs = new FileSystem(port, { owner, keepsOwners: owner.uid === 0, events });
    this.#files = new Files(this.fs);
    this.trace = new Trace(port.clock, () => []);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @throws VaultError `not-supported`, `io` */
  async mount(): Promise<void> {
    const { directory, allowOther } = this.#options;
    const library = loadLibrary(directory);
    const operations = nativeOperations({
      fs: this.fs,
      files: this.#files,
      owner: whoMounts(),
    });
    const native = new library(directory, operations, {
      timeout: false,
      allowOther,
      defaultPermissions: true,
      subtype: 'peervault',
      // The package has no words for these; options are joined with commas.
      fsname: 'peervault,big_writes,use_ino,nosuid,nodev',
    });
    await new Promise<void>((resolve, reject) => {
      native.mount((error) => {
        if (error === null) resolve();
        else reject(mountFailure(directory, error));
      });
    });
    this.#lookLater();
  }

  unmounted(): void {
    this.#stop();
  }

  closeTransport(): void {
    this.#stop();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#files.releaseAll();
    await this.fs.close();
  }

  #lookLater(): void {
    this.#timer = this.fs.port.clock.after(lookEveryMs, () => {
      const again = (): void => {
        if (this.#timer !== undefined) this.#lookLater();
      };
      mountAt(this.#options.directory).then((there) => {
        if (there === undefined) this.#stop();
        else again();
      }, again);
    });
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#end({ error: undefined });
  }
}

function mountFailure(directory: string, cause: Error): VaultError {
  return new VaultError('io', {
    op: 'mount',
    subject: directory,
    detail: `libfuse 2 did not mount it: ${cause.message}`,
    next: 'check the rights of /dev/fuse, or leave --driver out',
    cause,
  });
}
