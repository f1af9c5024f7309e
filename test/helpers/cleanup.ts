/**
 * Teardown for what several tests of one file share: AVA knows it only inside a test. Give `run` to
 * `test.after.always`.
 */
import type { Cleanup } from './real-device.ts';

type Action = () => unknown;

export class SharedCleanup implements Cleanup {
  readonly #actions: Action[] = [];

  readonly teardown = (action: Action): void => {
    this.#actions.push(action);
  };

  /** The last one first, every one of them even when another fails. */
  readonly run = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      try {
        await action();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the cleaning up failed');
  };
}
