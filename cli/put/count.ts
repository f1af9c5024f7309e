/** How many bytes there are to put, for the progress bar; counted in small steps beside the work. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isVaultError } from '../../protocol/errors.ts';
import { walk } from './walk.ts';
import type { FoundItem } from './walk.ts';

const itemsPerTurn = 256;

/**
 * Sums the sizes of all files below the roots. What cannot be read counts nothing: the walk that
 * does the work reports it.
 */
export async function countBytes(
  roots: readonly Buffer[],
  signal: AbortSignal,
  accepts?: (found: FoundItem) => boolean,
): Promise<number> {
  let bytes = 0;
  let items = 0;
  for (const root of roots) {
    try {
      for (const item of walk(root, () => undefined, accepts)) {
        bytes += item.size ?? 0;
        items += 1;
        if (items % itemsPerTurn === 0) await nextTurn();
        if (signal.aborted) return bytes;
      }
    } catch (error) {
      if (!isVaultError(error)) throw error;
    }
  }
  return bytes;
}
