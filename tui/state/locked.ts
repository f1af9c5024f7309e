/** Whether the agent has no keys: then it answers nothing but its status and `unlock`. Pure. */
import type { State } from './state.ts';

export function isLocked({ data }: Pick<State, 'data'>): boolean {
  return data.status?.value?.reasons.some(({ code }) => code === 'locked') === true;
}
