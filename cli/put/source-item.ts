/** A local file, directory or symbolic link as it is offered to the agent. */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { fingerprintOf } from '../../protocol/control/fingerprint.ts';
import type { PutItem } from '../../protocol/messages/control-put.ts';
import type { FileTime, NodeKind } from '../../protocol/messages/op.ts';

export interface SourceItem extends PutItem {
  /** Where its content is read; undefined: standard input. */
  readonly file: Buffer | undefined;
}

const nanosecondsPerSecond = 1_000_000_000n;
const modeBits = 0o7777;

/** What it is; undefined for sockets, devices and pipes. */
export function kindOf({ mode }: BigIntStats): NodeKind | undefined {
  switch (Number(mode) & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'symlink';
    default:
      return undefined;
  }
}

export function sourceItem(
  stats: BigIntStats,
  kind: NodeKind,
  place: { readonly path: Buffer; readonly file: Buffer; readonly target?: Buffer | undefined },
): SourceItem {
  return {
    path: place.path,
    file: place.file,
    kind,
    size: kind === 'file' ? Number(stats.size) : 0,
    mode: Number(stats.mode) & modeBits,
    mtime: timeOf(stats.mtimeNs),
    target: place.target,
    fingerprint: kind === 'file' ? fingerprintOf(stats) : undefined,
  };
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
