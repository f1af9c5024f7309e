/**
 * Does what an export has to do: several gets at once, because a single small file costs a round trip;
 * then the modes and times of the directories that were there, from below.
 */
import { chmodSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { GetItem } from '../../protocol/control/get-items.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { concernsOneContent } from '../../protocol/reach.ts';
import { openTargetDirectory } from '../get/directory.ts';
import type { TargetDirectory } from '../get/directory.ts';
import type { ExactTimes } from '../get/exact-times.ts';
import { extract, finishDirectory } from '../get/extract.ts';
import type { Extracted, ExtractOptions } from '../get/extract.ts';
import { localMode } from '../get/file-writer.ts';
import { localError } from '../local/local-error.ts';
import { joinPath } from '../output/entry-row.ts';
import { noProgress } from '../output/progress.ts';
import type { Progress } from '../output/progress.ts';
import type { ExportPlan, Job } from './plan.ts';

const op = 'cli.export';
const lanes = 8;

export interface RunOptions {
  readonly client: ControlClient;
  /** What is exported. */
  readonly path: Buffer;
  /** Where to; it exists. */
  readonly root: string;
  readonly times: ExactTimes;
  readonly progress: Progress;
  /** Of this kernel, when the agent is on it: it writes large files itself. */
  readonly bootId: Buffer | undefined;
  readonly onFailed: (error: VaultError) => void;
}

export interface Exported extends Extracted {
  /** Files that turned out to be the same when their content was compared. */
  readonly compared: number;
}

type Counts = { -readonly [Key in keyof Exported]: number };

export async function runExport(plan: ExportPlan, options: RunOptions): Promise<Exported> {
  const counts: Counts = { files: 0, directories: 0, symlinks: 0, bytes: 0, compared: 0 };
  const jobs = plan.jobs.values();
  const work = { count: Math.min(lanes, plan.jobs.length), stopped: false };
  const results = await Promise.allSettled(
    Array.from({ length: work.count }, () => runLane(jobs, work, { ...options, counts })),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  finish(plan, options);
  return counts;
}

/** Each lane has a descriptor of its own into the target: their places must not be mixed. */
async function runLane(
  jobs: IterableIterator<Job>,
  work: { stopped: boolean },
  options: RunOptions & { readonly counts: Counts },
): Promise<void> {
  const directory = openTargetDirectory(options.root);
  try {
    for (const job of jobs) {
      if (work.stopped) return;
      await runJob(job, { ...options, directory });
    }
  } catch (error) {
    work.stopped = true;
    throw error;
  } finally {
    directory.close();
  }
}

async function runJob(
  { entry, comparesContent }: Job,
  options: RunOptions & { readonly counts: Counts; readonly directory: TargetDirectory },
): Promise<void> {
  const { client, counts, onFailed, progress } = options;
  const path = joinPath(options.path, entry.path);
  const version = entry.kind === 'file' ? entry.version : undefined;
  const get = (bootId?: Buffer): AsyncGenerator<GetItem> =>
    client.get({ path, version, recursive: entry.kind === 'directory', offset: 0, bootId });
  try {
    if (comparesContent && (await isSameContent(get(), entry, options))) {
      counts.compared += 1;
      progress.advance(entry.size);
      return;
    }
    const done = await extract(get(options.bootId), extractOptions(entry.path, options));
    counts.files += done.files;
    counts.directories += done.directories;
    counts.symlinks += done.symlinks;
    counts.bytes += done.bytes;
  } catch (error) {
    if (!concernsOneContent(error)) throw error;
    onFailed(error);
  }
}

function extractOptions(
  name: Buffer,
  {
    root,
    directory,
    times,
    progress,
    onFailed,
  }: RunOptions & { readonly directory: TargetDirectory },
): ExtractOptions {
  return { directory, root: Buffer.from(resolve(root)), name, times, progress, onFailed };
}

/** Reads the file beside what comes down, and stops at the first difference. */
async function isSameContent(
  items: AsyncGenerator<GetItem>,
  { path, size }: Entry,
  { directory }: { readonly directory: TargetDirectory },
): Promise<boolean> {
  const descriptor = openToCompare(directory, path);
  let at = 0;
  try {
    for await (const item of items) {
      if (item.type === 'failed') throw item.error;
      if (item.type !== 'data') continue;
      const own = Buffer.allocUnsafe(item.bytes.length);
      if (!readFully(descriptor, own, at) || !own.equals(item.bytes)) return false;
      at += item.bytes.length;
    }
  } finally {
    closeSync(descriptor);
  }
  return at === size;
}

function openToCompare(directory: TargetDirectory, path: Buffer): number {
  try {
    return openSync(directory.locate(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw localError(op, path, error);
  }
}

function readFully(descriptor: number, into: Buffer, position: number): boolean {
  let got = 0;
  while (got < into.length) {
    const read = readSync(descriptor, into, got, into.length - got, position + got);
    if (read === 0) return false;
    got += read;
  }
  return true;
}

function finish({ modes, directories }: ExportPlan, options: RunOptions): void {
  const directory = openTargetDirectory(options.root);
  const places = { ...options, directory };
  try {
    for (const entry of modes) {
      attempt(entry, options, () => {
        chmodSync(directory.locate(entry.path), localMode(entry.mode));
      });
    }
    for (const entry of directories.toReversed()) {
      attempt(entry, options, () => {
        finishDirectory(entry.path, entry, {
          ...extractOptions(entry.path, places),
          progress: noProgress,
        });
      });
    }
  } finally {
    directory.close();
  }
}

function attempt(entry: Entry, { onFailed }: RunOptions, step: () => void): void {
  try {
    step();
  } catch (error) {
    onFailed(localError(op, entry.path, error));
  }
}
