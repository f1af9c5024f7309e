/** `vault invite`: makes a ticket. The ticket alone goes to standard output. */
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { flag, text, texts, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export const invite: Handler = async ({ line, output, client }) => {
  const request = {
    role: text(line, 'role') ?? 'writer',
    expiresS: lifetimeSeconds(line, text(line, 'expires') ?? '24h'),
    approve: flag(line, 'approve'),
    addresses: texts(line, 'address'),
  };
  const report = await (await client()).invite(request);
  if (output.json) {
    output.value(report);
    return 0;
  }
  output.lines([escapeText(report.ticket)]);
  output.note(
    escapeText(`For one device as ${report.role}, until ${report.expires}. On that device:`),
  );
  output.note('  vaultd join TICKET');
  if (report.approve) output.note('An admin has to approve it when it joins.');
  return 0;
};

/** `90s`, `30m`, `24h`, `7d`. */
function lifetimeSeconds(line: CommandLine, typed: string): number {
  const [, digits, unit] = /^([0-9]{1,9})([smhd])$/.exec(typed) ?? [];
  const seconds = Number(digits) * (secondsPerUnit[unit ?? ''] ?? Number.NaN);
  if (!(seconds > 0)) {
    throw usageError(line.command, `--expires ${typed}`, 'a time is needed, as 30m, 24h or 7d');
  }
  return seconds;
}
