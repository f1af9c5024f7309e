/**
 * What the batches of the journals weigh, when they were written and what their authors had seen by then:
 * enough to say up to where old history may be folded. Read anew for each question and kept by nobody.
 */
import type { JournalId } from '../../../protocol/ids.ts';
import type { BatchSource } from '../../history/history.types.ts';
import { bodyBytesOf } from '../../journal/bare-batch.ts';
import type { OpenedBatch } from '../../journal/batch.ts';
import type { Vector } from '../batch-times.ts';
import type { Slices } from '../slices.ts';
import { readFromBeginnings, type Cut } from './beginnings.ts';

/** Of one journal; batch `n` stands at `n - 1 - folded`. */
export interface JournalSights {
  /** Bytes of all batches up to this one. */
  readonly bytes: readonly number[];
  /** What of these folding gives back: the bodies, up to this one. */
  readonly bodyBytes: readonly number[];
  /** The latest time of all batches up to this one: Unix time by the author's clock. */
  readonly latestMs: readonly number[];
  /** Number of the last batch that was folded, which nobody reads any more; 0: none was. */
  readonly folded: number;
  /** The first batch that says again what another journal said; undefined: none does. */
  readonly reissuesAt: number | undefined;
  /** Batches that say nothing about the tree, and so nothing of what was seen. */
  readonly silent: ReadonlySet<number>;
  /** By other journal: from which batch on how much of it had been seen. */
  readonly seen: ReadonlyMap<JournalId, SeenSteps>;
}

/** Both ascend; one is as long as the other. */
export interface SeenSteps {
  readonly at: readonly number[];
  readonly upTo: readonly number[];
}

export type Sights = ReadonlyMap<JournalId, JournalSights>;

interface GrowingSights extends JournalSights {
  readonly bytes: number[];
  readonly bodyBytes: number[];
  readonly latestMs: number[];
  reissuesAt: number | undefined;
  readonly silent: Set<number>;
  readonly seen: Map<JournalId, { readonly at: number[]; readonly upTo: number[] }>;
}

/**
 * What was folded is in nobody's way: all that is read has seen it.
 * @throws VaultError `damaged`, `cancelled`, and what the journals cannot be read with
 */
export function readSights(
  source: Pick<BatchSource, 'read' | 'beginningOf'>,
  bound: Vector,
  slices: Slices,
): Promise<Sights> {
  return readFromBeginnings(source, bound.keys(), {
    op: 'vault.fold',
    read: (begins) => readBehind(source, begins, { bound, slices }),
  });
}

async function readBehind(
  source: Pick<BatchSource, 'read'>,
  begins: Vector,
  { bound, slices }: { readonly bound: Vector; readonly slices: Slices },
): Promise<Map<JournalId, JournalSights> | Cut> {
  const sights = new Map<JournalId, JournalSights>();
  for (const [journal, last] of bound) {
    const own = sightsFrom(journal, begins);
    sights.set(journal, own);
    if (last === own.folded) continue;
    for await (const batch of source.read(journal, 0)) {
      add(own, batch);
      await slices.step();
      if (batch.header.sequence === last) break;
    }
    if (own.folded + own.bytes.length !== last) return { cutAt: journal };
  }
  return sights;
}

function sightsFrom(journal: JournalId, begins: Vector): GrowingSights {
  const folded = begins.get(journal) ?? 0;
  const seen: GrowingSights['seen'] = new Map();
  for (const [other, upTo] of begins) {
    if (upTo > 0 && other !== journal) seen.set(other, { at: [folded + 1], upTo: [upTo] });
  }
  return {
    bytes: [],
    bodyBytes: [],
    latestMs: [],
    folded,
    reissuesAt: undefined,
    silent: new Set(),
    seen,
  };
}

/** How much of `other` whoever wrote the `sequence`-th batch of a journal had seen. */
export function seenUpTo(
  sights: JournalSights | undefined,
  sequence: number,
  other: JournalId,
): number {
  const steps = sights?.seen.get(other);
  if (steps === undefined) return 0;
  const index = firstAbove(steps.at, sequence) - 1;
  return steps.upTo[index] ?? 0;
}

/** The first batch of a journal whose author had seen more of `other` than `upTo`. */
export function firstToSeeMore(
  sights: JournalSights | undefined,
  other: JournalId,
  upTo: number,
): number | undefined {
  const steps = sights?.seen.get(other);
  return steps?.at[firstAbove(steps.upTo, upTo)];
}

/** The first batch after `sequence` that says something about the tree; undefined: there is none here. */
export function nextThatSpeaks(
  sights: JournalSights | undefined,
  sequence: number,
): number | undefined {
  const folded = sights?.folded ?? 0;
  const end = folded + (sights?.bytes.length ?? 0);
  for (let next = Math.max(sequence, folded) + 1; next <= end; next++) {
    if (sights?.silent.has(next) !== true) return next;
  }
  return undefined;
}

/** Where the first one stands that is greater than `value`. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function add(own: GrowingSights, { header, body, ...batch }: OpenedBatch): void {
  const { bytes, bodyBytes, latestMs, silent, seen } = own;
  if (body.reissued !== undefined) own.reissuesAt ??= header.sequence;
  bytes.push((bytes.at(-1) ?? 0) + batch.bytes.length);
  bodyBytes.push((bodyBytes.at(-1) ?? 0) + bodyBytesOf(batch.bytes));
  latestMs.push(Math.max(latestMs.at(-1) ?? 0, body.stamp.wallMs));
  if (body.ops.length === 0) silent.add(header.sequence);
  for (const { journal, sequence } of body.seen) {
    let steps = seen.get(journal);
    if (steps === undefined) seen.set(journal, (steps = { at: [], upTo: [] }));
    // Less than before means that a branch was taken back; what had been seen is not forgotten by that.
    if (sequence <= (steps.upTo.at(-1) ?? 0)) continue;
    if (steps.at.at(-1) === header.sequence) steps.upTo.pop();
    else steps.at.push(header.sequence);
    steps.upTo.push(sequence);
  }
}
