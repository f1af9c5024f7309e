/** `vault events`: what happened, and with `--follow` what happens. */
import type { EventRecord } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { count, flag } from '../parse/command-line.ts';

const recentDefault = 20;

export const events: Handler = async ({ line, output, client }) => {
  const request = {
    follow: flag(line, 'follow'),
    recent: count(line, 'recent') ?? recentDefault,
  };
  for await (const event of (await client()).events(request)) {
    if (output.json) output.record(event);
    else output.lines([eventLine(event)]);
  }
  return 0;
};

/** One event for people. */
export function eventLine({ time, type, message, subject, level }: EventRecord): string {
  const mark = level === 'error' ? ' ERROR' : level === 'warning' ? ' WARNING' : '';
  const about = typeof subject === 'string' && !message.includes(subject) ? ` (${subject})` : '';
  return escapeText(`${time}${mark} ${type}: ${message}${about}`);
}
