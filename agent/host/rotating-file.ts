/**
 * A log file that cannot fill a disk: when it has grown to its bound it is set aside as `.1`, over the
 * one before. One process writes it. A line that cannot be written is dropped: a full disk must not
 * end the supervisor, which is needed most then.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface RotatingFile {
  write(bytes: Uint8Array | string): void;
  /** Lines that were dropped because writing failed. */
  readonly dropped: number;
  close(): void;
}

/**
 * Opens or makes the file, 0600, and appends to it.
 * @param bytesMax of one file; two are kept
 */
export function openRotatingFile(path: string, bytesMax: number): RotatingFile {
  let descriptor = openSync(path, 'a', 0o600);
  let size = fstatSync(descriptor).size;
  let dropped = 0;
  const rotate = (): void => {
    renameSync(path, `${path}.1`);
    closeSync(descriptor);
    descriptor = openSync(path, 'a', 0o600);
    size = 0;
  };
  return {
    write(bytes) {
      const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      try {
        if (size > 0 && size + buffer.length > bytesMax) rotate();
        for (let at = 0; at < buffer.length;) at += writeSync(descriptor, buffer, at);
        size += buffer.length;
      } catch {
        dropped += 1;
      }
    },
    get dropped() {
      return dropped;
    },
    close() {
      closeSync(descriptor);
    },
  };
}
