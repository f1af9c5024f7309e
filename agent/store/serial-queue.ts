/** Tasks one after the other, in the order they were asked for. */
export type SerialQueue = <T>(task: () => Promise<T>) => Promise<T>;

/** A queue of its own. A task that fails stops nobody but its caller. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task, task);
    last = mine;
    return mine;
  };
}
