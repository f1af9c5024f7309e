/**
 * Group commit: whoever asks while a round runs shares the next one, so that many callers cost one
 * sync. A caller never joins a round that has begun: what it wrote might be missing from it.
 */

/** A function that runs `round` soon, after the running one, once for all who asked meanwhile. */
export function createSharedRound(round: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    // The failure of the round before belongs to its own callers.
    await running.catch(() => undefined);
    running = next ?? running;
    next = undefined;
    await round();
  };
  return () => (next ??= begin());
}
