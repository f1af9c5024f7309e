/** `vault log`: what happened to a path. */
import type { LogRow } from '../../protocol/messages/control-history.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { openJsonList } from '../output/json-list.ts';
import { logJson, logLines } from '../output/log-text.ts';
import { count } from '../parse/command-line.ts';

/** Rows that are made to stand below each other. */
const rowsPerPage = 200;
const newestMax = 2 ** 32 - 1;

export const log: Handler = async (invocation) => {
  const { line, output } = invocation;
  const { bytes } = vaultPath(line, line.operands[0] ?? '/');
  const newest = count(line, 'number');
  const list = output.json ? openJsonList(output) : undefined;
  let page: LogRow[] = [];
  if (newest !== 0) {
    const client = await invocation.client();
    const request = { path: bytes, newest: newest && Math.min(newest, newestMax) };
    for await (const row of client.log(request)) {
      if (list !== undefined) {
        list.row(logJson(row));
        continue;
      }
      page.push(row);
      if (page.length < rowsPerPage) continue;
      output.lines(logLines(page, bytes));
      page = [];
    }
  }
  list?.end();
  output.lines(logLines(page, bytes));
  return 0;
};
