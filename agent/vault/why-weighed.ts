/** A reason, and how bad it is. */
import type { Reason } from '../../protocol/control/reports.ts';

/** The worst first. */
export const gravities = ['attention', 'working', 'ok'] as const;

export interface Weighed extends Reason {
  readonly gravity: (typeof gravities)[number];
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : several}`;
}
