/**
 * Two connections with one device: which one stays. Both sides come to the same answer without
 * talking about it. Pure.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import { time } from '../../protocol/limits.ts';

export interface Duplicate {
  readonly self: DeviceId;
  readonly remote: DeviceId;
  /** Whether we dialled the connection that exists. */
  readonly oldIsOurs: boolean;
  readonly oldAgeMs: number;
  /** Whether we dialled the one that has just come up. */
  readonly newIsOurs: boolean;
}

/**
 * Who dials has no connection any more, so a second one from the same side replaces the first, and so
 * does one that comes long after. Two that crossed: the one dialled by the lower id stays.
 */
export function chooseConnection(duplicate: Duplicate): 'old' | 'new' {
  const { self, remote, oldIsOurs, oldAgeMs, newIsOurs } = duplicate;
  if (oldIsOurs === newIsOurs || oldAgeMs > time.handshakeMs) return 'new';
  const oursStays = self < remote;
  return newIsOurs === oursStays ? 'new' : 'old';
}
