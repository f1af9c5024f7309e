/**
 * Settling a conflict the way a person decided: one of the versions, all of them as files of their
 * own, or a new content that takes the place of all. Nothing is thrown away: what made way stays in
 * the history, and what nobody had seen yet when it was decided stays in conflict.
 */
import { VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type EntryId, type NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import type { Random } from '../ports.ts';
import { find } from './browse.ts';
import { announceChunks, type ChangeResult } from './change.ts';
import { clashAt, opOf, type Clash, type ConflictParts } from './conflicts.ts';
import type { FileToPublish } from './item-publisher.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { Contribution, Publisher } from './publisher.ts';
import {
  DecidedRows,
  keepAllOps,
  keepOneOps,
  targetOf,
  type FreshIds,
  type Kept,
} from './resolve-ops.ts';
import type { VaultParts } from './vault.ts';
import { formatVersion } from './version-id.ts';

export type ResolveParts = VaultParts & Pick<ConflictParts, 'device'>;

/** What writing to the journal takes. */
interface PublishParts {
  readonly tree: Tree;
  readonly publisher: Publisher;
  readonly random: Random;
}

interface Decision {
  readonly path: VaultPath;
  readonly decided: DecidedRows;
}

type StepOps = (tree: Tree, clash: Clash, isFirst: boolean) => Contribution;

/**
 * @param keep `mine`: what this device wrote; `theirs`: what it did not write; `both`: all of them;
 *   else hex of a version's id, or of its beginning
 * @throws VaultError `not-found` when nothing is in conflict there, `conflict` when `keep` names none or
 *   several of the versions
 */
export async function resolve(
  parts: ResolveParts,
  path: VaultPath,
  keep: string,
): Promise<ChangeResult> {
  const clash = requireClash(parts.tree, path);
  const decision = { path: pathOf(clash), decided: new DecidedRows(parts.tree, clash.rows) };
  if (keep === 'both') return keepAll(parts, clash, decision);
  const row = chosenRow(parts, clash, keep);
  refuseDirectory(clash);
  const { version } = row;
  const kept: Kept = {
    row,
    version:
      row.node.kind === 'file' && version !== undefined
        ? { content: version.content, attributes: { mode: version.mode, mtime: version.mtime } }
        : undefined,
  };
  const chunksReused = await announceChunks(parts, version?.content);
  return keepOne(parts, { ...decision, kept, contribution: { chunksReused } });
}

/**
 * A new content takes the place of the versions that are named.
 * @param versions hex of their ids
 * @returns the new version
 * @throws VaultError `not-found`, `conflict`
 */
export async function publishResolution(
  parts: PublishParts,
  { item, content, contribution }: Pick<FileToPublish, 'item' | 'content' | 'contribution'>,
  versions: readonly string[],
): Promise<string> {
  const clash = requireClash(parts.tree, item.path);
  refuseDirectory(clash);
  const named = clash.rows.filter((row) => versions.includes(idOf(parts.tree, row) ?? ''));
  const row = named.find(({ node }) => node.kind === 'file');
  if (row === undefined) {
    throw failure('conflict', item.path, {
      detail: 'other versions are in conflict by now',
      next: lookAgain(item.path),
    });
  }
  const kept = { row, version: { content, attributes: { mode: item.mode, mtime: item.mtime } } };
  const decided = new DecidedRows(parts.tree, named);
  const { version } = await keepOne(parts, { path: pathOf(clash), decided, kept, contribution });
  return version ?? '';
}

function keepOne(
  parts: PublishParts,
  decision: Decision & { readonly kept: Kept; readonly contribution: Omit<Contribution, 'ops'> },
): Promise<ChangeResult> {
  const { kept } = decision;
  let target: EntryId | undefined;
  return publishSteps(parts, decision, (tree, clash, isFirst) => {
    target ??= targetOf(clash, kept);
    const step = { kept, target, isFirst, fresh: freshIds(parts.random) };
    const ops = [...keepOneOps(tree, clash, step)];
    for (const op of ops) if (op.type === 'make') target = op.entry;
    return isFirst ? { ...decision.contribution, ops } : { ops };
  });
}

async function keepAll(
  parts: ResolveParts,
  clash: Clash,
  decision: Decision,
): Promise<ChangeResult> {
  for (const { version } of clash.rows) {
    const chunksReused = await announceChunks(parts, version?.content);
    if (chunksReused.length === 0) continue;
    await parts.publisher.publish({ keys: [], build: () => ({ ops: [], chunksReused }) });
  }
  return publishSteps(parts, decision, (tree, now) => ({
    ops: [...keepAllOps(tree, now)],
  }));
}

/** Most conflicts are settled by one publication; of many versions each takes in some. */
async function publishSteps(
  { tree, publisher }: PublishParts,
  decision: Decision,
  stepOps: StepOps,
): Promise<ChangeResult> {
  const { path, decided } = decision;
  let entries = 0;
  let version: string | undefined;
  for (let isFirst = true; ; isFirst = false) {
    // Nothing is left of it: no sync has to be waited for.
    if (!isFirst && stepOf(tree, decision, stepOps).ops.length === 0) return { entries, version };
    let ops: Contribution['ops'] = [];
    const ids = await publisher.publish({
      keys: [joinPath(path).toString('latin1')],
      build: (now) => {
        const step = isFirst ? firstStepOf(now, decision, stepOps) : stepOf(now, decision, stepOps);
        ({ ops } = step);
        return step;
      },
    });
    decided.add(ids);
    entries += ids.length;
    version ??= writtenBy(ops, ids) ?? idOfChosen(tree, path);
  }
}

function firstStepOf(tree: Tree, decision: Decision, stepOps: StepOps): Contribution {
  const rows = rowsOf(tree, decision);
  if (rows !== undefined) return stepOps(tree, rows, true);
  throw failure('conflict', decision.path, {
    detail: 'it was settled meanwhile',
    next: `vault stat ${shellWord(formatPath(decision.path))}`,
  });
}

function stepOf(tree: Tree, decision: Decision, stepOps: StepOps): Contribution {
  const rows = rowsOf(tree, decision);
  return rows === undefined ? { ops: [] } : stepOps(tree, rows, false);
}

/** The clash as far as it was decided about; undefined when nothing is left of it. */
function rowsOf(tree: Tree, { path, decided }: Decision): Clash | undefined {
  const clash = clashAt(tree, path);
  const rows = clash === undefined ? [] : decided.in(tree, clash);
  return clash === undefined || rows.length === 0 ? undefined : { ...clash, rows };
}

/** The version that a step wrote. */
function writtenBy(ops: Contribution['ops'], ids: readonly OpId[]): string | undefined {
  const at = ops.findIndex(({ type }) => type === 'write' || type === 'make');
  const id = ids[at];
  return id === undefined ? undefined : formatVersion(id);
}

function idOfChosen(tree: Tree, path: VaultPath): string | undefined {
  const version = tree.resolve(path)?.version;
  return version === undefined ? undefined : formatVersion(version.op);
}

function requireClash(tree: Tree, path: VaultPath): Clash {
  const { view } = find(tree, path);
  const clash = view === undefined ? undefined : clashAt(tree, path);
  if (clash !== undefined) return clash;
  throw failure('not-found', path, {
    detail: 'nothing is in conflict there',
    next: 'vault conflicts lists what is',
  });
}

/** @throws VaultError `conflict` with the versions to choose from */
function chosenRow(parts: ResolveParts, clash: Clash, keep: string): EntryView {
  // Two names of one file may want one name: they are the same choice.
  const choices = clash.rows.filter(
    (row, at) => clash.rows.findIndex((other) => isSameChoice(parts.tree, row, other)) === at,
  );
  const matching = choices.filter((row) => isMeant(parts, row, keep.toLowerCase()));
  const [row, ...others] = matching;
  if (row !== undefined && others.length === 0) return row;
  const count = matching.length === 0 ? 'none' : String(matching.length);
  const path = pathOf(clash);
  throw failure('conflict', path, {
    detail: `${keep} means ${count} of these versions: ${choicesOf(parts, choices)}`,
    next: `vault resolve ${shellWord(formatPath(path))} --keep VERSION, with one of these`,
  });
}

function isSameChoice(tree: Tree, row: EntryView, other: EntryView): boolean {
  return row === other || (row.node.id === other.node.id && idOf(tree, row) === idOf(tree, other));
}

function isMeant(parts: ResolveParts, row: EntryView, keep: string): boolean {
  const op = opOf(parts.tree, row);
  if (op === undefined) return false;
  const isOwn = splitJournalId(op.journal).device === parts.device;
  if (keep === 'mine') return isOwn;
  if (keep === 'theirs') return !isOwn;
  return formatVersion(op).startsWith(keep);
}

function choicesOf({ tree, deviceName }: ResolveParts, rows: readonly EntryView[]): string {
  return rows
    .flatMap((row) => {
      const op = opOf(tree, row);
      if (op === undefined) return [];
      const author = deviceName(splitJournalId(op.journal).device);
      return `${formatVersion(op)} by ${author}`;
    })
    .join(', ');
}

/** A directory has no versions that could take another one's place. */
function refuseDirectory(clash: Clash): void {
  const { rows } = clash;
  if (rows.length < 2 || !rows.some(({ node }) => node.kind === 'directory')) return;
  const path = pathOf(clash);
  const shown = shellWord(formatPath(path));
  throw failure('conflict', path, {
    detail: 'a directory has this name, and files want it',
    next: `vault resolve ${shown} --keep both, or move one of them away with vault mv`,
  });
}

/** The name that all of them want: those that versions are shown under go while they are settled. */
function pathOf({ directory, name }: Clash): VaultPath {
  return [...directory, name];
}

function idOf(tree: Tree, row: EntryView): string | undefined {
  const op = opOf(tree, row);
  return op === undefined ? undefined : formatVersion(op);
}

function lookAgain(path: VaultPath): string {
  return `vault conflicts ${shellWord(formatPath(path))}, and decide again`;
}

function freshIds(random: Random): FreshIds {
  const id = (): string => random.bytes(16).toString('hex');
  return { node: id() as NodeId, entry: id() as EntryId };
}

function failure(
  code: 'conflict' | 'not-found',
  path: VaultPath,
  more: { readonly detail: string; readonly next: string },
): VaultError {
  return new VaultError(code, { op: 'vault.resolve', subject: formatPath(path), ...more });
}
