/** `vault import`: stores a whole local tree, or what is missing of it. */
import { realpathSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { ExitStatus } from '../../protocol/exit-status.ts';
import type { PutResult } from '../../protocol/messages/control-put.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { createFailedItems } from '../failed-items.ts';
import type { FailedItems } from '../failed-items.ts';
import { planImport } from '../import/dry-run.ts';
import type { Planned } from '../import/dry-run.ts';
import { openSourceTree } from '../import/source-tree.ts';
import type { SourceTree } from '../import/source-tree.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { localBootId } from '../local/boot-id.ts';
import { localError } from '../local/local-error.ts';
import { bytesJson, joinPath } from '../output/entry-row.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { openJsonList } from '../output/json-list.ts';
import type { JsonList } from '../output/json-list.ts';
import type { Progress } from '../output/progress.ts';
import { flag, texts } from '../parse/command-line.ts';
import { kindAt } from '../paths/destination.ts';
import type { VaultPath } from '../paths/vault-path.ts';
import { createBodyReader } from '../put/body.ts';
import { countBytes } from '../put/count.ts';
import { upload } from '../put/upload.ts';

const op = 'cli.import';

interface Work {
  readonly invocation: Invocation;
  readonly client: ControlClient;
  readonly tree: SourceTree;
  readonly destination: VaultPath;
  readonly failed: FailedItems;
}

export const importTree: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [typedSource = '', typedDestination = ''] = line.operands;
  const destination = vaultPath(line, typedDestination);
  const root = directoryOf(typedSource);
  const progress = invocation.startProgress();
  const failed = createFailedItems((error) => {
    progress.hide();
    output.fail(error);
  });
  const isDry = flag(line, 'dry-run');
  const list = isDry && output.json ? openJsonList(output) : undefined;
  const tree = openSourceTree({
    root,
    excludes: texts(line, 'exclude'),
    ignoreFiles: texts(line, 'ignore-file'),
    // A socket or a device is no content: that it is left out is said and is no failure.
    warn(error) {
      progress.hide();
      if (error.code === 'not-supported') output.warn(error);
      else failed.add(error);
    },
    onIgnored(path, stats) {
      if (!isDry) return;
      const size = stats.isFile() ? Number(stats.size) : 0;
      tellPlan(invocation, list, {
        action: 'ignore',
        path,
        isDirectory: stats.isDirectory(),
        size,
      });
    },
  });
  try {
    const client = await invocation.client();
    await refuseFile(client, destination);
    const work = { invocation, client, tree, destination, failed };
    const status = isDry ? await plan(work, list) : await store(work, progress);
    progress.finish();
    return status;
  } finally {
    progress.finish();
  }
};

async function store(work: Work, progress: Progress): Promise<ExitStatus> {
  const { invocation, client, tree, destination, failed } = work;
  const { output, signal, line } = invocation;
  if (output.progress) void showTotal(tree, progress, signal);
  const session = client.put({
    destination: destination.bytes,
    parents: true,
    into: false,
    checksum: flag(line, 'checksum'),
    bootId: localBootId(line),
  });
  const onFailed = (error: VaultError): void => {
    failed.add(error);
  };
  try {
    const bodies = createBodyReader(signal);
    const result = await upload(session, tree.items(), { bodies, progress, onFailed });
    progress.finish();
    report(work, result);
    return failed.status(result.files + result.directories + result.symlinks + result.skipped);
  } catch (error) {
    progress.finish();
    output.note('what was stored stays: the same command goes on from there');
    throw error;
  }
}

async function plan(work: Work, list: JsonList | undefined): Promise<ExitStatus> {
  const { invocation, client, tree, destination, failed } = work;
  const session = client.put({
    destination: destination.bytes,
    parents: true,
    into: false,
    checksum: flag(invocation.line, 'checksum'),
    dryRun: true,
  });
  const sums = { files: 0, bytes: 0, skipped: 0, skippedBytes: 0 };
  const onFailed = (error: VaultError): void => {
    failed.add(error);
  };
  for await (const planned of planImport(session, tree.items(), onFailed)) {
    addPlanned(sums, planned);
    // A directory that is there is nothing to tell.
    if (planned.item.kind === 'directory' && !planned.isNew) continue;
    tellPlan(invocation, list, {
      action: planned.isNew ? 'store' : 'skip',
      path: planned.item.path,
      isDirectory: planned.item.kind === 'directory',
      size: planned.item.size ?? 0,
    });
  }
  list?.end();
  invocation.output.note(
    `would store ${formatCount(sums.files, 'file')} (${formatBytes(sums.bytes)}), ` +
      `skip ${String(sums.skipped)} (${formatBytes(sums.skippedBytes)}), ` +
      `leave out ${String(tree.ignored)} by patterns`,
  );
  return failed.status(sums.files + sums.skipped);
}

function addPlanned(
  sums: { files: number; bytes: number; skipped: number; skippedBytes: number },
  { item, isNew }: Planned,
): void {
  if (item.kind === 'directory') return;
  sums[isNew ? 'files' : 'skipped'] += 1;
  sums[isNew ? 'bytes' : 'skippedBytes'] += item.size ?? 0;
}

interface PlanRow {
  readonly action: 'store' | 'skip' | 'ignore';
  /** From the root of the tree. */
  readonly path: Buffer;
  readonly isDirectory: boolean;
  readonly size: number;
}

function tellPlan(
  { output, line }: Invocation,
  list: JsonList | undefined,
  { action, path, isDirectory, size }: PlanRow,
): void {
  if (list !== undefined) {
    const shown = path.length === 0 ? Buffer.from('.') : path;
    list.row({ action, ...bytesJson('path', shown), directory: isDirectory, size });
    return;
  }
  const destination = vaultPath(line, line.operands[1] ?? '/').bytes;
  const target = escapeBytes(joinPath(destination, path));
  const cells = [action.padEnd(6), (isDirectory ? '' : formatBytes(size)).padStart(8)];
  output.lines([`${cells.join('  ')}  /${target}${isDirectory ? '/' : ''}`]);
}

/** @returns where it really is */
function directoryOf(typed: string): Buffer {
  try {
    const root = realpathSync(typed, 'buffer');
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    throw localError(op, typed, error);
  }
  throw new VaultError('not-directory', {
    op,
    subject: typed,
    next: `a single file is stored with vault put ${shellWord(typed)} DEST`,
  });
}

async function refuseFile(client: ControlClient, { bytes, typed }: VaultPath): Promise<void> {
  const kind = await kindAt(client, bytes);
  if (kind === undefined || kind === 'directory') return;
  throw new VaultError('not-directory', {
    op,
    subject: typed,
    detail: `a ${kind} has this name`,
    next: 'give the name of a directory, or of nothing yet',
  });
}

async function showTotal(tree: SourceTree, progress: Progress, signal: AbortSignal): Promise<void> {
  // The work itself begins first.
  await nextTurn();
  progress.total(await countBytes([tree.root], signal, (found) => tree.accepts(found)));
}

function report({ invocation, tree, failed }: Work, result: PutResult): void {
  const { output } = invocation;
  const { ignored, hardLinks } = tree;
  if (output.json) {
    const more = { ignored, hardLinks, failed: failed.count };
    output.value({ ...result, version: result.version ?? null, ...more });
    return;
  }
  const counts = [
    formatCount(result.files, 'file'),
    formatCount(result.directories, 'directory', 'directories'),
    ...(result.symlinks > 0 ? [formatCount(result.symlinks, 'symbolic link')] : []),
  ];
  const sizes = `${formatBytes(result.bytes)}, ${formatBytes(result.storedBytes)} new on disk`;
  output.note(`stored ${counts.join(', ')} (${sizes})`);
  if (result.skipped > 0) {
    output.note(
      `skipped ${formatCount(result.skipped, 'file')}: stored before, and not read again`,
    );
  }
  if (ignored > 0) output.note(`left out ${String(ignored)} by patterns`);
  if (hardLinks > 0) {
    const names = formatCount(hardLinks, 'name');
    output.note(`${names} of files with several names (hard links): each is a file of its own now`);
  }
}
