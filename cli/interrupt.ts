/**
 * Ctrl-C and SIGTERM: the first one asks, and what runs cleans up behind itself; the second one, or
 * one that nobody heeds for a while, ends the process at once. Temporary files go in both cases.
 */
import { VaultError } from '../protocol/errors.ts';

const interruptedStatus = 130;
const patienceMs = 3000;

/** @returns aborted with a `cancelled` error by the first signal */
export function catchInterrupts(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(interruptedStatus);
    setTimeout(() => process.exit(interruptedStatus), patienceMs).unref();
    controller.abort(new VaultError('cancelled', { op: 'cli' }));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
