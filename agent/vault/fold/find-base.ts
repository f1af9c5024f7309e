/**
 * What the journals begin with, when both files that say so are gone: found again from what folds say that
 * owner and admins signed. The one that folds least is right whose state stands for every body that is not
 * here: what it does not fold is read from the journals, as before.
 */
import { isVaultError } from '../../../protocol/errors.ts';
import type { BatchHash, JournalId } from '../../../protocol/ids.ts';
import { isBareBatch } from '../../journal/bare-batch.ts';
import type { CountedFold } from '../../members/membership.ts';
import type { JournalStore } from '../../store/store.ts';
import type { Vector } from '../batch-times.ts';
import { isWithin } from '../is-within.ts';
import type { Slices } from '../slices.ts';
import { readPages, type FoldBaseParts } from './fold-base.ts';

export interface FindBaseParts extends Pick<FoldBaseParts, 'chunks' | 'opKeyOf'> {
  /** All that count. */
  readonly folds: readonly CountedFold[];
  /** Something was folded here at some time. */
  readonly isDamaged: boolean;
  /** As they are on the disk. */
  readonly journals: Pick<JournalStore, 'tips' | 'read'>;
  /** Of a batch that counts. */
  readonly hashAt: (journal: JournalId, sequence: number) => Promise<BatchHash | undefined>;
}

export interface FoundBase {
  readonly fold: CountedFold;
  readonly latestMs: number;
}

/** undefined: no body went; 'lost': some did, and no fold whose pages are all here stands for them. */
export async function findBase(
  parts: FindBaseParts,
  slices: Slices,
): Promise<FoundBase | 'lost' | undefined> {
  if (parts.folds.length === 0 && !parts.isDamaged) return undefined;
  const gone = await lastGone(parts.journals, slices);
  if (gone.size === 0) return undefined;
  const leastFirst = parts.folds.toSorted((a, b) => batchesOf(a) - batchesOf(b));
  for (const fold of leastFirst) {
    const isRight =
      isWithin(gone, fold.places) &&
      fold.pages.every(({ id }) => parts.chunks.has(id)) &&
      (await isAllHere(parts, fold));
    const latestMs = isRight ? await latestOf(parts, fold, slices) : undefined;
    if (latestMs !== undefined) return { fold, latestMs };
  }
  return 'lost';
}

/** The last batch of each journal that has no body. Those before it may have one: small ones stay. */
export async function lastGone(
  journals: FindBaseParts['journals'],
  slices: Slices,
): Promise<Vector> {
  const gone = new Map<JournalId, number>();
  for (const { journal } of journals.tips()) {
    for await (const { sequence, bytes } of journals.read(journal, 0)) {
      if (isBareBatch(bytes)) gone.set(journal, sequence);
      await slices.step();
    }
  }
  return gone;
}

async function isAllHere({ hashAt }: FindBaseParts, { vector }: CountedFold): Promise<boolean> {
  for (const { journal, sequence, hash } of vector) {
    if ((await hashAt(journal, sequence)) !== hash) return false;
  }
  return true;
}

/** As its pages say; undefined: they are not what was signed, or do not open. */
async function latestOf(
  parts: FindBaseParts,
  fold: CountedFold,
  slices: Slices,
): Promise<number | undefined> {
  let latest = 0;
  try {
    for await (const { latestMs } of readPages(parts, fold)) {
      latest = latestMs;
      await slices.step();
    }
    return latest;
  } catch (error) {
    if (isVaultError(error, 'chunk-missing', 'no-key', 'damaged')) return undefined;
    throw error;
  }
}

function batchesOf({ vector }: CountedFold): number {
  return vector.reduce((sum, { sequence }) => sum + sequence, 0);
}
