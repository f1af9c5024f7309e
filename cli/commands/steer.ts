/** `vault transfers pause`, `resume`, `cancel`, `first`: what becomes of transfers. */
import type { TransferRow } from '../../protocol/control/reports.ts';
import type { FirstReport } from '../../protocol/control/transfer-reports.ts';
import type { TransferAction } from '../../protocol/messages/control-transfers.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { formatCount } from '../../protocol/text/format.ts';
import { vaultPath } from '../invocation.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes } from '../output/format.ts';
import { transferLines } from './transfers.ts';

export const pause: Handler = steer('pause');
export const resume: Handler = steer('resume');
export const cancel: Handler = steer('cancel');

function steer(action: TransferAction): Handler {
  return async ({ line, output, client }) => {
    const agent = await client();
    const rows: TransferRow[] = [];
    for (const id of line.operands) rows.push(...(await agent.transferSteer({ id, action })));
    if (output.json) output.value(rows);
    else if (rows.length > 0) output.lines(transferLines(rows));
    return 0;
  };
}

export const first: Handler = async ({ line, output, client }) => {
  const agent = await client();
  const reports: (FirstReport & { readonly path: string })[] = [];
  for (const path of line.operands) {
    reports.push({ path, ...(await agent.transferFirst({ path: vaultPath(line, path).bytes })) });
  }
  if (output.json) output.value(reports);
  else output.lines(reports.map(firstLine));
  return 0;
};

function firstLine({ path, chunks, bytes, filesUnknown }: FirstReport & { readonly path: string }) {
  const name = escapeText(path);
  if (chunks === 0 && filesUnknown === 0) return `${name}: all of it is here`;
  const unknown =
    filesUnknown === 0 ? '' : `; of ${formatCount(filesUnknown, 'file')} the list comes first`;
  return `${name}: ${formatCount(chunks, 'chunk')} (${formatBytes(bytes)}) come first${unknown}`;
}
