/** `vault approve`: newcomers that wait, and the decision about one, by words that both sides show. */
import { VaultError } from '../../protocol/errors.ts';
import type { ApprovalRow } from '../../protocol/control/member-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { tableLines } from '../output/table.ts';
import { flag } from '../parse/command-line.ts';
import { confirmTyped } from '../local/confirm.ts';

export const approve: Handler = async (invocation) => {
  const { line, output } = invocation;
  const client = await invocation.client();
  const rows = await client.approvals();
  if (flag(line, 'list')) {
    if (output.json) output.value(rows);
    else if (rows.length === 0) output.note('no device waits here to be confirmed');
    else output.lines(approvalLines(rows));
    return 0;
  }
  const row = chosen(rows, line.operands[0]);
  const reject = flag(line, 'reject');
  if (!reject) {
    await confirmTyped(invocation, questionOf(row), 'yes');
  }
  const report = await client.approve({ device: row.deviceId, reject });
  if (output.json) output.value(report);
  else if (reject) output.note(escapeText(`${report.name} was turned down; its ticket is void`));
  else output.note(escapeText(`${report.name} is confirmed as ${report.role}`));
  return 0;
};

/** The rows for people. */
export function approvalLines(rows: readonly ApprovalRow[]): string[] {
  const titles = ['NAME', 'ROLE', 'WORDS', 'FROM', 'DEVICE'];
  return tableLines(
    titles.map((title) => ({ title })),
    rows.map((row) =>
      [row.name, row.role, row.fingerprint, row.address, row.deviceId].map(escapeText),
    ),
  );
}

function questionOf(row: ApprovalRow): string {
  return `${row.name} wants to join as ${row.role}, from ${row.address}. Does it show these words? ${row.fingerprint}`;
}

function chosen(rows: readonly ApprovalRow[], typed: string | undefined): ApprovalRow {
  const found =
    typed === undefined
      ? rows
      : rows.filter(
          ({ deviceId, name }) => deviceId.startsWith(typed.toLowerCase()) || name === typed,
        );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new VaultError(found.length === 0 ? 'not-found' : 'conflict', {
    op: 'cli.approve',
    subject: typed ?? 'a device that waits',
    detail: found.length === 0 ? 'nobody like that waits here' : `${String(found.length)} wait`,
    next: 'vault approve --list shows who waits; newcomers wait on the device that made their ticket',
  });
}
