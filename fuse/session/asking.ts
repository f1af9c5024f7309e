/** One request while it is worked on: what interrupts it, and what is to be done when it is answered. */
export class Asking {
  // Made when somebody looks: most requests are answered before that.
  #controller: AbortController | undefined;
  #afterwards: (() => void) | undefined;
  /** The answer was given: what the work makes for it is for nobody. */
  isOver = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller ??= new AbortController();
    this.#controller.abort();
  }

  /** @param action runs once, when the answer is the kernel's, or an error is */
  afterwards(action: () => void): void {
    this.#afterwards = action;
  }

  answered(): void {
    const action = this.#afterwards;
    this.#afterwards = undefined;
    action?.();
  }
}
