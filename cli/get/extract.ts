/**
 * Writes what comes down in one get below a local directory: directories as they come, each file
 * under its own name when it is complete, the modes and times of directories last of all. What cannot
 * be had or written for a reason of its own is left out and named.
 */
import { closeSync, constants, fchmodSync, futimesSync, lutimesSync, openSync } from 'node:fs';
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { GetItem } from '../../protocol/control/get-items.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import type { GetUp } from '../../protocol/messages/control-get.ts';
import { concernsOneItem } from '../../protocol/reach.ts';
import { localError } from '../local/local-error.ts';
import { joinPath } from '../output/entry-row.ts';
import { sameVersion } from '../output/failure.ts';
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
  /** Gets what is left out, item by item. */
  readonly onFailed: (error: VaultError) => void;
}

export interface Extracted {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly bytes: number;
}

/** What was given up needs no place. */
const toBeSkipped: GetUp = { localPath: undefined, fingerprint: Buffer.alloc(0) };

/** The file whose bytes come now. */
interface Writing {
  readonly path: Buffer;
  readonly entry: Entry;
  /** undefined: it was given up, and the rest of its bytes is skipped. */
  writer: FileWriter | undefined;
  /** Of what the agent writes itself, so much is on the progress bar. */
  shownBytes: number;
}

/**
 * @throws VaultError what the agent fails with, `malformed`, or what the local system says
 */
export async function extract(
  items: AsyncIterable<GetItem>,
  options: ExtractOptions,
): Promise<Extracted> {
  const made: { readonly path: Buffer; readonly entry: Entry }[] = [];
  const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0 };
  let writing: Writing | undefined;
  try {
    for await (const item of items) {
      if (item.type === 'plan') continue;
      if (item.type === 'entry') {
        if (writing !== undefined) throw outOfOrder('an entry inside a file');
        const { entry } = item;
        checkRelativePath(entry.path);
        const path = joinPath(options.name, entry.path);
        if (entry.kind === 'file') {
          writing = { path, entry, writer: await begin(path, entry, options), shownBytes: 0 };
        } else if (await attempt(options, () => makeEntry(path, entry, options))) {
          if (entry.kind === 'directory') made.push({ path, entry });
          counts[entry.kind === 'directory' ? 'directories' : 'symlinks'] += 1;
        }
        continue;
      }
      if (writing === undefined) throw outOfOrder(`${item.type} outside a file`);
      if (item.type === 'data') {
        await write(writing, item.bytes, options);
        continue;
      }
      if (item.type === 'target') {
        await item.answer(writing.writer?.name() ?? toBeSkipped);
        continue;
      }
      if (item.type === 'progress') {
        show(writing, item.writtenBytes, options);
        continue;
      }
      if (item.type === 'body-end' && item.writtenBytes !== undefined) {
        show(writing, item.writtenBytes, options);
        writing.writer?.took(item.writtenBytes);
      }
      if (item.type === 'failed' && item.target === true) {
        await giveUpTarget(writing, item.error, options);
      } else if (item.type === 'failed') await giveUp(writing, item.error, options);
      else if (await finish(writing, options)) {
        counts.files += 1;
        counts.bytes += writing.entry.size;
      }
      writing = undefined;
    }
    if (writing !== undefined) throw outOfOrder('the end came inside a file');
    for (const { path, entry } of made.reverse()) {
      await attempt(options, () => {
        finishDirectory(path, entry, options);
      });
    }
    return counts;
  } finally {
    await writing?.writer?.abandon();
  }
}

/** Runs one step for one item. @returns whether it went well; when not, the item has been named */
async function attempt(
  { onFailed }: ExtractOptions,
  step: () => void | Promise<void>,
): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    // Too few bytes came: as with content that is damaged in the vault, that is this file's trouble.
    if (!concernsOneItem(error) && !isVaultError(error, 'damaged')) throw error;
    onFailed(error);
    return false;
  }
}

async function begin(
  path: Buffer,
  entry: Entry,
  options: ExtractOptions,
): Promise<FileWriter | undefined> {
  let writer: FileWriter | undefined;
  await attempt(options, () => {
    writer = openFileWriter(placesOf(path, options), entry);
  });
  return writer;
}

async function write(writing: Writing, bytes: Buffer, options: ExtractOptions): Promise<void> {
  const { writer } = writing;
  options.progress.advance(bytes.length);
  if (writer === undefined || (await attempt(options, () => writer.write(bytes)))) return;
  writing.writer = undefined;
  await writer.abandon();
}

/** @returns whether the file is there now */
async function finish(writing: Writing, options: ExtractOptions): Promise<boolean> {
  const { writer, path, entry } = writing;
  if (writer === undefined) return false;
  const done = await attempt(options, () => writer.finish());
  if (done) refineTime(path, entry, options);
  else await writer.abandon();
  return done;
}

/** The agent cannot give this file. */
async function giveUp(
  { writer }: Writing,
  error: VaultError,
  { onFailed }: ExtractOptions,
): Promise<void> {
  await writer?.abandon();
  onFailed(error);
}

/** The agent could not write our file; of what we write ourselves the system would say the same. */
async function giveUpTarget(
  { writer, path }: Writing,
  { code, detail, next }: VaultError,
  options: ExtractOptions,
): Promise<void> {
  await writer?.abandon();
  const subject = joinPath(options.root, path).toString();
  await attempt(options, () => {
    throw new VaultError(code, { op, subject, detail, next });
  });
}

/** The agent has written so many bytes of this file. */
function show(writing: Writing, bytes: number, { progress }: ExtractOptions): void {
  if (bytes <= writing.shownBytes) return;
  progress.advance(bytes - writing.shownBytes);
  writing.shownBytes = bytes;
}

function makeEntry(path: Buffer, entry: Entry, options: ExtractOptions): void {
  if (entry.kind === 'symlink') makeSymlink(path, entry, options);
  else if (path.length > 0) options.directory.makeDirectory(path);
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
export function finishDirectory(path: Buffer, entry: Entry, options: ExtractOptions): void {
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
  return new VaultError('malformed', {
    op,
    subject: 'answer of the agent',
    detail,
    next: sameVersion,
  });
}
