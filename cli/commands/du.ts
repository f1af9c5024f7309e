/** `vault du`: how much directories hold. */
import type { Usage } from '../../protocol/messages/control-past.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { bytesJson, joinPath } from '../output/entry-row.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { openJsonList } from '../output/json-list.ts';
import { count, flag } from '../parse/command-line.ts';
import { askedMoment } from '../paths/moment.ts';

export const du: Handler = async (invocation) => {
  const { line, output } = invocation;
  const path = vaultPath(line, line.operands[0] ?? '/').bytes;
  const depthMax = count(line, 'depth');
  const client = await invocation.client();
  const at = await askedMoment(invocation, client);
  const list = output.json ? openJsonList(output) : undefined;
  const inBytes = flag(line, 'bytes');
  let unknown = 0;
  for await (const page of client.diskUsage({ path, depthMax, at })) {
    unknown = page.at(-1)?.filesUnknown ?? unknown;
    if (list === undefined) output.lines(page.map((row) => usageLine(path, row, inBytes)));
    else for (const row of page) list.row(usageJson(path, row));
  }
  list?.end();
  if (unknown > 0 && list === undefined) {
    const files = formatCount(unknown, 'file');
    output.note(`of ${files} it is not known here what is stored: vault why says where it is`);
  }
  return 0;
};

/** `  1.2 MiB    900 KiB stored     12 files  docs`. Columns are fixed: lines come as they are counted. */
export function usageLine(path: Buffer, row: Usage, inBytes: boolean): string {
  const size = (bytes: number): string => (inBytes ? String(bytes) : formatBytes(bytes));
  const width = inBytes ? 15 : 8;
  const stored = `${row.filesUnknown > 0 ? '>' : ''}${size(row.storedBytes)}`;
  const shown = joinPath(path, row.path);
  return [
    size(row.bytes).padStart(width),
    `${stored} stored`.padStart(width + 8),
    formatCount(row.files, 'file').padStart(13),
    shown.length === 0 ? '/' : escapeBytes(shown),
  ].join('  ');
}

function usageJson(path: Buffer, row: Usage): Record<string, unknown> {
  const shown = joinPath(path, row.path);
  return {
    ...bytesJson('path', shown.length === 0 ? Buffer.from('/') : shown),
    files: row.files,
    directories: row.directories,
    bytes: row.bytes,
    storedBytes: row.storedBytes,
    filesUnknown: row.filesUnknown,
  };
}
