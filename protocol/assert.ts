/**
 * What must be true wherever the program is right. Node's own needs 13 ms to load, which is more than a
 * client has for everything that it shares with the agent.
 */

/** @throws Error when it is not true */
export function assert(
  condition: boolean,
  message = 'what must be true is not',
): asserts condition {
  if (!condition) throw new Error(message);
}
