/**
 * Writes what comes down in one get below a local directory: directories as they come, each file
 * under its own name when it is complete, the modes and times of directories last of all.
 */
import { closeSync, constants, fchmodSync, futimesSync, lutimesSync, openSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import type { GetItem } from '../../protocol/control/client.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { localError } from '../local/local-error.ts';
import { joinPath } from '../output/entry-row.ts';
import type { Progress } from '../output/progress.ts';
import { checkRelativePath } from './directory.ts';
import type { TargetDirectory } from './directory.ts';
import { approximateSeconds, isExact } from './exact-times.ts';
import type { ExactTimes } from './exact-times.ts';
import { openFileWriter, writeSymlink } from './file-writer.ts';
import type { FilePlaces, FileWriter } from './file-writer.ts';
import { temporaryName } from './temporary.ts';

const op = 'cli.get';
const slash = 0x2f;

export interface ExtractOptions {
  readonly directory: TargetDirectory;
  /** Absolute path of that directory. */
  readonly root: Buffer;
  /** What the root of the get is called in it; empty: it is the directory itself. */
  readonly name: Buffer;
  readonly times: ExactTimes;
  readonly progress: Progress;
}

export interface Extracted {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly bytes: number;
}

/**
 * @throws VaultError what the agent fails with, `malformed`, or what the local system says
 */
export async function extract(
  items: AsyncIterable<GetItem>,
  options: ExtractOptions,
): Promise<Extracted> {
  const { directory, progress } = options;
  const made: { readonly path: Buffer; readonly entry: Entry }[] = [];
  const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0 };
  let writing:
    { readonly writer: FileWriter; readonly path: Buffer; readonly entry: Entry } | undefined;
  try {
    for await (const item of items) {
      if (item.type === 'data') {
        if (writing === undefined) throw outOfOrder('bytes outside a file');
        await writing.writer.write(item.bytes);
        counts.bytes += item.bytes.length;
        progress.advance(item.bytes.length);
      } else if (item.type === 'body-end') {
        if (writing === undefined) throw outOfOrder('an end without a beginning');
        await writing.writer.finish();
        refineTime(writing.path, writing.entry, options);
        writing = undefined;
        counts.files += 1;
      } else if (item.type === 'entry') {
        if (writing !== undefined) throw outOfOrder('an entry inside a file');
        const { entry } = item;
        checkRelativePath(entry.path);
        const path = joinPath(options.name, entry.path);
        if (entry.kind === 'directory') {
          if (path.length > 0) directory.makeDirectory(path);
          made.push({ path, entry });
          counts.directories += 1;
        } else if (entry.kind === 'symlink') {
          makeSymlink(path, entry, options);
          counts.symlinks += 1;
        } else {
          writing = { writer: openFileWriter(placesOf(path, options), entry), path, entry };
        }
      }
    }
    if (writing !== undefined) throw outOfOrder('the end came inside a file');
    for (const { path, entry } of made.reverse()) finishDirectory(path, entry, options);
    return counts;
  } finally {
    await writing?.writer.abandon();
  }
}

function placesOf(path: Buffer, { directory, root }: ExtractOptions): FilePlaces {
  const above = path.subarray(0, Math.max(0, path.lastIndexOf(slash)));
  return {
    final: directory.locate(path),
    temporary: directory.locate(joinPath(above, temporaryName())),
    shown: joinPath(root, path),
  };
}

function makeSymlink(path: Buffer, entry: Entry, options: ExtractOptions): void {
  const places = placesOf(path, options);
  writeSymlink(places, entry);
  const seconds = approximateSeconds(entry.mtime);
  lutimesSync(places.final, seconds, seconds);
  refineTime(path, entry, options);
}

/** Mode and time of a directory, when nothing more is written into it. */
function finishDirectory(path: Buffer, entry: Entry, options: ExtractOptions): void {
  const shown = joinPath(options.root, path);
  try {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
    const place = path.length === 0 ? Buffer.concat([options.root, Buffer.from('/')]) : undefined;
    const descriptor = openSync(place ?? options.directory.locate(path), flags);
    try {
      const seconds = approximateSeconds(entry.mtime);
      fchmodSync(descriptor, entry.mode & 0o7777);
      futimesSync(descriptor, seconds, seconds);
    } finally {
      closeSync(descriptor);
    }
    refineTime(path, entry, options);
  } catch (error) {
    throw localError(op, shown, error);
  }
}

function refineTime(path: Buffer, entry: Entry, { root, times }: ExtractOptions): void {
  if (!isExact(entry.mtime)) times.set(joinPath(root, path), entry.mtime);
}

function outOfOrder(detail: string): VaultError {
  return new VaultError('malformed', { op, detail });
}
