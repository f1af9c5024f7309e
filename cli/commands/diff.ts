/** `vault diff`: what is different between two paths, or two versions. */
import type { ExitStatus } from '../../protocol/exit-status.ts';
import { escapeBytes, escapeText } from '../../protocol/text/escape.ts';
import { readText } from '../diff/contents.ts';
import { unifiedPatch } from '../diff/patch.ts';
import { findSides, type Side } from '../diff/sides.ts';
import { compareTrees, isSame, type TreeDifference } from '../diff/trees.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { bytesJson } from '../output/entry-row.ts';
import { formatBytes } from '../output/format.ts';
import { count } from '../parse/command-line.ts';

const contextLines = 3;
const same: ExitStatus = 0;
const different: ExitStatus = 1;

export const diff: Handler = async (invocation) => {
  const [a, b] = await findSides(invocation);
  const areTrees = a.entry.kind === 'directory' && b.entry.kind === 'directory';
  if (areTrees) return diffTrees(invocation, a, b);
  if (await isSame(a, b)) {
    if (invocation.output.json) invocation.output.value({ ...sidesJson(a, b), same: true });
    return same;
  }
  const patch = await patchOf(invocation, a, b);
  if (invocation.output.json) {
    invocation.output.value({ ...sidesJson(a, b), same: false, patch: patch ?? null });
  } else if (patch === undefined) {
    invocation.output.lines([`${described(a)} and ${described(b)} differ`]);
  } else writePatch(invocation, patch);
  return different;
};

/** Undefined when they cannot be shown as lines. */
async function patchOf({ line }: Invocation, a: Side, b: Side): Promise<string | undefined> {
  if (a.entry.kind !== 'file' || b.entry.kind !== 'file') return undefined;
  const context = count(line, 'unified') ?? contextLines;
  const before = await readText(a);
  const after = before === undefined ? undefined : await readText(b);
  if (before === undefined || after === undefined) return undefined;
  return unifiedPatch({ label: a.label, text: before }, { label: b.label, text: after }, context);
}

/** A terminal gets no control characters; a pipe gets what `patch` understands. */
function writePatch({ output }: Invocation, patch: string): void {
  if (output.columns === undefined) output.raw(patch);
  else output.lines(patch.replace(/\n$/, '').split('\n').map(escapeLine));
}

function escapeLine(line: string): string {
  return line.split('\t').map(escapeText).join('\t');
}

async function diffTrees(invocation: Invocation, a: Side, b: Side): Promise<ExitStatus> {
  const { output } = invocation;
  const differences: Record<string, unknown>[] = [];
  let count = 0;
  for await (const difference of compareTrees(a, b)) {
    count += 1;
    if (output.json) differences.push(differenceJson(difference));
    else output.lines([differenceLine(difference)]);
  }
  if (output.json) output.value({ ...sidesJson(a, b), same: count === 0, differences });
  return count === 0 ? same : different;
}

const marks: Readonly<Record<TreeDifference['type'], string>> = {
  added: '+',
  removed: '-',
  changed: 'M',
};

function differenceLine({ type, path, kind }: TreeDifference): string {
  return `${marks[type]} ${escapeBytes(path)}${kind === 'directory' ? '/' : ''}`;
}

function differenceJson(row: TreeDifference): Record<string, unknown> {
  return {
    type: row.type,
    ...bytesJson('path', row.path),
    kind: row.kind,
    sizeBefore: row.sizeBefore ?? null,
    sizeAfter: row.sizeAfter ?? null,
  };
}

function described({ label, entry }: Side): string {
  if (entry.kind === 'directory') return `directory ${label}`;
  if (entry.kind === 'symlink') {
    return `symbolic link ${label} -> ${escapeBytes(entry.target ?? Buffer.alloc(0))}`;
  }
  return `${label} (${formatBytes(entry.size)})`;
}

function sidesJson(a: Side, b: Side): Record<string, unknown> {
  return { before: sideJson(a), after: sideJson(b) };
}

function sideJson({ path, entry }: Side): Record<string, unknown> {
  return {
    ...bytesJson('path', path.length === 0 ? Buffer.from('/') : path),
    kind: entry.kind,
    version: entry.version ?? null,
    size: entry.size,
  };
}
