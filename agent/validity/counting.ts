/**
 * Which batches of a journal count, as a pure function of what is known: the stretches of it that are
 * here, the proofs that it forked, the branches that admins named, and what its author may. The same
 * knowledge gives the same answer on every device, in whatever order it came (protocol/SPEC.md,
 * "Forks", "Checking a batch").
 */
import type { BatchHash, JournalId } from '../../protocol/ids.ts';
import type { ProvenFork } from '../journal/fork-proof.ts';

/** A stretch of one journal as the store keeps it: the journal itself, or a branch beside it. */
export interface Line {
  /** What the store calls it. */
  readonly name: JournalId;
  /** Number of its first batch; 1 of the journal itself. */
  readonly first: number;
  /** Of a branch; undefined for the journal itself. */
  readonly firstHash: BatchHash | undefined;
  /** The batch before its first one; undefined at the beginning of the journal. */
  readonly previous: BatchHash | undefined;
  /** Number of its last batch. */
  readonly tip: number;
}

/** What the author of a journal may, as far as this journal goes. */
export type Right =
  | { readonly type: 'all' }
  /** It is nobody, or its role does not write. */
  | { readonly type: 'none' }
  /** It was sent away; `last` is the last batch that counts, undefined when none does. */
  | {
      readonly type: 'cut';
      readonly last: { readonly sequence: number; readonly hash: BatchHash } | undefined;
    };

export interface JournalFacts {
  /** The journal itself first, where it is here. */
  readonly lines: readonly Line[];
  /** Asked about the places that `placesToKnow` lists; undefined when the line has no such batch. */
  readonly hashAt: (line: Line, sequence: number) => BatchHash | undefined;
  readonly forks: readonly ProvenFork[];
  /** By number: the batch that an admin named. */
  readonly choices: ReadonlyMap<number, BatchHash>;
  readonly right: Right;
  /** The last batch that was folded: it counts, and all before it, whatever else is known. */
  readonly folded?: { readonly sequence: number; readonly hash: BatchHash } | undefined;
}

export type Stop =
  /** Several batches of one number, and nobody has named one. */
  | { readonly type: 'forked'; readonly at: number; readonly candidates: readonly BatchHash[] }
  /** The batch that counts is not here. */
  | { readonly type: 'elsewhere'; readonly at: number; readonly hash: BatchHash }
  | { readonly type: 'cut-off'; readonly at: number }
  | { readonly type: 'no-right' };

export interface CountingPrefix {
  /** Number of the last batch that counts; 0: none does. */
  readonly sequence: number;
  /** Where to read it: each line up to a number, one going on where the one before ends. */
  readonly route: readonly { readonly line: Line; readonly upTo: number }[];
  /** Why it does not go on; undefined when all that is here counts. */
  readonly stop: Stop | undefined;
  /** Forks on the way that a choice or a revocation has settled, by number. */
  readonly settled: readonly number[];
}

/** How far a journal counts. */
export function countingPrefix(known: JournalFacts): CountingPrefix {
  const facts = { ...known, right: rightBeyond(known) };
  const { right } = facts;
  if (right.type === 'none') return nothing({ type: 'no-right' });
  if (right.type === 'cut' && right.last === undefined) return nothing({ type: 'cut-off', at: 1 });
  const followed = follow(facts);
  return right.type === 'cut' && right.last !== undefined
    ? cut(facts, followed, right.last)
    : followed;
}

/** What the author may, when what was folded cannot be taken back. */
function rightBeyond({ right, folded }: Pick<JournalFacts, 'right' | 'folded'>): Right {
  if (folded === undefined || right.type === 'all') return right;
  const last = right.type === 'cut' ? right.last : undefined;
  return last !== undefined && last.sequence > folded.sequence
    ? right
    : { type: 'cut', last: folded };
}

/** The numbers whose hashes the answer depends on. */
export function placesToKnow(facts: Omit<JournalFacts, 'hashAt'>): ReadonlySet<number> {
  const places = new Set<number>();
  for (const { first } of facts.lines) places.add(first).add(first - 1);
  for (const { sequence } of facts.forks) places.add(sequence).add(sequence - 1);
  for (const sequence of facts.choices.keys()) places.add(sequence);
  if (facts.right.type === 'cut' && facts.right.last !== undefined) {
    places.add(facts.right.last.sequence);
  }
  if (facts.folded !== undefined) places.add(facts.folded.sequence);
  places.delete(0);
  return places;
}

function nothing(stop: Stop): CountingPrefix {
  return { sequence: 0, route: [], stop, settled: [] };
}

function follow(facts: JournalFacts): CountingPrefix {
  const way = new Way(facts);
  const { right, folded } = facts;
  const cutChain = chainTo(facts, right.type === 'cut' ? right.last : undefined);
  const foldedChain = chainTo(facts, folded);
  const decisions = [...decisionNumbers(facts)].sort((a, b) => a - b);
  for (const at of decisions) {
    if (!way.reaches(at)) continue;
    const candidates = way.candidates(at);
    const isFolded = at <= (folded?.sequence ?? 0);
    const chain = isFolded ? foldedChain : cutChain;
    const wanted = wantedAt(facts, { chain, at, candidates });
    if (wanted === undefined && candidates.size < 2) continue;
    if (wanted === undefined) {
      return way.end(at - 1, { type: 'forked', at, candidates: [...candidates].sort() });
    }
    if (candidates.size > 1 && !isFolded) way.settled.push(at);
    if (candidates.size > 0 && !way.take(at, wanted)) {
      return way.end(at - 1, { type: 'elsewhere', at, hash: wanted });
    }
  }
  return way.end(undefined, undefined);
}

/** Where more than one batch may stand. */
function decisionNumbers({ lines, forks, choices }: JournalFacts): Set<number> {
  return new Set([
    ...lines.filter(isBranch).map(({ first }) => first),
    ...forks.map(({ sequence }) => sequence),
    ...choices.keys(),
  ]);
}

function isBranch({ firstHash }: Line): boolean {
  return firstHash !== undefined;
}

/** The way through the lines that has been decided so far. */
class Way {
  readonly settled: number[] = [];
  readonly #facts: JournalFacts;
  readonly #route: { line: Line; upTo: number }[] = [];
  #line: Line | undefined;

  constructor(facts: JournalFacts) {
    this.#facts = facts;
    this.#line = facts.lines.find((line) => !isBranch(line));
  }

  /** Whether the batch before `at` is on the way. */
  reaches(at: number): boolean {
    return at === 1 || (this.#line !== undefined && this.#line.tip >= at - 1);
  }

  /** Every batch that is known to stand at `at` behind the way as it is. */
  candidates(at: number): Set<BatchHash> {
    const before = this.#hashAt(at - 1);
    const here = new Set<BatchHash>();
    const own = this.#hashAt(at);
    if (own !== undefined) here.add(own);
    for (const { first, firstHash, previous } of this.#facts.lines) {
      if (firstHash === undefined) continue;
      if (first === at && previous === before) here.add(firstHash);
    }
    for (const { sequence, previous, hashes } of this.#facts.forks) {
      if (sequence === at && previous === before) for (const hash of hashes) here.add(hash);
    }
    return here;
  }

  /** Goes on over the batch `hash`; false when it is not here. */
  take(at: number, hash: BatchHash): boolean {
    if (this.#hashAt(at) === hash) return true;
    const before = this.#hashAt(at - 1);
    const next = this.#facts.lines.find(
      ({ first, firstHash, previous }) => first === at && firstHash === hash && previous === before,
    );
    if (next === undefined) return false;
    if (this.#line !== undefined && at > this.#line.first) {
      this.#route.push({ line: this.#line, upTo: at - 1 });
    }
    this.#line = next;
    return true;
  }

  end(upTo: number | undefined, stop: Stop | undefined): CountingPrefix {
    const line = this.#line;
    const route = [...this.#route];
    if (line !== undefined) {
      const last = Math.min(upTo ?? line.tip, line.tip);
      if (last >= line.first) route.push({ line, upTo: last });
    }
    return { sequence: route.at(-1)?.upTo ?? 0, route, stop, settled: this.settled };
  }

  #hashAt(sequence: number): BatchHash | undefined {
    const line = this.#line;
    if (line === undefined || sequence === 0) return undefined;
    if (sequence === line.first - 1) return line.previous;
    return sequence < line.first ? undefined : this.#facts.hashAt(line, sequence);
  }
}

/** By name of the line, up to where: the way to the batch that a revocation or a fold named as the last one. */
type Chain = ReadonlyMap<JournalId, number>;

function chainTo(
  { lines, hashAt }: JournalFacts,
  last: { readonly sequence: number; readonly hash: BatchHash } | undefined,
): Chain {
  const chain = new Map<JournalId, number>();
  if (last === undefined) return chain;
  let { sequence } = last;
  let hash: BatchHash | undefined = last.hash;
  for (;;) {
    const line = lines.find(
      (each) => sequence >= each.first && sequence <= each.tip && hashAt(each, sequence) === hash,
    );
    if (line === undefined || chain.has(line.name)) return chain;
    chain.set(line.name, sequence);
    sequence = line.first - 1;
    hash = line.previous;
  }
}

/** The batch that has to stand at `at`: a revocation's word over that of whoever chose a branch. */
function wantedAt(
  { lines, choices, forks, hashAt }: JournalFacts,
  asked: { readonly chain: Chain; readonly at: number; readonly candidates: Set<BatchHash> },
): BatchHash | undefined {
  for (const line of lines) {
    const upTo = asked.chain.get(line.name);
    if (upTo === undefined || asked.at > upTo || asked.at < line.first) continue;
    const hash = hashAt(line, asked.at);
    if (hash !== undefined && asked.candidates.has(hash)) return hash;
  }
  const chosen = choices.get(asked.at);
  if (chosen === undefined || asked.candidates.has(chosen)) return chosen;
  // It stands on another branch, which was left before: a later choice took its place.
  const isAside =
    lines.some((line) => hashAt(line, asked.at) === chosen) ||
    forks.some(({ sequence, hashes }) => sequence === asked.at && hashes.includes(chosen));
  return isAside ? undefined : chosen;
}

/** What is left of it up to the last batch that a revocation lets count. */
function cut(
  { hashAt }: JournalFacts,
  followed: CountingPrefix,
  last: { readonly sequence: number; readonly hash: BatchHash },
): CountingPrefix {
  const on = followed.route.find(({ upTo }) => upTo >= last.sequence);
  if (on === undefined) return followed;
  // Another batch stands there: it has left the branch that counts, and the right one is not here.
  const isIt = last.sequence >= on.line.first && hashAt(on.line, last.sequence) === last.hash;
  const upTo = isIt ? last.sequence : last.sequence - 1;
  const route = followed.route.flatMap((part) => {
    const end = Math.min(part.upTo, upTo);
    return end >= part.line.first ? [{ line: part.line, upTo: end }] : [];
  });
  const hasMore = followed.sequence > last.sequence || followed.stop !== undefined;
  const stop: Stop | undefined = isIt
    ? hasMore
      ? { type: 'cut-off', at: last.sequence + 1 }
      : undefined
    : { type: 'elsewhere', at: last.sequence, hash: last.hash };
  return { sequence: route.at(-1)?.upTo ?? 0, route, stop, settled: followed.settled };
}
