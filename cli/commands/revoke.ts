/** `vault revoke` and `vault role`: what another device may do, or that it may nothing any more. */
import type { MemberChangeReport } from '../../protocol/control/member-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { text, texts } from '../parse/command-line.ts';
import { confirmTyped } from '../local/confirm.ts';

export const revoke: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [device = ''] = line.operands;
  await confirmTyped(
    invocation,
    `${device} will be sent away: nothing that it writes from now on counts.`,
    device,
  );
  const client = await invocation.client();
  const report = await client.revoke({
    device,
    reason: text(line, 'reason'),
    until: texts(line, 'until'),
    lastStatement: text(line, 'until-statement'),
  });
  if (output.json) output.value(report);
  else sayRevoked(invocation, report);
  return 0;
};

export const role: Handler = async ({ line, output, client }) => {
  const [device = '', wanted = ''] = line.operands;
  const report = await (await client()).role({ device, role: wanted });
  if (output.json) output.value(report);
  else {
    output.note(escapeText(`${report.name} is ${report.role}`));
    noteKeys(output, report);
  }
  return 0;
};

function sayRevoked({ output }: Invocation, report: MemberChangeReport): void {
  const why = report.reason === null ? '' : ` (${report.reason})`;
  output.note(escapeText(`${report.name} is sent away${why}`));
  for (const { journal, counts, hidden } of report.journals) {
    const rest = hidden === 0 ? '' : `; ${String(hidden)} are kept and hidden`;
    output.note(escapeText(`  ${journal}: ${String(counts)} batches count${rest}`));
  }
  noteKeys(output, report);
}

function noteKeys(output: Invocation['output'], { epoch }: MemberChangeReport): void {
  if (epoch !== null)
    output.note(`what is written from now on has new keys: epoch ${epoch.slice(0, 8)}`);
}
