/** A ticket to read, and as a QR code where the terminal has room for the whole of it. */
import type { InviteReport } from '../../../protocol/control/reports.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import type { ActionIo } from '../../keymap/action.ts';
import { row, span, wrap } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';

/** Of the dialog, around its rows. */
const frameColumns = 6;
const frameRows = 4;

export async function showTicket(io: ActionIo, report: InviteReport): Promise<void> {
  const { columns, rows: height } = io.state().size;
  const width = Math.min(columns - frameColumns, 112);
  const code = io.terminal.asciiOnly ? undefined : await qrRows(report.ticket);
  const said = textRows(report, width);
  const fits =
    code !== undefined &&
    code.width <= columns - frameColumns &&
    code.lines.length + said.length <= height - frameRows;
  const note = ' (no room for its QR code: vault invite --qr-file FILE writes one)';
  const rows: readonly Row[] = fits
    ? [...said, ...code.lines.map((line) => row(` ${line}`))]
    : [...said, row(span('dim', note))];
  io.dispatch({
    type: 'open-modal',
    modal: { type: 'document', title: 'Ticket', rows, top: 0 },
  });
}

function textRows(report: InviteReport, width: number): readonly Row[] {
  return [
    ...wrap(escapeText(report.ticket), width).map((line) => row(span('strong', ` ${line}`))),
    [],
    row(` For one device as ${report.role}, until ${escapeText(report.expires)}. T copies it.`),
    row(span('dim', ' there: vaultd join TICKET')),
    ...(report.approve ? [row(' It waits then until you confirm it here: a')] : []),
  ];
}

async function qrRows(
  ticket: string,
): Promise<{ readonly lines: readonly string[]; readonly width: number }> {
  const { renderUnicodeCompact } = await import('uqr');
  // Upper case has a denser mode in a QR code, and a ticket reads the same in it.
  const lines = renderUnicodeCompact(ticket.toUpperCase(), { border: 1 }).split('\n');
  return { lines, width: Math.max(...lines.map((line) => line.length)) };
}
