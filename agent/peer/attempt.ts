/**
 * One attempt at a handshake, bounded in time: whatever goes wrong in it, and however long it hangs, the
 * stream is closed in the end and the caller gets a VaultError.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import { time } from '../../protocol/limits.ts';
import type { ByteStream, Clock } from '../ports.ts';

export interface Attempt {
  /** The stream was ended with an answer that has to get through: it is not closed at once. */
  lingers: boolean;
  /** Waits for `work`, but not longer. @throws VaultError `timeout` */
  within<T>(limitMs: number, work: Promise<T>): Promise<T>;
}

/**
 * Runs `work` within the time that a handshake has, and closes the stream when it fails.
 * @throws VaultError `timeout`; what `work` throws
 */
export async function runAttempt<Result>(
  stream: ByteStream,
  clock: Clock,
  work: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const attempt: Attempt = {
    lingers: false,
    async within(limitMs, step) {
      let fail: (error: VaultError) => void = () => undefined;
      const late = new Promise<never>((_, reject) => {
        fail = reject;
      });
      const timer = clock.after(limitMs, () => {
        const detail = `the handshake took more than ${String(limitMs)} ms`;
        fail(new VaultError('timeout', { op: 'peer.handshake', subject: stream.remote, detail }));
      });
      try {
        return await Promise.race([step, late]);
      } finally {
        timer.cancel();
      }
    },
  };
  try {
    return await attempt.within(time.handshakeMs, work(attempt));
  } catch (error) {
    if (!attempt.lingers) stream.destroy();
    throw toVaultError(error, 'peer.handshake', stream.remote);
  }
}
