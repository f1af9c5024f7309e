/** `vault transfers`: what is being transferred. */
import type { TransferRow } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes, formatDuration } from '../output/format.ts';
import { tableLines } from '../output/table.ts';

export const transfers: Handler = async ({ output, client }) => {
  const rows = await (await client()).transfers();
  if (output.json) output.value(rows);
  else if (rows.length === 0) output.note('nothing is being transferred');
  else output.lines(transferLines(rows));
  return 0;
};

/** The rows for people. */
export function transferLines(rows: readonly TransferRow[]): string[] {
  return tableLines(
    [
      { title: 'ID' },
      { title: 'KIND' },
      { title: 'PEER' },
      { title: 'STATE' },
      { title: 'DONE', right: true },
      { title: 'OF', right: true },
      { title: 'RATE', right: true },
      { title: 'LEFT', right: true },
      { title: 'WHAT' },
    ],
    rows.map((row) =>
      [
        row.id,
        row.kind,
        row.peer ?? '',
        row.state,
        formatBytes(row.bytesDone),
        formatBytes(row.bytesTotal),
        row.state === 'running' ? `${formatBytes(row.bytesPerSecond)}/s` : '',
        row.secondsLeft === null ? '' : formatDuration(row.secondsLeft),
        [row.path ?? '', row.reason === null ? '' : `(${row.reason.message})`]
          .filter((word) => word !== '')
          .join(' '),
      ].map(escapeText),
    ),
  );
}
