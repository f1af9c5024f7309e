/** Chunks that were released and are wanted: nobody fetches them any more, or they are needed after all. */
import type { ChunkId } from '../../protocol/ids.ts';
import type { Store } from '../store/store.ts';
import type { Planner } from './planner.ts';
import type { ReleaseBook } from './release-book.ts';
import type { WantList } from './want-list.ts';

/**
 * What nobody needs any more is not fetched; a batch that lacks nothing else is complete.
 * @returns whether something was wanted
 */
export function forgetReleased(
  wants: WantList,
  planner: Planner,
  ids: readonly ChunkId[],
): boolean {
  const wanted = ids.filter((id) => wants.get(id) !== undefined);
  for (const id of wanted) {
    planner.settle(id);
    wants.arrived(id);
  }
  return wanted.length > 0;
}

/** Chunks that were dropped and are needed again may still have their bytes here. */
export async function reviveWanted(
  wants: WantList,
  { store, releases }: { readonly store: Pick<Store, 'chunks'>; readonly releases: ReleaseBook },
): Promise<void> {
  const wanted = [...wants.all()].map(({ id }) => id).filter((id) => releases.knows(id));
  if (wanted.length === 0) return;
  await store.chunks.revive(wanted);
  for (const id of wanted) if (store.chunks.has(id)) wants.arrived(id);
}
