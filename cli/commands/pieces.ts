/** `vault transfers pieces`: which parts of files are on this device. */
import type { PiecesReport } from '../../protocol/control/transfer-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { vaultPath } from '../invocation.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes } from '../output/format.ts';

/** Of the map for people; scripts get a finer one. */
const cellsOfText = 240;
const cellsOfJson = 1000;
const cellsOfLine = 60;

export const pieces: Handler = async ({ line, output, client }) => {
  const agent = await client();
  const cells = output.json ? cellsOfJson : cellsOfText;
  const reports: PiecesReport[] = [];
  for (const operand of line.operands) {
    reports.push(await agent.pieces({ path: vaultPath(line, operand).bytes, cells }));
  }
  if (output.json) output.value(reports);
  else output.lines(reports.flatMap(pieceLines));
  return 0;
};

/** One file for people. */
export function pieceLines({ path, bytes, bytesHere, known, cells }: PiecesReport): string[] {
  const share = bytes === 0 ? 100 : Math.floor((100 * bytesHere) / bytes);
  const unknown = known ? '' : '; the list of its chunks is not here to its end';
  const signs = cells.map((part) => (part === 100 ? '#' : part === 0 ? '.' : '-')).join('');
  return [
    `${escapeText(path)}: ${formatBytes(bytesHere)} of ${formatBytes(bytes)} here (${String(share)} %)${unknown}`,
    ...(signs.match(new RegExp(`.{1,${String(cellsOfLine)}}`, 'g')) ?? []).map((row) => `  ${row}`),
  ];
}
