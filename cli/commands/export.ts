/** `vault export`: copies a whole tree out of the vault, or what is missing of it. */
import { mkdirSync, readdirSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { planExport } from '../export/plan.ts';
import type { ExportPlan } from '../export/plan.ts';
import { runExport } from '../export/run.ts';
import type { Exported } from '../export/run.ts';
import { createFailedItems } from '../failed-items.ts';
import type { FailedItems } from '../failed-items.ts';
import { openTargetDirectory } from '../get/directory.ts';
import { openExactTimes } from '../get/exact-times.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { localBootId } from '../local/boot-id.ts';
import { localError } from '../local/local-error.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import type { Progress } from '../output/progress.ts';
import { flag } from '../parse/command-line.ts';
import type { VaultPath } from '../paths/vault-path.ts';

const op = 'cli.export';

interface Work {
  readonly client: ControlClient;
  readonly source: VaultPath;
  readonly root: string;
  readonly progress: Progress;
  readonly failed: FailedItems;
}

export const exportTree: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [typedSource = '', root = ''] = line.operands;
  const source = vaultPath(line, typedSource);
  const client = await invocation.client();
  const top = await requireDirectory(client, source);
  makeTarget(root);
  const progress = invocation.startProgress();
  const failed = createFailedItems((error) => {
    progress.hide();
    output.fail(error);
  });
  try {
    const work = { client, source, root, progress, failed };
    const { plan, done } = await exportAll(invocation, work, top);
    progress.finish();
    report(invocation, { plan, done, failed });
    return failed.status(done.files + done.symlinks + done.directories + plan.skipped);
  } catch (error) {
    progress.finish();
    output.note('what was copied stays: the same command goes on from there');
    throw error;
  } finally {
    progress.finish();
  }
};

/** @returns the directory, called as what is in it is: relative to itself */
async function requireDirectory(client: ControlClient, source: VaultPath): Promise<Entry> {
  const entry = await client.stat({ path: source.bytes });
  if (entry.kind === 'directory') return { ...entry, path: Buffer.alloc(0) };
  throw new VaultError('not-directory', {
    op,
    subject: source.typed,
    next: `a single file is copied with vault get ${shellWord(source.typed)} DEST`,
  });
}

function makeTarget(root: string): void {
  try {
    mkdirSync(root, { recursive: true });
    // What cannot be listed cannot be compared: better said before anything is copied.
    readdirSync(root);
  } catch (error) {
    throw localError(op, root, error);
  }
}

async function exportAll(
  { line, output }: Invocation,
  work: Work,
  top: Entry,
): Promise<{ plan: ExportPlan; done: Exported }> {
  const { client, source, root, progress, failed } = work;
  const onFailed = (error: VaultError): void => {
    failed.add(error);
  };
  const times = openExactTimes();
  try {
    const plan = await planTree(work, top, { checksum: flag(line, 'checksum'), onFailed });
    progress.total(plan.bytes);
    const bootId = localBootId(line);
    const options = { client, path: source.bytes, root, times, progress, bootId, onFailed };
    return { plan, done: await runExport(plan, options) };
  } finally {
    const inexact = await times.finish();
    if (inexact > 0) {
      const counted = formatCount(inexact, 'time');
      output.note(`${counted} kept to the microsecond only: is perl installed?`);
    }
  }
}

async function planTree(
  { client, source, root }: Work,
  top: Entry,
  options: { readonly checksum: boolean; readonly onFailed: (error: VaultError) => void },
): Promise<ExportPlan> {
  const directory = openTargetDirectory(root);
  try {
    const pages = client.list({ path: source.bytes, recursive: true });
    const plan = await planExport(pages, { ...options, directory });
    return { ...plan, directories: [top, ...plan.directories] };
  } finally {
    directory.close();
  }
}

function report(
  { output }: Invocation,
  { plan, done, failed }: { plan: ExportPlan; done: Exported; failed: FailedItems },
): void {
  const { compared, ...copied } = done;
  const skipped = plan.skipped + compared;
  if (output.json) {
    output.value({ ...copied, skipped, hardLinks: plan.hardLinks, failed: failed.count });
    return;
  }
  const counts = [
    formatCount(copied.files, 'file'),
    ...(copied.directories > 0
      ? [formatCount(copied.directories, 'directory', 'directories')]
      : []),
    ...(copied.symlinks > 0 ? [formatCount(copied.symlinks, 'symbolic link')] : []),
  ];
  output.note(`copied ${counts.join(', ')} (${formatBytes(copied.bytes)})`);
  if (skipped > 0) output.note(`skipped ${String(skipped)} that are there already`);
  if (plan.hardLinks > 0) {
    const names = formatCount(plan.hardLinks, 'name');
    output.note(
      `${names} of files with several names (hard links): each is a file of its own here`,
    );
  }
}
