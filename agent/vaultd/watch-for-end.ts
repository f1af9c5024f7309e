/**
 * Everything that asks a process of ours to end: a signal, a message of the supervisor, the end of the
 * supervisor. The first asks for a clean end; a second signal ends at once.
 */
import { exitStatuses } from '../../protocol/exit-status.ts';
import { isStopMessage } from './agent-messages.ts';

export interface EndWatch {
  /** Resolves with the name of what asked first. */
  readonly asked: Promise<string>;
}

/** For the agent process. */
export function watchForEnd(): EndWatch {
  const { promise, resolve } = Promise.withResolvers<string>();
  onEndSignals({
    first: resolve,
    second: () => process.exit(exitStatuses.cancelled),
  });
  process.on('message', (message) => {
    if (isStopMessage(message)) resolve('stop');
  });
  process.on('disconnect', () => {
    resolve('the supervisor is gone');
  });
  return { asked: promise };
}

/** Calls `first` at the first signal that asks for the end, `second` at the next ones. */
export function onEndSignals(on: { first(signal: string): void; second(): void }): void {
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals === 1) on.first(signal);
      else on.second();
    });
  }
}
