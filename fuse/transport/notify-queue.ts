/**
 * Notifications on their way to the kernel, in order, one at a time: each may wait for an answer that is
 * still to be given, and then occupies a thread of the pool.
 */
export class NotifyQueue {
  readonly #send: (message: Buffer, done: () => void) => void;
  readonly #waiting: Buffer[] = [];
  #isSending = false;

  /** @param send calls `done` when the kernel has taken it or refused it; it does not throw */
  constructor(send: (message: Buffer, done: () => void) => void) {
    this.#send = send;
  }

  add(message: Buffer): void {
    this.#waiting.push(message);
    if (!this.#isSending) this.#next();
  }

  #next(): void {
    const message = this.#waiting.shift();
    this.#isSending = message !== undefined;
    if (message !== undefined) {
      this.#send(message, () => {
        this.#next();
      });
    }
  }
}
