/** `vault resolve`: settles one conflict, by a choice, by a file, or by a merge. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Conflict, ConflictVersion } from '../../protocol/messages/control-conflict.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { clashLines } from '../output/conflict-text.ts';
import { formatCount } from '../output/format.ts';
import type { Progress } from '../output/progress.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import type { VaultPath } from '../paths/vault-path.ts';
import { readContents } from '../resolve/contents.ts';
import { mergeTexts } from '../resolve/merge.ts';
import type { LineClash } from '../resolve/merge.ts';
import { storeBytes, storeFile } from '../resolve/store.ts';

const op = 'cli.resolve';

export const resolve: Handler = async (invocation) => {
  const { line } = invocation;
  checkChoice(invocation);
  const path = vaultPath(line, line.operands[0] ?? '');
  const client = await invocation.client();
  const keep = text(line, 'keep');
  if (keep !== undefined) {
    const { entries, version } = await client.resolve({ path: path.bytes, keep });
    report(invocation, { path: path.bytes, version, entries });
    return 0;
  }
  const conflict = await findConflict(client, path);
  const progress = invocation.startProgress();
  try {
    const source = text(line, 'with');
    const version =
      source === undefined
        ? await merge(client, conflict, { invocation, progress })
        : (
            await storeFile(client, conflict, {
              ...{ typed: source, signal: invocation.signal, progress },
            })
          ).version;
    progress.finish();
    report(invocation, { path: conflict.path, version, entries: 1 });
  } finally {
    progress.finish();
  }
  return 0;
};

function checkChoice({ line }: Invocation): void {
  const given = ['keep', 'with'].filter((name) => text(line, name) !== undefined);
  if (flag(line, 'merge')) given.push('merge');
  if (given.length === 1) return;
  const detail = given.length === 0 ? 'it has to be said how' : 'only one of them can be done';
  throw usageError(line.command, '--keep, --with or --merge', detail);
}

async function findConflict(client: ControlClient, path: VaultPath): Promise<Conflict> {
  for await (const conflict of client.conflicts({ path: path.bytes })) {
    if (isAt(conflict, path.bytes)) return conflict;
  }
  throw new VaultError('not-found', {
    op,
    subject: path.typed,
    detail: 'nothing is in conflict there',
    next: 'vault conflicts lists what is',
  });
}

/** Whether a path is the name of the conflict, or one that a version of it is shown under. */
function isAt({ path, versions }: Conflict, asked: Buffer): boolean {
  const slash = Math.max(0, path.lastIndexOf('/') + 1);
  const above = path.subarray(0, slash);
  return (
    path.equals(asked) || versions.some(({ name }) => Buffer.concat([above, name]).equals(asked))
  );
}

/** @returns the new version */
async function merge(
  client: ControlClient,
  conflict: Conflict,
  { invocation, progress }: { readonly invocation: Invocation; readonly progress: Progress },
): Promise<string | undefined> {
  const contents = await readContents(client, conflict, decideNext(conflict));
  let [merged = ''] = contents.sides;
  for (const [index, side] of contents.sides.entries()) {
    if (index === 0) continue;
    const step = mergeTexts(contents.base, merged, side);
    if (step.type === 'too-long') throw tooLong(conflict);
    if (step.type === 'clashes') throw clash(invocation, conflict, { index, ...step });
    merged = step.text;
  }
  const bytes = Buffer.from(merged);
  return (await storeBytes(client, conflict, { bytes, progress })).version;
}

function tooLong(conflict: Conflict): VaultError {
  return new VaultError('conflict', {
    op,
    subject: conflict.path.toString(),
    detail: 'too many equal lines to compare them all',
    next: decideNext(conflict),
  });
}

/** Writes out what clashes. @returns the failure that ends the command */
function clash(
  { output }: Invocation,
  conflict: Conflict,
  { index, clashes }: { readonly index: number; readonly clashes: readonly LineClash[] },
): VaultError {
  const [first] = conflict.versions;
  const titles = {
    first: titleOf(first) + (index > 1 ? ' and others' : ''),
    base: titleOf(conflict.ancestor),
    second: titleOf(conflict.versions[index]),
  };
  if (output.json) output.value({ merged: false, ...titles, clashes });
  else output.lines(clashes.flatMap((each) => clashLines(each, titles)));
  return new VaultError('conflict', {
    op,
    subject: conflict.path.toString(),
    detail: `the same lines were changed differently in ${formatCount(clashes.length, 'place')}`,
    next: decideNext(conflict),
  });
}

function titleOf(version: ConflictVersion | undefined): string {
  return [version?.author, version?.version].filter((word) => word !== undefined).join(' ');
}

function decideNext({ path }: Conflict): string {
  const resolveIt = `vault resolve ${shellWord(escapeBytes(path))}`;
  return `${resolveIt} --keep mine|theirs|both|VERSION, or merge by hand and ${resolveIt} --with FILE`;
}

function report(
  { output, line }: Invocation,
  done: {
    readonly path: Buffer;
    readonly version: string | undefined;
    readonly entries: number;
  },
): void {
  const merged = flag(line, 'merge');
  if (output.json) {
    output.value({
      entries: done.entries,
      version: done.version ?? null,
      ...(merged ? { merged } : {}),
    });
    return;
  }
  const version = done.version === undefined ? '' : ` (version ${done.version})`;
  output.note(`settled ${escapeBytes(done.path)}${version}`);
}
