/** Work on many items, some of them at a time: for what mostly waits for the disk. */

/**
 * The results, in the order of the items. After a failure nothing new begins, and it is told when
 * what had begun has ended.
 * @param width how many at a time
 * @param work `before` resolves when the items before this one have ended, whichever way
 */
export async function severalAtOnce<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, before: Promise<void>) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()].reverse();
  let last = Promise.resolve();
  const lane = async (): Promise<void> => {
    try {
      for (let turn = waiting.pop(); turn !== undefined; turn = waiting.pop()) {
        const [at, item] = turn;
        const result = work(item, last);
        last = Promise.allSettled([last, result]).then(() => undefined);
        results[at] = await result;
      }
    } finally {
      // Empty already, but for a failure.
      waiting.length = 0;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: width }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
