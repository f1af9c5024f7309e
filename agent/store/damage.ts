/** What recovery does with bytes that are no records: a copy to quarantine, then the news. */
import type { ChunkId, JournalId } from '../../protocol/ids.ts';
import type { DiskFile } from '../ports.ts';
import type { Quarantine } from './quarantine.ts';
import type { BadRange } from './record-scan.ts';
import type { StoreNews } from './store-news.ts';

export interface TailParts {
  readonly quarantine: Quarantine;
  readonly news: StoreNews;
}

/**
 * Cuts a file at `from`, after its bytes up to `to` were copied. False when they could not be copied:
 * then they stay, and the file must not be written to any more.
 */
export async function cutTail(
  { quarantine, news }: TailParts,
  tail: {
    readonly path: string;
    readonly file: DiskFile;
    readonly from: number;
    readonly to: number;
    readonly journal?: JournalId;
  },
): Promise<boolean> {
  const { path, file, from, to, journal } = tail;
  const reason = 'the end of the file was no complete record';
  const where = { file: path, offset: from, bytes: to - from, reason };
  if (to === from) return true;
  // Another tail may have been cut at the same place before: `tail` keeps the notes apart.
  const note = { ...where, file: `${path} tail ${String(to)}`, journal };
  const kept = await quarantine.keep(file, note);
  news.tell({ type: 'tail-cut', ...where });
  if (kept) await file.truncate(from);
  return kept;
}

/** Notes bad ranges that have good records after them. They stay where they are. */
export async function keepBadRanges(
  { quarantine, news }: TailParts,
  found: {
    readonly path: string;
    readonly file: DiskFile;
    readonly ranges: readonly BadRange[];
    readonly journal?: JournalId;
  },
): Promise<void> {
  for (const { offset, end, header } of found.ranges) {
    if (quarantine.holds(found.path, offset)) continue;
    const reason = header === undefined ? 'no record stands here' : 'the record is damaged';
    const where = { file: found.path, offset, bytes: end - offset, reason };
    await quarantine.keep(found.file, { ...where, id: header?.id, journal: found.journal });
    const chunk =
      header?.kind === 'chunk' ? { id: header.id as ChunkId, length: header.length } : undefined;
    news.tell({ type: 'record-quarantined', ...where, chunk });
  }
}
