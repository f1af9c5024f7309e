/** `vault audit`: what was done on this device, and whether its log is whole. */
import type { AuditReport } from '../../protocol/control/audit-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';
import { parseTime } from '../../protocol/text/time.ts';
import { eventLine } from './events.ts';

/** The status of a log that is not whole: that of damage. */
const damagedStatus = 8;

export const audit: Handler = async ({ line, output, client }) => {
  const agent = await client();
  if (flag(line, 'verify')) {
    const report = await agent.auditVerify();
    if (output.json) output.value(report);
    else output.lines([verdictLine(report)]);
    return report.whole ? 0 : damagedStatus;
  }
  const request = { sinceMs: sinceMs(line), follow: flag(line, 'follow') };
  for await (const entry of agent.audit(request)) {
    if (output.json) output.record(entry);
    else output.lines([eventLine(entry)]);
  }
  return 0;
};

/** For people. */
export function verdictLine({ whole, entries, last, sealed, broken }: AuditReport): string {
  if (whole || broken === null) {
    const beyond = last > sealed ? `, ${String(last - sealed)} of them not sealed yet` : '';
    return `whole: ${String(entries)} ${entries === 1 ? 'entry' : 'entries'}${beyond}`;
  }
  const where = broken.sequence === null ? '' : ` at entry ${String(broken.sequence)}`;
  return escapeText(`BROKEN${where} in ${broken.file}: ${broken.reason}`);
}

function sinceMs(line: CommandLine): number {
  const typed = text(line, 'since');
  if (typed === undefined) return 0;
  const ms = parseTime(typed, Date.now());
  if (ms !== undefined) return Math.max(0, ms);
  throw usageError(line.command, `--since ${typed}`, 'a time is needed, as 2h, yesterday, 12:00');
}
