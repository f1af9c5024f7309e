/**
 * Where concurrent versions come from: the versions that one was made from are those it supersedes
 * and, when its file was renamed over another one, those that made way. Pure but for the questions to
 * the history.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { Change, History } from '../history/history.types.ts';
import { changeAbout } from './occupants.ts';

/** Only what is asked of it. */
export type Past = Pick<History, 'change' | 'changesOf'>;

/** So many versions are looked at; beyond that no ancestor is named. */
const versionsMax = 10_000;

/**
 * The latest version that every one of `heads` was made from; undefined when there is none, or it is
 * not known here. Where several are the latest, the one with the greatest stamp.
 */
export async function commonAncestor(
  past: Past,
  heads: readonly OpId[],
): Promise<Change | undefined> {
  const known = new Map<string, Version>();
  const ancestries: ReadonlySet<string>[] = [];
  for (const head of heads) ancestries.push(await ancestryOf(past, head, known));
  const [first, ...others] = ancestries;
  const common = new Set([...(first ?? [])].filter((key) => others.every((set) => set.has(key))));
  // What another common one was made from is not the latest; all that it was made from is common too.
  const older = new Set([...common].flatMap((key) => known.get(key)?.parents ?? []));
  const latest = [...common].filter((key) => !older.has(key));
  // Files that replaced each other in turn have histories that go round.
  const candidates = latest.length > 0 ? latest : [...common];
  const changes = candidates.flatMap((key) => known.get(key)?.change ?? []);
  return changes.sort(compareChanges).at(-1);
}

/** A version that another one was made from. */
interface Parent {
  readonly op: OpId;
  /** Of whose file; undefined: not known. */
  readonly node?: NodeId;
}

interface Version {
  readonly change: Change;
  readonly parents: readonly string[];
}

/** The head and everything it was made from. */
async function ancestryOf(
  past: Past,
  head: OpId,
  known: Map<string, Version>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const waiting: Parent[] = [{ op: head }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { op, node } = next;
    const key = keyOf(op);
    if (found.has(key) || found.size >= versionsMax) continue;
    const change = known.get(key)?.change ?? (await changeAbout(past, op, node));
    if (change === undefined) continue;
    found.add(key);
    const parents = await parentsOf(past, change);
    known.set(key, { change, parents: parents.map((parent) => keyOf(parent.op)) });
    waiting.push(...parents);
  }
  return found;
}

/** The versions that a version was made from. */
async function parentsOf(past: Past, { body }: Change): Promise<readonly Parent[]> {
  if (body.type === 'write') return body.supersedes.map((op) => ({ op, node: body.node }));
  if (body.type !== 'make') return [];
  // A file that a program wrote under another name goes on with the history of the one it replaced.
  const later = await past.changesOf(body.node);
  return later.flatMap(({ body: other }) => {
    const isPlacing = other.type === 'make' || other.type === 'move' || other.type === 'link';
    if (!isPlacing || other.node !== body.node) return [];
    const { over } = other;
    return over?.heads.map((op) => ({ op, node: over.node })) ?? [];
  });
}

function compareChanges(a: Change, b: Change): number {
  return (
    a.stamp.wallMs - b.stamp.wallMs ||
    a.stamp.counter - b.stamp.counter ||
    (keyOf(a.op) < keyOf(b.op) ? -1 : 1)
  );
}

function keyOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}
