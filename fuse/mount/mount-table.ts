/** What is mounted where, as the kernel lists it. Nothing here touches a mount, so that a dead one holds nobody up. */
import { readFile } from 'node:fs/promises';
import { parseMountTable, type MountEntry } from '../../protocol/text/mount-table.ts';

/** The mount that is seen at exactly this directory. */
export async function mountAt(directory: string): Promise<MountEntry | undefined> {
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  return table.findLast((entry) => entry.directory === directory);
}
