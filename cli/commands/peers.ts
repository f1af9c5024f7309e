/** `vault peers`, `peers add` and `peers rm`: the other devices and how they are reached. */
import type { PeerChangeReport, PeerRow } from '../../protocol/control/reports.ts';
import { parseAddress } from '../../protocol/messages/address.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { formatSince, formatBytes } from '../output/format.ts';
import { reasonLines } from '../output/reasons.ts';
import { tableLines } from '../output/table.ts';
import { text, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

export const peersList: Handler = async ({ output, client }) => {
  const rows = await (await client()).peers();
  if (output.json) output.value(rows);
  else if (rows.length === 0) output.note('no other device yet; vault invite makes a ticket');
  else output.lines(peerLines(rows, Date.now()));
  return 0;
};

export const peersAdd: Handler = async (invocation) => {
  const address = addressOperand(invocation.line);
  const device = text(invocation.line, 'device');
  const change = await (await invocation.client()).peerAdd({ address, device });
  report(invocation, change, 'added');
  return 0;
};

export const peersRemove: Handler = async (invocation) => {
  const address = addressOperand(invocation.line);
  const change = await (await invocation.client()).peerRemove({ address });
  report(invocation, change, 'removed');
  return 0;
};

function addressOperand(line: CommandLine): string {
  const address = line.operands[0] ?? '';
  if (parseAddress(address) === undefined) {
    throw usageError(line.command, address, 'HOST:PORT is needed, as nas.example.org:7420');
  }
  return address;
}

function report({ output }: Invocation, change: PeerChangeReport, verb: string): void {
  if (output.json) output.value(change);
  else output.note(escapeText(`${verb} ${change.address}${change.online ? ', online' : ''}`));
}

/** The rows for people. */
export function peerLines(rows: readonly PeerRow[], nowMs: number): string[] {
  const table = tableLines(
    [
      { title: 'NAME' },
      { title: 'ROLE' },
      { title: 'SEEN' },
      { title: 'RTT', right: true },
      { title: 'BEHIND', right: true },
      { title: 'ADDRESS' },
    ],
    rows.map((row) =>
      [
        row.name === '' ? (row.deviceId?.slice(0, 12) ?? '?') : row.name,
        row.role ?? '?',
        seenText(row, nowMs),
        row.rttMs === null ? '' : `${row.rttMs.toFixed(row.rttMs < 10 ? 1 : 0)} ms`,
        row.behindBytes === null ? '' : formatBytes(row.behindBytes),
        row.address ?? '',
      ].map(escapeText),
    ),
  );
  return [...table, ...rows.flatMap((row) => reasonLines(row.reasons, row.name))];
}

function seenText(row: PeerRow, nowMs: number): string {
  if (row.online) return 'online';
  return row.lastSeen === null ? 'never' : formatSince(row.lastSeen, nowMs);
}
