/** `vault put`: stores local files, trees and standard input. */
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { PutResult } from '../../protocol/messages/control-put.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
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
  readonly warn: (error: VaultError) => void;
}

export const put: Handler = async (invocation) => {
  const { line, output } = invocation;
  const sources = line.operands.slice(0, -1);
  const typed = vaultPath(line, line.operands.at(-1) ?? '');
  checkSources(sources, flag(line, 'recursive'));
  const client = await invocation.client();
  const rules = { op, sources: sources.length, parents: flag(line, 'parents') };
  const destination = await findDestination(client, typed, rules);
  const progress = invocation.startProgress();
  let problems = 0;
  const warn = (error: VaultError): void => {
    // A socket or a device is no content: that it is left out is said and is no failure.
    if (error.code !== 'not-supported') problems += 1;
    output.warn(error);
  };
  try {
    if (output.progress) void showTotal(sources, progress, invocation.signal);
    const work = {
      invocation,
      client,
      progress,
      warn,
      bodies: createBodyReader(invocation.signal),
    };
    let total: PutResult | undefined;
    for (const source of sources) {
      total = addResults(total, await putOne(work, source, destination));
    }
    progress.finish();
    if (total !== undefined) report(invocation, total);
  } finally {
    progress.finish();
  }
  return problems === 0 ? 0 : 1;
};

async function putOne(work: Work, source: string, destination: Destination): Promise<PutResult> {
  const { line } = work.invocation;
  const session = work.client.put({
    destination: destinationOf(source, destination),
    parents: flag(line, 'parents'),
    into: false,
    checksum: flag(line, 'checksum'),
  });
  return upload(session, itemsOf(source, flag(line, 'recursive'), work.warn), work);
}

/** All mistakes of the command line are found before anything is sent. */
function checkSources(sources: readonly string[], recursive: boolean): void {
  for (const source of sources) {
    if (source === standardInput || recursive) continue;
    if (statOf(source).isDirectory()) {
      throw new VaultError('is-directory', { op, subject: source, next: 'vault put -r' });
    }
  }
  if (sources.filter((source) => source === standardInput).length > 1) {
    throw new VaultError('usage', { op, subject: '-', detail: 'standard input comes once' });
  }
}

/** `a/b/` goes under the name `b`; `.`, `..` and `a/.` mean what is in them. */
export function destinationOf(source: string, destination: Destination): Buffer {
  if (source === standardInput) {
    if (!destination.into) return destination.path;
    throw new VaultError('is-directory', {
      op,
      subject: 'DEST',
      detail: 'standard input needs the name of a file',
    });
  }
  const last = source.replace(/\/+$/, '').split('/').at(-1);
  if (last === '.') return destination.path;
  const name = last === '..' || last === '' ? basename(realpathSync(source)) : basename(source);
  return pathIn(destination, Buffer.from(name));
}

function itemsOf(
  source: string,
  recursive: boolean,
  warn: (error: VaultError) => void,
): Iterator<SourceItem, undefined> {
  if (source === standardInput) return [standardInputItem()].values();
  return recursive ? walk(Buffer.from(source), warn) : [fileItem(source)].values();
}

/** Without -r a symbolic link stands for the file that it leads to, as with cp. */
function fileItem(source: string): SourceItem {
  const stats = statOf(source);
  if (!stats.isFile()) {
    throw new VaultError('not-supported', {
      op,
      subject: source,
      detail: 'neither a file nor a directory',
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

function addResults(left: PutResult | undefined, right: PutResult): PutResult {
  if (left === undefined) return right;
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
