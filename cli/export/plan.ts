/**
 * What an export has to do: a directory that is not there is one job with all that is in it, a file
 * that is missing or different is one of its own, and the rest is skipped.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { checkRelativePath } from '../get/directory.ts';
import type { TargetDirectory } from '../get/directory.ts';
import { localError } from '../local/local-error.ts';
import { compare } from './compare.ts';
import type { Presence } from './compare.ts';

const op = 'cli.export';
const slash = 0x2f;

/** Something to get; of a directory with all that is below it. Its path is relative to what is exported. */
export interface Job {
  readonly entry: Entry;
  readonly bytes: number;
  /** It looks the same: only its content decides whether it is written. */
  readonly comparesContent: boolean;
}

export interface ExportPlan {
  readonly jobs: readonly Job[];
  /** Directories that are there; they get mode and time when all is written. Parents first. */
  readonly directories: readonly Entry[];
  /** Files whose content is right and whose permission bits are not. */
  readonly modes: readonly Entry[];
  /** Files and symbolic links that are there. */
  readonly skipped: number;
  readonly bytes: number;
  /** Names of files that have other names too. */
  readonly hardLinks: number;
}

export interface PlanOptions {
  readonly directory: TargetDirectory;
  /** Compare the content of files that look the same. */
  readonly checksum: boolean;
  /** Gets what cannot be written, with all that is below it. */
  readonly onFailed: (error: VaultError) => void;
}

/** @param pages entries below what is exported, parents before their children */
export async function planExport(
  pages: AsyncIterable<readonly Entry[]>,
  options: PlanOptions,
): Promise<ExportPlan> {
  const jobs: { -readonly [Key in keyof Job]: Job[Key] }[] = [];
  const directories: Entry[] = [];
  const modes: Entry[] = [];
  const counts = { skipped: 0, bytes: 0, hardLinks: 0 };
  /** A directory whose content needs no look of its own: it is a job, or cannot be written. */
  let covered:
    { readonly path: Buffer; readonly job: (typeof jobs)[number] | undefined } | undefined;
  for await (const entries of pages) {
    for (const entry of entries) {
      checkRelativePath(entry.path);
      if (entry.kind !== 'directory' && entry.links > 1) counts.hardLinks += 1;
      const bytes = entry.kind === 'file' ? entry.size : 0;
      if (covered !== undefined && isBelow(entry.path, covered.path)) {
        if (covered.job === undefined) continue;
        covered.job.bytes += bytes;
        counts.bytes += bytes;
        continue;
      }
      covered = undefined;
      const presence = presenceOf(entry, options);
      if (presence === undefined) {
        if (entry.kind === 'directory') covered = { path: entry.path, job: undefined };
        continue;
      }
      const isSame = presence === 'same' || presence === 'same-but-mode';
      if (isSame && entry.kind === 'directory') {
        directories.push(entry);
        continue;
      }
      const comparesContent = isSame && options.checksum && entry.kind === 'file';
      if (isSame && !comparesContent) {
        counts.skipped += 1;
        if (presence === 'same-but-mode') modes.push(entry);
        continue;
      }
      const job = { entry, bytes, comparesContent };
      jobs.push(job);
      counts.bytes += bytes;
      if (entry.kind === 'directory') covered = { path: entry.path, job };
    }
  }
  return { jobs, directories, modes, ...counts };
}

/** undefined: it cannot be written, and that has been said. */
function presenceOf(
  entry: Entry,
  { directory, onFailed }: PlanOptions,
): Exclude<Presence, 'in-the-way'> | undefined {
  try {
    const presence = compare(directory.locate(entry.path), entry);
    if (presence !== 'in-the-way') return presence;
    const isDirectory = entry.kind === 'directory';
    throw new VaultError(isDirectory ? 'not-directory' : 'is-directory', {
      op,
      subject: entry.path.toString(),
      detail: isDirectory ? 'no directory is there' : 'a directory is there',
      next: 'move it away, and run the command again',
    });
  } catch (error) {
    onFailed(localError(op, entry.path, error));
    return undefined;
  }
}

function isBelow(path: Buffer, directory: Buffer): boolean {
  return path[directory.length] === slash && path.subarray(0, directory.length).equals(directory);
}
