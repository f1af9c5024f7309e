/** A local file, directory or symbolic link as it is offered to the agent. */
import type { BigIntStats } from 'node:fs';
import type { PutItem } from '../../protocol/messages/control-put.ts';
import type { FileTime, NodeKind } from '../../protocol/messages/op.ts';

export interface SourceItem extends PutItem {
  /** Where its content is read; undefined: standard input. */
  readonly file: Buffer | undefined;
}

const nanosecondsPerSecond = 1_000_000_000n;
const modeBits = 0o7777n;

/** What it is; undefined for sockets, devices and pipes. */
export function kindOf(stats: BigIntStats): NodeKind | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : undefined;
}

export function sourceItem(
  stats: BigIntStats,
  kind: NodeKind,
  place: { readonly path: Buffer; readonly file: Buffer; readonly target?: Buffer | undefined },
): SourceItem {
  return {
    ...place,
    kind,
    size: kind === 'file' ? Number(stats.size) : 0,
    mode: Number(stats.mode & modeBits),
    mtime: timeOf(stats.mtimeNs),
    fingerprint: kind === 'file' ? fingerprintOf(stats) : undefined,
  };
}

const fields = new BigUint64Array(5);
const fieldBytes = Buffer.from(fields.buffer);

/**
 * Equal as long as the file was not touched: size, mtime, ctime, inode and device, 8 bytes each, in
 * the order of this machine: no other one compares them.
 */
export function fingerprintOf(stats: BigIntStats): Buffer {
  fill(stats);
  return Buffer.from(fieldBytes);
}

/** Whether that is its fingerprint. */
export function hasFingerprint(stats: BigIntStats, fingerprint: Buffer): boolean {
  fill(stats);
  return fieldBytes.equals(fingerprint);
}

function fill(stats: BigIntStats): void {
  fields[0] = stats.size;
  fields[1] = stats.mtimeNs;
  fields[2] = stats.ctimeNs;
  fields[3] = stats.ino;
  fields[4] = stats.dev;
}

/** Nanoseconds since 1970 in two numbers; those before 1970 count up from the second below. */
export function timeOf(nanoseconds: bigint): FileTime {
  const rest = nanoseconds % nanosecondsPerSecond;
  const within = rest < 0n ? rest + nanosecondsPerSecond : rest;
  return {
    seconds: Number((nanoseconds - within) / nanosecondsPerSecond),
    nanoseconds: Number(within),
  };
}
