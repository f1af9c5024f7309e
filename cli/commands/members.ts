/** `vault members`: the devices of the vault. */
import type { MemberRow } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { formatSince } from '../output/format.ts';
import { tableLines } from '../output/table.ts';
import { flag } from '../parse/command-line.ts';

export const members: Handler = async ({ line, output, client }) => {
  const rows = await (await client()).members();
  if (output.json) output.value(rows);
  else {
    output.lines(memberLines(rows, Date.now()));
    if (flag(line, 'fingerprints')) output.lines(fingerprintLines(rows));
  }
  return 0;
};

const titles = ['NAME', 'ROLE', 'STATE', 'SEEN', 'DEVICE', ''];

/** The rows for people. */
export function memberLines(rows: readonly MemberRow[], nowMs: number): string[] {
  return tableLines(
    titles.map((title) => ({ title })),
    rows.map((row) =>
      [
        row.name,
        row.role,
        row.state,
        row.self ? 'here' : seenText(row, nowMs),
        row.deviceId,
        [row.self ? 'this device' : '', row.owner ? 'owner' : ''].filter(Boolean).join(', '),
      ].map(escapeText),
    ),
  );
}

/** The words of each device, to compare with what it shows itself. */
function fingerprintLines(rows: readonly MemberRow[]): string[] {
  return rows.map(({ name, fingerprint }) => escapeText(`${name}: ${fingerprint ?? ''}`));
}

function seenText(row: MemberRow, nowMs: number): string {
  if (row.online) return 'online';
  return row.lastSeen === null ? 'never' : formatSince(row.lastSeen, nowMs);
}
