/** `vault keys list` and `keys rotate`: the epochs and member keys, and a new epoch. */
import type { EpochRow, KeysReport, MemberKeyRow } from '../../protocol/control/member-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { formatSince } from '../output/format.ts';
import { tableLines } from '../output/table.ts';

export const keysList: Handler = async ({ output, client }) => {
  const report = await (await client()).keys();
  if (output.json) output.value(report);
  else output.lines(keyLines(report, Date.now()));
  return 0;
};

export const keysRotate: Handler = async ({ output, client }) => {
  const report = await (await client()).keysRotate();
  if (output.json) output.value(report);
  else
    output.note(
      `what is written from now on has new keys: epoch ${report.currentEpoch.slice(0, 8)}`,
    );
  return 0;
};

/** The rows for people. */
export function keyLines(report: KeysReport, nowMs: number): string[] {
  const titles = ['KEY', 'IN USE', 'HERE', 'SINCE', 'SEALED TO', ''];
  const rows = [
    ...report.epochs.map((row) => epochCells(row, nowMs)),
    ...report.memberKeys.map(memberKeyCells),
  ];
  const next =
    report.rotatesAt === null
      ? []
      : [`a new epoch is opened at ${report.rotatesAt.slice(0, 16).replace('T', ' ')} UTC`];
  return [
    ...tableLines(
      titles.map((title) => ({ title })),
      rows.map((cells) => cells.map(escapeText)),
    ),
    ...next,
  ];
}

function epochCells(row: EpochRow, nowMs: number): string[] {
  return [
    `epoch ${row.epoch.slice(0, 8)}`,
    row.current ? 'yes' : '',
    row.readable ? 'yes' : 'no',
    row.since === null ? '' : formatSince(row.since, nowMs),
    row.readers.join(', '),
    formerText(row.formerReaders),
  ];
}

function memberKeyCells(row: MemberKeyRow): string[] {
  return [
    `member key ${String(row.generation)}`,
    row.current ? 'yes' : '',
    row.readable ? 'yes' : 'no',
    '',
    row.devices.join(', '),
    formerText(row.formerDevices),
  ];
}

function formerText(names: readonly string[]): string {
  return names.length === 0 ? '' : `and ${names.join(', ')}, who may not any more`;
}
