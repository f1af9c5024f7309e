/** `vault conflicts`: what waits for a decision. */
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { conflictJson, conflictLines } from '../output/conflict-text.ts';
import { openJsonList } from '../output/json-list.ts';

export const conflicts: Handler = async ({ line, output, client }) => {
  const { bytes } = vaultPath(line, line.operands[0] ?? '/');
  const agent = await client();
  const list = output.json ? openJsonList(output) : undefined;
  let count = 0;
  for await (const conflict of agent.conflicts({ path: bytes })) {
    list?.row(conflictJson(conflict));
    if (list === undefined)
      output.lines([...(count === 0 ? [] : ['']), ...conflictLines(conflict)]);
    count += 1;
  }
  list?.end();
  if (count === 0) output.note('nothing is in conflict');
  return 0;
};
