/**
 * What would go by the rules, what keeps the rest, and which chunks nothing else needs. It walks the
 * journals for older versions, the tree and the snapshots for what is in use, and the manifests for the
 * chunks of all of these; whatever cannot be read stops it, since what it names might be needed.
 *
 * The vault goes on meanwhile. What was in use when the plan began and was replaced since counts as in
 * use (`Meanwhile`); what comes later names its chunks in batches beyond the plan's vector, and these
 * stay for that reason.
 */
import { VaultError } from '../../../protocol/errors.ts';
import type { ChunkId, JournalId } from '../../../protocol/ids.ts';
import type { Content } from '../../../protocol/messages/op.ts';
import type { BatchSource } from '../../history/history.types.ts';
import type { Snapshot } from '../../namespace/snapshots.ts';
import { stateVersions } from '../../namespace/state/state-versions.ts';
import type { JournaledTree } from '../../namespace/tree.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Clock } from '../../ports.ts';
import { inspectContent } from '../local-content.ts';
import type { VaultPath } from '../path.ts';
import type { ReadParts } from '../read-content.ts';
import { Slices } from '../slices.ts';
import { rootOf } from '../content-root.ts';
import { readFromBeginnings, type Cut } from './beginnings.ts';
import { judgeAll, type Judged } from './histories.ts';
import { replacedSince } from './meanwhile.ts';
import { OldVersions, type OldVersion } from './old-versions.ts';
import { EffectiveRules } from './rules.ts';
import { isWithin } from '../is-within.ts';

export interface PlanParts extends ReadParts {
  readonly tree: Tree;
  readonly source: BatchSource;
  readonly clock: Clock;
  /** The tree that the journals begin with; undefined: nothing is folded. */
  readonly folded?: () => Promise<JournaledTree | undefined>;
  /** @throws VaultError `chunk-missing`, `no-key` when a part of it cannot be shown */
  readonly treeAt: (snapshot: Snapshot, signal?: AbortSignal) => Promise<Tree>;
  /** Whether a chunk or small record was released, and nothing has named it since. */
  readonly isReleased: (id: ChunkId) => boolean;
}

export type Fate = 'goes' | 'kept' | 'shared';

export interface PlannedVersion extends Omit<Judged, 'old' | 'isKept'> {
  readonly fate: Fate;
}

export interface ForgetPlan {
  /** How far each journal was looked at. */
  readonly vector: ReadonlyMap<JournalId, number>;
  readonly versions: readonly PlannedVersion[];
  /** Chunks and small records that nothing needs any more, with their sealed lengths. */
  readonly chunks: ReadonlyMap<ChunkId, number>;
}

/** More than this in one run is left to the next one. */
const chunksMax = 500_000;

/**
 * @param below only files at and below this path go
 * @throws VaultError `chunk-missing`, `no-key`, `damaged`, `cancelled`: then nothing may go
 */
export async function planForgetting(
  parts: PlanParts,
  below: VaultPath,
  signal?: AbortSignal,
): Promise<ForgetPlan> {
  const vector = new Map(parts.tree.vector());
  const slices = new Slices(parts.clock, signal);
  const old = await readOldVersions(parts, vector, slices);
  const judged = await judgeBelow(parts, { old, below, slices });
  const goes = judged.filter(
    ({ version, reasons }) => reasons.length === 0 && !isGone(parts, version.content),
  );
  const kept = await keptBySnapshots(parts, goes, signal);
  const going = goes.filter((each) => !kept.has(each));
  const doomed = await chunksOf(parts, going, slices);
  const goingOld = new Set([...doomed.versions].map(({ old: version }) => version));
  const inUse = contentsInUse(parts, old, goingOld);
  await subtract(parts, doomed.chunks, { contents: inUse, slices });
  let seen = vector;
  while (!isWithin(parts.tree.vector(), seen)) {
    const now = new Map(parts.tree.vector());
    await subtract(parts, doomed.chunks, { contents: replacedSince(parts, seen, now), slices });
    seen = now;
  }
  const there = judged.filter(({ version }) => !isGone(parts, version.content));
  return {
    vector,
    versions: there.map((each) => planned(each, { kept, doomed })),
    chunks: doomed.chunks,
  };
}

/** Whether it went in an earlier run. */
function isGone({ isReleased }: PlanParts, content: Content): boolean {
  const root = rootOf(content);
  return root !== undefined && isReleased(root);
}

/** @throws VaultError `damaged` when a journal is shorter than the tree knows it */
export function readOldVersions(
  parts: Pick<PlanParts, 'tree' | 'source' | 'folded'>,
  vector: ReadonlyMap<JournalId, number>,
  slices: Slices,
): Promise<OldVersions> {
  return readFromBeginnings(parts.source, vector.keys(), {
    op: 'vault.forget',
    read: (begins) => readBehind(parts, begins, { vector, slices }),
  });
}

async function readBehind(
  { tree, source, folded }: Pick<PlanParts, 'tree' | 'source' | 'folded'>,
  begins: ReadonlyMap<JournalId, number>,
  { vector, slices }: { readonly vector: ReadonlyMap<JournalId, number>; readonly slices: Slices },
): Promise<OldVersions | Cut> {
  const old = new OldVersions(tree);
  const begun = await folded?.();
  for (const versions of begun === undefined ? [] : stateVersions(begun)) {
    old.seed(versions);
    await slices.step();
  }
  for (const [journal, last] of vector) {
    let sequence = Math.min(last, begins.get(journal) ?? 0);
    for await (const batch of source.read(journal, sequence)) {
      if (batch.header.sequence !== sequence + 1 || sequence === last) break;
      sequence = batch.header.sequence;
      old.take(batch);
      await slices.step();
    }
    if (sequence !== last) return { cutAt: journal };
  }
  return old;
}

async function judgeBelow(
  { tree, clock }: PlanParts,
  { old, below, slices }: { old: OldVersions; below: VaultPath; slices: Slices },
): Promise<readonly Judged[]> {
  const rules = new EffectiveRules(tree);
  const judged: Judged[] = [];
  for (const versions of judgeAll(tree, old, { rules, nowMs: clock.nowMs() })) {
    await slices.step();
    const [first] = versions;
    if (first !== undefined && isBelow(first.path, below)) judged.push(...versions);
  }
  return judged;
}

function isBelow(path: VaultPath, above: VaultPath): boolean {
  return above.every((name, at) => path[at]?.equals(name) === true);
}

/** By which snapshot each is kept. A tree is made of one only when it may show one of them. */
async function keptBySnapshots(
  { tree, treeAt }: PlanParts,
  goes: readonly Judged[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Judged, string>> {
  const kept = new Map<Judged, string>();
  for (const snapshot of tree.snapshots()) {
    const maybe = goes.filter((each) => !kept.has(each) && mayShow(snapshot, each.old));
    if (maybe.length === 0) continue;
    const wanted = new Map(maybe.map(({ version }) => [rootOf(version.content), false]));
    for (const { content } of (await treeAt(snapshot, signal)).contents()) {
      const id = rootOf(content);
      if (wanted.has(id)) wanted.set(id, true);
    }
    for (const each of maybe) {
      if (wanted.get(rootOf(each.version.content)) === true) kept.set(each, snapshot.name);
    }
  }
  return kept;
}

/** Whether it was written by then, and not replaced. */
function mayShow({ vector }: Snapshot, old: OldVersion | undefined): boolean {
  if (old === undefined) return false;
  const isIn = ({ journal, sequence }: OldVersion['op']): boolean =>
    (vector.get(journal) ?? 0) >= sequence;
  return isIn(old.op) && !old.replacedBy.some(isIn);
}

interface Doomed {
  readonly versions: ReadonlySet<Judged>;
  readonly chunks: Map<ChunkId, number>;
}

/** Everything that these versions are made of; those whose list of chunks is not here stay. */
async function chunksOf(
  parts: PlanParts,
  going: readonly Judged[],
  slices: Slices,
): Promise<Doomed> {
  const versions = new Set<Judged>();
  const chunks = new Map<ChunkId, number>();
  for (const each of going) {
    if (chunks.size >= chunksMax) break;
    const own = new Map<ChunkId, number>();
    const { known } = await inspectContent(parts, each.version.content, ({ id, bytes }) => {
      if (!parts.isReleased(id)) own.set(id, bytes);
    });
    await slices.step();
    if (!known) continue;
    versions.add(each);
    for (const [id, bytes] of own) chunks.set(id, bytes);
  }
  return { versions, chunks };
}

/** What is shown, and every older version that stays. */
function* contentsInUse(
  parts: PlanParts,
  old: OldVersions,
  going: ReadonlySet<OldVersion | undefined>,
): Generator<Content> {
  for (const { content } of parts.tree.contents()) yield content;
  for (const version of old.all()) {
    if (going.has(version)) continue;
    if (!isGone(parts, version.content)) yield version.content;
  }
}

async function subtract(
  parts: PlanParts,
  chunks: Map<ChunkId, number>,
  { contents, slices }: { contents: Iterable<Content> | AsyncIterable<Content>; slices: Slices },
): Promise<void> {
  for await (const content of contents) {
    if (chunks.size === 0) return;
    await slices.step();
    const { known } = await inspectContent(parts, content, ({ id }) => chunks.delete(id));
    if (!known) throw notHere();
  }
}

function planned(
  each: Judged,
  { kept, doomed }: { kept: ReadonlyMap<Judged, string>; doomed: Doomed },
): PlannedVersion {
  const { path, version, reasons } = each;
  const snapshot = kept.get(each);
  if (snapshot !== undefined)
    return { path, version, reasons: [`snapshot ${snapshot}`], fate: 'kept' };
  if (reasons.length > 0) return { path, version, reasons, fate: 'kept' };
  if (!doomed.versions.has(each)) return { path, version, reasons: ['not here'], fate: 'kept' };
  const root = rootOf(version.content);
  const isNeeded = root === undefined || !doomed.chunks.has(root);
  return { path, version, reasons, fate: isNeeded ? 'shared' : 'goes' };
}

function notHere(): VaultError {
  return new VaultError('chunk-missing', {
    op: 'vault.forget',
    subject: 'the vault',
    detail: 'the list of chunks of a file that stays is not here, so nothing may go',
    next: 'wait until this device has everything (vault status), or run it on one that has',
  });
}
