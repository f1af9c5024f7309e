/** A reason, and how bad it is. */
import type { Reason } from '../../protocol/control/reports.ts';

/** The worst first. */
export const gravities = ['attention', 'working', 'ok'] as const;

export interface Weighed extends Reason {
  readonly gravity: (typeof gravities)[number];
}
