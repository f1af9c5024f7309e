/**
 * The files whose past may go, each with its older versions, its place and the rule that decides: what
 * has one history is one file, through renames over it. Pure but for the questions to the tree.
 */
import type { NodeId } from '../../../protocol/ids.ts';
import type { Placement, Tree, VersionView } from '../../namespace/tree.types.ts';
import { keyOf } from '../past-events.ts';
import { pathOfPlace } from '../past-places.ts';
import type { VaultPath } from '../path.ts';
import type { OldVersion, OldVersions } from './old-versions.ts';
import { keepReasons } from './policy.ts';
import type { EffectiveRule, EffectiveRules } from './rules.ts';

/** One version, and why it stays; no reason: nothing keeps it. */
export interface Judged {
  readonly path: VaultPath;
  readonly version: Pick<VersionView, 'op' | 'stamp' | 'content'>;
  /** Of a version that is not shown any more; only those can go. */
  readonly old: OldVersion | undefined;
  readonly reasons: readonly string[];
  /** Whether it is shown, or a rule keeps it; an empty one stays even when none does. */
  readonly isKept: boolean;
}

interface History {
  readonly path: VaultPath;
  readonly rule: EffectiveRule;
  readonly shown: readonly VersionView[];
  readonly old: readonly OldVersion[];
  /** When the last name went; undefined: it is there. */
  readonly goneMs: number | undefined;
  /** Names of the versions that were there when the last name went. */
  readonly last: ReadonlySet<string>;
}

const dayMs = 24 * 3_600_000;

/** Every version of the files that a rule speaks of, the latest of each file first. */
export function* judgeAll(
  tree: Tree,
  old: OldVersions,
  { rules, nowMs }: { readonly rules: EffectiveRules; readonly nowMs: number },
): Generator<readonly Judged[]> {
  const members = old.families();
  for (const versions of Map.groupBy(old.all(), ({ node }) => old.lineageOf(node)).values()) {
    const [first] = versions;
    if (first === undefined) continue;
    const nodes = members.get(old.lineageOf(first.node)) ?? [first.node];
    const history = historyOf(tree, old, { rules, nodes, versions });
    if (history !== undefined) yield judge(history, nowMs);
  }
}

/** undefined: no rule speaks of it, or it is not known whether it is there. */
function historyOf(
  tree: Tree,
  old: OldVersions,
  family: {
    readonly rules: EffectiveRules;
    readonly nodes: readonly NodeId[];
    readonly versions: readonly OldVersion[];
  },
): History | undefined {
  const { rules, nodes, versions } = family;
  const present = nodes.flatMap((node) => presentPlaceOf(tree, node) ?? []);
  const [here] = present.sort((a, b) => (a.node < b.node ? -1 : 1));
  if (here !== undefined) {
    const rule = rules.of(here.node, here.place.parent);
    if (rule.keep === undefined) return undefined;
    const shown = present.flatMap(({ node }) => tree.versionsOf(node));
    const path = pathOfPlace(tree, here.place);
    return { path, rule, shown, old: versions, goneMs: undefined, last: new Set() };
  }
  const gone = nodes.map((node) => goneOf(tree, old, node));
  // An entry that nobody removed waits for something: whatever that is, it may show the file again.
  if (gone.includes(undefined)) return undefined;
  const last = gone
    .flatMap((each) => each ?? [])
    .reduce<Gone | undefined>(
      (a, b) => (a === undefined || b.wallMs > a.wallMs ? b : a),
      undefined,
    );
  if (last === undefined) return undefined;
  const rule = rules.of(last.node, last.place.parent);
  if (rule.keep === undefined && rule.trashDays === undefined) return undefined;
  const path = pathOfPlace(tree, last.place);
  const heads = new Set(tree.everyHeadOf(last.node).map(({ op }) => keyOf(op)));
  return { path, rule, shown: [], old: versions, goneMs: last.wallMs, last: heads };
}

function presentPlaceOf(
  tree: Tree,
  node: NodeId,
): { readonly node: NodeId; readonly place: Placement } | undefined {
  const place = tree.placesOf(node).find(({ isListed }) => isListed);
  return place === undefined ? undefined : { node, place };
}

interface Gone {
  readonly node: NodeId;
  readonly place: Placement;
  readonly wallMs: number;
}

/** When a node lost its last name; undefined when an entry of it was not removed. */
function goneOf(tree: Tree, old: OldVersions, node: NodeId): Gone | undefined {
  const removals = old.removalsOf(node);
  let last: Gone | undefined;
  for (const place of tree.placesOf(node)) {
    const times = (removals?.get(place.entry) ?? []).map(({ wallMs }) => wallMs);
    if (times.length === 0) return undefined;
    const wallMs = Math.max(...times);
    if (last === undefined || wallMs > last.wallMs) last = { node, place, wallMs };
  }
  return last;
}

function judge(history: History, nowMs: number): readonly Judged[] {
  const { path, rule, goneMs } = history;
  const all = [
    ...history.shown.map((version) => ({ version, old: undefined })),
    ...history.old.map((version) => ({ version, old: version })),
  ].sort((a, b) => compare(b.version, a.version));
  const keep = keepReasonsOf(history, all, nowMs);
  const trash = trashReason(history, nowMs);
  return all.map(({ version, old }, at) => {
    const shown = history.shown.length > 1 ? 'conflict' : 'current';
    if (old === undefined) return { path, version, old, reasons: [shown], isKept: true };
    const ruled = ruledReasons(old, at);
    const isKept = ruled.length > 0;
    const reasons = version.content.type === 'empty' ? ['empty'] : ruled;
    return { path, version, old, reasons, isKept };
  });
  function ruledReasons(old: OldVersion, at: number): readonly string[] {
    if (goneMs === undefined) return keep[at] ?? [];
    if (trash === undefined) return [];
    return isLast(old) ? [trash] : (keep[at] ?? []);
  }
  function isLast({ op }: OldVersion): boolean {
    return history.last.has(keyOf(op)) || rule.keep === undefined;
  }
}

function keepReasonsOf(
  { rule, goneMs }: History,
  all: readonly { readonly version: Judged['version']; readonly old: OldVersion | undefined }[],
  nowMs: number,
): readonly (readonly string[])[] {
  if (rule.keep === undefined) return all.map(() => ['no rule']);
  const dated = all.map(({ version, old }, at) => ({
    writtenMs: version.stamp.wallMs,
    replacedMs: old === undefined ? undefined : (all[at - 1]?.version.stamp.wallMs ?? goneMs),
  }));
  return keepReasons(dated, rule.keep.value, nowMs);
}

/** Why what was deleted last stays; undefined: its time is over. */
function trashReason({ rule, goneMs }: History, nowMs: number): string | undefined {
  return goneMs === undefined || isTrashKept(rule, goneMs, nowMs) ? 'trash' : undefined;
}

/** Whether what went then is kept in the trash by the rule of where it was. */
export function isTrashKept({ trashDays }: EffectiveRule, goneMs: number, nowMs: number): boolean {
  return trashDays === undefined || goneMs + trashDays.value * dayMs > nowMs;
}

function compare(a: Judged['version'], b: Judged['version']): number {
  return (
    a.stamp.wallMs - b.stamp.wallMs ||
    a.stamp.counter - b.stamp.counter ||
    (keyOf(a.op) < keyOf(b.op) ? -1 : 1)
  );
}
