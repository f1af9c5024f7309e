/**
 * What is there already under a name that is exported: nothing, something else, or the same. Files are
 * the same when size and time are, so that going on with an export reads nothing.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { localMode } from '../get/file-writer.ts';

/**
 * `absent`; `same`; `same-but-mode`: the content is, the permission bits are not; `different`: a file or
 * link that is replaced; `in-the-way`: it is no file where one is wanted, or no directory.
 */
export type Presence = 'absent' | 'same' | 'same-but-mode' | 'different' | 'in-the-way';

/** Node passes times as a double of seconds, which is exact to about a quarter of this. */
const timeToleranceNs = 1000n;
const nanosecondsPerSecond = 1_000_000_000n;
const modeBits = 0o7777n;

/** @param place names what is on the disk, which is not followed when it is a symbolic link */
export function compare(place: Buffer, entry: Entry): Presence {
  const stats = lstatSync(place, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return 'absent';
  if (entry.kind === 'directory') return stats.isDirectory() ? 'same' : 'in-the-way';
  if (stats.isDirectory()) return 'in-the-way';
  if (entry.kind === 'symlink') return compareLink(place, stats, entry);
  if (!stats.isFile() || stats.size !== BigInt(entry.size) || !isSameTime(stats, entry)) {
    return 'different';
  }
  return Number(stats.mode & modeBits) === localMode(entry.mode) ? 'same' : 'same-but-mode';
}

function compareLink(place: Buffer, stats: BigIntStats, { target }: Entry): Presence {
  if (!stats.isSymbolicLink() || target === undefined) return 'different';
  return readlinkSync(place, 'buffer').equals(target) ? 'same' : 'different';
}

function isSameTime(stats: BigIntStats, { mtime }: Entry): boolean {
  const wantedNs = BigInt(mtime.seconds) * nanosecondsPerSecond + BigInt(mtime.nanoseconds);
  const apart = stats.mtimeNs - wantedNs;
  return apart < timeToleranceNs && apart > -timeToleranceNs;
}
