/**
 * What the mount has answered and not published yet, in files of the home: large files have one of their
 * own (`sealed-file.ts`), small ones and changes of names share one (`shared-logs.ts`), which costs no
 * file and no sync for each. Who uses them sees no difference.
 */
import type { Scratch } from '../../fuse/operations/port.ts';
import { directory, SealedFile, type SealedFileParts } from './sealed-file.ts';
import { isLogName, openSharedLogs } from './shared-logs.ts';

export async function openScratch(parts: SealedFileParts): Promise<Scratch> {
  await parts.disk.makeDirectory(directory);
  const logs = await openSharedLogs(parts);
  const own = (name: string): SealedFile => new SealedFile(parts, name, { isNew: false });
  return {
    async list() {
      const names = await parts.disk.list(directory);
      return [...names.filter((name) => !isLogName(name)), ...logs.names()];
    },
    create: (name, { shared }) =>
      shared ? logs.create(name) : new SealedFile(parts, name, { isNew: true }),
    existing: (name) => logs.existing(name) ?? own(name),
    records: (name) => logs.existing(name)?.records() ?? own(name).records(),
    close: () => logs.close(),
  };
}
