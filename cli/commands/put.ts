/** `vault put`: stores local files, trees and standard input. */
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { PutResult } from '../../protocol/messages/control-put.ts';
import { createFailedItems } from '../failed-items.ts';
import type { FailedItems } from '../failed-items.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { localBootId } from '../local/boot-id.ts';
import { localError } from '../local/local-error.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import type { Progress } from '../output/progress.ts';
import { flag } from '../parse/command-line.ts';
import { findDestination, pathIn } from '../paths/destination.ts';
import type { Destination } from '../paths/destination.ts';
import { createBodyReader } from '../put/body.ts';
import type { BodyReader } from '../put/body.ts';
import { countBytes } from '../put/count.ts';
import { sourceItem, timeOf } from '../put/source-item.ts';
import type { SourceItem } from '../put/source-item.ts';
import { upload } from '../put/upload.ts';
import { walk } from '../put/walk.ts';

const op = 'cli.put';
const standardInput = '-';

interface Work {
  readonly invocation: Invocation;
  readonly client: ControlClient;
  readonly bodies: BodyReader;
  readonly progress: Progress;
  readonly failed: FailedItems;
}

/** One operand of the command line, and the exact path that it is stored under. */
interface Source {
  readonly typed: string;
  readonly destination: Buffer;
}

export const put: Handler = async (invocation) => {
  const { line, output } = invocation;
  const operands = line.operands.slice(0, -1);
  const typed = vaultPath(line, line.operands.at(-1) ?? '');
  checkSources(operands, flag(line, 'recursive'));
  const client = await invocation.client();
  const rules = { op, sources: operands.length, parents: flag(line, 'parents') };
  const destination = await findDestination(client, typed, rules);
  const sources = operands.map((each) => ({
    typed: each,
    destination: destinationOf(each, destination),
  }));
  const progress = invocation.startProgress();
  const failed = createFailedItems((error) => {
    progress.hide();
    output.fail(error);
  });
  try {
    if (output.progress) void showTotal(operands, progress, invocation.signal);
    const bodies = createBodyReader(invocation.signal);
    const total = await putAll({ invocation, client, progress, failed, bodies }, sources);
    progress.finish();
    const done = total.files + total.directories + total.symlinks + total.skipped;
    if (done > 0 || failed.count === 0) report(invocation, total);
    return failed.status(done);
  } finally {
    progress.finish();
  }
};

async function putAll(work: Work, sources: readonly Source[]): Promise<PutResult> {
  let total = nothing;
  for (const source of sources) total = addResults(total, await putOne(work, source));
  return total;
}

async function putOne(work: Work, source: Source): Promise<PutResult> {
  const { line } = work.invocation;
  const session = work.client.put({
    destination: source.destination,
    parents: flag(line, 'parents'),
    into: false,
    checksum: flag(line, 'checksum'),
    bootId: localBootId(line),
  });
  return upload(session, itemsOf(source.typed, work), {
    ...work,
    onFailed: (error) => {
      work.failed.add(error);
    },
  });
}

/** All mistakes of the command line are found before anything is sent. */
function checkSources(sources: readonly string[], recursive: boolean): void {
  for (const source of sources) {
    if (source === standardInput || recursive) continue;
    if (isDirectory(source)) {
      throw new VaultError('is-directory', {
        op,
        subject: source,
        next: 'give -r to store a directory with what is in it: vault put -r',
      });
    }
  }
  if (sources.filter((source) => source === standardInput).length > 1) {
    throw new VaultError('usage', {
      op,
      subject: '-',
      detail: 'standard input comes once',
      next: 'give - once only',
    });
  }
}

/** One that cannot be looked at fails in its turn, and by itself. */
function isDirectory(source: string): boolean {
  try {
    return statOf(source).isDirectory();
  } catch (error) {
    if (isVaultError(error)) return false;
    throw error;
  }
}

/** `a/b/` goes under the name `b`; `.`, `..` and `a/.` mean what is in them. */
export function destinationOf(source: string, destination: Destination): Buffer {
  if (source === standardInput) {
    if (!destination.into) return destination.path;
    throw new VaultError('is-directory', {
      op,
      subject: destination.path.length === 0 ? '/' : destination.path.toString(),
      detail: 'standard input needs the name of a file',
      next: 'write the name behind it: vault put - DIRECTORY/NAME',
    });
  }
  const last = source.replace(/\/+$/, '').split('/').at(-1);
  if (last === '.') return destination.path;
  const name = last === '..' || last === '' ? basename(realPathOf(source)) : basename(source);
  return pathIn(destination, Buffer.from(name));
}

/** A source that cannot be read is an item that failed: the other ones go on. */
function* itemsOf(source: string, work: Work): Generator<SourceItem, undefined> {
  const { invocation, failed, progress } = work;
  try {
    if (source === standardInput) yield standardInputItem();
    else if (!flag(invocation.line, 'recursive')) yield fileItem(source);
    else {
      yield* walk(Buffer.from(source), (error) => {
        if (error.code !== 'not-supported') {
          failed.add(error);
          return;
        }
        // A socket or a device is no content: that it is left out is said and is no failure.
        progress.hide();
        invocation.output.warn(error);
      });
    }
  } catch (error) {
    if (!isVaultError(error)) throw error;
    failed.add(error);
  }
  return undefined;
}

/** Without -r a symbolic link stands for the file that it leads to, as with cp. */
function fileItem(source: string): SourceItem {
  const stats = statOf(source);
  if (!stats.isFile()) {
    throw new VaultError('not-supported', {
      op,
      subject: source,
      detail: 'neither a file nor a directory',
      next: 'name a file or a directory',
    });
  }
  const file = Buffer.from(realpathSync(source, 'buffer'));
  return sourceItem(stats, 'file', { path: Buffer.alloc(0), file });
}

function standardInputItem(): SourceItem {
  return {
    path: Buffer.alloc(0),
    file: undefined,
    kind: 'file',
    size: undefined,
    mode: 0o666 & ~process.umask(),
    mtime: timeOf(BigInt(Date.now()) * 1_000_000n),
  };
}

function realPathOf(source: string): string {
  try {
    return realpathSync(source);
  } catch (error) {
    throw localError(op, source, error);
  }
}

function statOf(source: string): ReturnType<typeof statWithNanoseconds> {
  try {
    return statWithNanoseconds(source);
  } catch (error) {
    throw localError(op, source, error);
  }
}

function statWithNanoseconds(source: string) {
  return statSync(source, { bigint: true });
}

async function showTotal(
  sources: readonly string[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (sources.includes(standardInput)) return;
  // The work itself begins first.
  await nextTurn();
  progress.total(
    await countBytes(
      sources.map((source) => Buffer.from(source)),
      signal,
    ),
  );
}

const nothing: PutResult = {
  files: 0,
  directories: 0,
  symlinks: 0,
  skipped: 0,
  bytes: 0,
  storedBytes: 0,
  chunksNew: 0,
  chunksReused: 0,
};

function addResults(left: PutResult, right: PutResult): PutResult {
  return {
    files: left.files + right.files,
    directories: left.directories + right.directories,
    symlinks: left.symlinks + right.symlinks,
    skipped: left.skipped + right.skipped,
    bytes: left.bytes + right.bytes,
    storedBytes: left.storedBytes + right.storedBytes,
    chunksNew: left.chunksNew + right.chunksNew,
    chunksReused: left.chunksReused + right.chunksReused,
    version: right.version ?? left.version,
  };
}

function report({ output }: Invocation, result: PutResult): void {
  if (output.json) {
    output.value({ ...result, version: result.version ?? null });
    return;
  }
  const counts = [
    formatCount(result.files, 'file'),
    ...(result.directories > 0
      ? [formatCount(result.directories, 'directory', 'directories')]
      : []),
    ...(result.symlinks > 0 ? [formatCount(result.symlinks, 'symbolic link')] : []),
    ...(result.skipped > 0 ? [`${String(result.skipped)} unchanged`] : []),
  ];
  const sizes = `${formatBytes(result.bytes)}, ${formatBytes(result.storedBytes)} new on disk`;
  output.note(`stored ${counts.join(', ')} (${sizes})`);
}
