/** Why something is not green, for people. Pure. */
import type { Reason } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { formatDuration } from './format.ts';

/** One line a reason and one for its next step. */
export function reasonLines(reasons: readonly Reason[], about = ''): string[] {
  return reasons.flatMap((reason) => {
    const subject = [about, reason.subject ?? ''].filter((word) => word !== '').join(' ');
    const left =
      reason.secondsLeft === undefined ? '' : ` (${formatDuration(reason.secondsLeft)} left)`;
    const line = `${subject === '' ? '' : `${subject}: `}${reason.message}${left}`;
    const next = reason.next === undefined ? [] : [`  try: ${reason.next}`];
    return [line, ...next].map(escapeText);
  });
}
