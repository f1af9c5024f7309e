/**
 * Calls that send what there is and then, if the client follows, what comes: each row once, and none falls
 * between the two.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';

export interface Following<Row> {
  readonly past: AsyncIterable<Row>;
  /** Hears what comes from now on. @returns what ends that */
  subscribe(onRow: (row: Row) => void): () => void;
  /** Remembers a row of the past that was sent. */
  sent(row: Row): void;
  /** Whether one that came was sent as a row of the past already. */
  wasSent(row: Row): boolean;
  toWire(row: Row): Uint8Array;
  readonly follow: boolean;
  /** Rows that may wait for the client. */
  readonly queuedMax: number;
  readonly tooSlow: { readonly op: string; readonly subject: string; readonly next: string };
}

/** @throws VaultError `overload` when more comes than the client reads; what `past` throws */
export async function sendAndFollow<Row>(
  stream: CallStream,
  following: Following<Row>,
): Promise<void> {
  const { past, follow, queuedMax, tooSlow } = following;
  const { signal } = stream;
  const coming: Row[] = [];
  let isTooSlow = false;
  let wake: () => void = () => undefined;
  const stop = following.subscribe((row) => {
    isTooSlow ||= coming.length >= queuedMax;
    // Nothing after one that was left out: the client is told before it reads on.
    if (!isTooSlow) coming.push(row);
    wake();
  });
  const aborted = (): void => {
    wake();
  };
  signal.addEventListener('abort', aborted);
  try {
    for await (const row of past) {
      following.sent(row);
      await stream.sendMessage(following.toWire(row));
    }
    while (follow && !signal.aborted) {
      const row = coming.shift();
      if (row !== undefined) {
        if (!following.wasSent(row)) await stream.sendMessage(following.toWire(row));
      } else if (isTooSlow) {
        const detail = 'they come faster than this client reads';
        throw new VaultError('overload', { ...tooSlow, detail });
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}
