/** Why connections end: the errors, and who is to blame. */
import { VaultError } from '../errors.ts';

/** What the streams of a connection fail with that ends for `reason`. */
export function closedError(reason: VaultError): VaultError {
  if (reason.code === 'closed') return reason;
  return new VaultError('closed', { op: 'rpc.connection', detail: reason.message, cause: reason });
}

/** The link ended without a goodbye. */
export function ended(midFrame: boolean): VaultError {
  const detail = midFrame ? 'cut off in the middle of a frame' : 'the other side closed';
  return new VaultError('closed', { op: 'rpc.connection', detail });
}

/** The other side broke a rule. */
export function violation(detail: string, cause?: unknown): VaultError {
  return new VaultError('peer-misbehaved', { op: 'rpc.connection', detail, cause });
}

/**
 * Whether the device at the other end is at fault. A record that does not open is not its fault for sure:
 * anybody on the way can change one.
 */
export function isItsFault({ code, op, cause }: VaultError): boolean {
  if (code !== 'peer-misbehaved' || op !== 'rpc.connection') return false;
  return !(cause instanceof VaultError && /^(noise|record)\./.test(cause.op));
}
