/** `vault get`: copies files and trees out of the vault. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { concernsOneContent } from '../../protocol/reach.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { GetItem } from '../../protocol/control/get-items.ts';
import { openTargetDirectory } from '../get/directory.ts';
import { openExactTimes } from '../get/exact-times.ts';
import { extract } from '../get/extract.ts';
import type { Extracted, ExtractOptions } from '../get/extract.ts';
import { createFailedItems } from '../failed-items.ts';
import type { FailedItems } from '../failed-items.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { localBootId } from '../local/boot-id.ts';
import { localError } from '../local/local-error.ts';
import { nameOf } from '../output/entry-row.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import type { Progress } from '../output/progress.ts';
import { flag } from '../parse/command-line.ts';
import { clientAt } from '../paths/moment.ts';
import { withSuggestion } from '../paths/suggest.ts';
import { findVersion } from '../paths/version.ts';
import type { VersionedPath } from '../paths/version.ts';
import { writeContents } from './cat.ts';

const op = 'cli.get';

/** Where the sources go: into a directory under their own names, or under the one that was typed. */
interface LocalDestination {
  readonly directory: string;
  /** undefined: each source keeps its own. */
  readonly name: string | undefined;
}

export const get: Handler = async (invocation) => {
  const { line } = invocation;
  const typed = line.operands.at(-1) ?? '';
  const sources = line.operands.slice(0, -1);
  if (typed === '-') return writeContents(invocation, sources, { offset: 0, length: undefined });
  const destination = chooseLocalDestination(typed, sources.length);
  const client = await clientAt(invocation);
  const progress = invocation.startProgress();
  const failed = createFailedItems((error) => {
    progress.hide();
    invocation.output.fail(error);
  });
  try {
    const total = await getAll(invocation, { client, progress, failed, sources, destination });
    progress.finish();
    const done = total.files + total.directories + total.symlinks;
    if (done > 0 || failed.count === 0) report(invocation, total);
    return failed.status(done);
  } finally {
    progress.finish();
  }
};

interface Work {
  readonly client: ControlClient;
  readonly progress: Progress;
  readonly failed: FailedItems;
  readonly sources: readonly string[];
  readonly destination: LocalDestination;
}

async function getAll(invocation: Invocation, work: Work): Promise<Extracted> {
  const { client, progress, failed, destination } = work;
  const directory = openTargetDirectory(destination.directory);
  const root = Buffer.from(resolve(destination.directory));
  const times = openExactTimes();
  const total = { files: 0, directories: 0, symlinks: 0, bytes: 0 };
  const planned = { bytes: 0 };
  try {
    const onFailed = (error: VaultError): void => {
      failed.add(error);
    };
    for (const source of work.sources) {
      try {
        const found = await findVersion(client, invocation.line, source);
        const items = watchPlan(request(client, invocation, found), planned, progress);
        const name = nameFor(found, destination);
        add(total, await extract(items, { directory, root, name, times, progress, onFailed }));
      } catch (error) {
        if (!concernsOneContent(error)) throw error;
        failed.add(await withSuggestion(client, invocation.line, error));
      }
    }
  } finally {
    directory.close();
    const inexact = await times.finish();
    if (inexact > 0) {
      const files = formatCount(inexact, 'time');
      invocation.output.note(`${files} kept to the microsecond only: is perl installed?`);
    }
  }
  return total;
}

function request(client: ControlClient, { line }: Invocation, { path, version }: VersionedPath) {
  return client.get({
    path: path.bytes,
    version,
    recursive: flag(line, 'recursive'),
    offset: 0,
    bootId: localBootId(line),
  });
}

async function* watchPlan(
  items: AsyncIterable<GetItem>,
  planned: { bytes: number },
  progress: Progress,
): AsyncGenerator<GetItem> {
  for await (const item of items) {
    if (item.type === 'plan') {
      planned.bytes += item.bytes;
      progress.total(planned.bytes);
    }
    yield item;
  }
}

function nameFor({ path }: VersionedPath, destination: LocalDestination): ExtractOptions['name'] {
  if (destination.name !== undefined) return Buffer.from(destination.name);
  // The root of the vault has no name: what is in it goes into the directory itself.
  return path.bytes.length === 0 ? path.bytes : nameOf(path.bytes);
}

/**
 * @throws VaultError `not-found`, `not-directory`
 */
function chooseLocalDestination(typed: string, sources: number): LocalDestination {
  const stats = statSync(typed, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return { directory: typed, name: undefined };
  if (sources > 1 || typed.endsWith('/')) {
    throw new VaultError(stats === undefined ? 'not-found' : 'not-directory', {
      op,
      subject: typed,
      detail: 'it has to be a directory',
      next: `make it first: mkdir -p ${shellWord(typed)}`,
    });
  }
  const directory = dirname(typed);
  const above = statOrFail(directory);
  if (!above.isDirectory()) {
    throw new VaultError('not-directory', {
      op,
      subject: directory,
      next: 'give a place in a directory',
    });
  }
  return { directory, name: basename(typed) };
}

function statOrFail(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw localError(op, path, error);
  }
}

function add(total: { -readonly [Key in keyof Extracted]: number }, more: Extracted): void {
  total.files += more.files;
  total.directories += more.directories;
  total.symlinks += more.symlinks;
  total.bytes += more.bytes;
}

function report({ output }: Invocation, total: Extracted): void {
  if (output.json) {
    output.value(total);
    return;
  }
  const counts = [
    formatCount(total.files, 'file'),
    ...(total.directories > 0 ? [formatCount(total.directories, 'directory', 'directories')] : []),
    ...(total.symlinks > 0 ? [formatCount(total.symlinks, 'symbolic link')] : []),
  ];
  output.note(`copied ${counts.join(', ')} (${formatBytes(total.bytes)})`);
}
