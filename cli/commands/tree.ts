/** `vault tree`: a directory and what is below it, drawn. */
import type { Entry } from '../../protocol/messages/control-entry.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { formatCount } from '../output/format.ts';
import { buildTree, treeJson, treeLines } from '../output/tree.ts';
import { count, flag } from '../parse/command-line.ts';
import { clientAt } from '../paths/moment.ts';

export const tree: Handler = async (invocation) => {
  const { line, output } = invocation;
  const path = vaultPath(line, line.operands[0] ?? '/');
  const level = count(line, 'level');
  const entries: Entry[] = [];
  const request = { path: path.bytes, recursive: true, depthMax: level };
  for await (const page of (await clientAt(invocation)).list(request)) entries.push(...page);
  const shown = flag(line, 'directories')
    ? entries.filter((entry) => entry.kind === 'directory')
    : entries;
  const root = buildTree(path.bytes, shown);
  if (output.json) {
    output.value(treeJson(root));
    return 0;
  }
  output.lines(treeLines(root, { ascii: !speaksUtf8(process.env) }));
  const below = shown.filter((entry) => entry.path.length > 0);
  const directories = below.filter((entry) => entry.kind === 'directory').length;
  output.note(
    `${formatCount(directories, 'directory', 'directories')}, ` +
      formatCount(below.length - directories, 'file'),
  );
  return 0;
};

/** Whether the terminal understands box-drawing characters, by its locale. */
export function speaksUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const set = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name] ?? '');
  return /utf-?8/i.test(set.find((value) => value !== '') ?? '');
}
