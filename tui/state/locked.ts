/** Whether the agent has no keys: then it answers nothing but its status and `unlock`. Pure. */
import type { Reason } from '../../protocol/control/reports.ts';
import type { State } from './state.ts';

export function isLocked({ data }: Pick<State, 'data'>): boolean {
  const reasons: unknown = data.status?.value?.reasons;
  // A report that is not what it should be fails where it is drawn, which is told.
  return Array.isArray(reasons) && reasons.some(({ code }: Reason) => code === 'locked');
}
