/**
 * What a file of this machine is known by: equal as long as it is the same file and nobody touched it.
 * Client and agent make it from what each is told by the same kernel, and compare byte for byte.
 */

/** Of stat(2), in nanoseconds; `BigIntStats` of Node fits. */
export interface FileStats {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
}

const fields = new BigUint64Array(5);
const fieldBytes = Buffer.from(fields.buffer);

/**
 * Size, mtime, ctime, inode and device, 8 bytes each, in the order of this machine: no other one
 * compares them.
 */
export function fingerprintOf(stats: FileStats): Buffer {
  fill(stats);
  return Buffer.from(fieldBytes);
}

/** Whether that is its fingerprint. */
export function hasFingerprint(stats: FileStats, fingerprint: Uint8Array): boolean {
  fill(stats);
  return fieldBytes.equals(fingerprint);
}

function fill(stats: FileStats): void {
  fields[0] = stats.size;
  fields[1] = stats.mtimeNs;
  fields[2] = stats.ctimeNs;
  fields[3] = stats.ino;
  fields[4] = stats.dev;
}
