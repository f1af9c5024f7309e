/** `.vault` itself: the doors to the past, and files that say how it goes. */
import type { Hidden, HiddenDirectory } from '../../../fuse/operations/port.ts';
import { atDirectory } from './at.ts';
import { conflictsDirectory } from './conflicts.ts';
import { directory, noTime, type HiddenParts } from './hidden.ts';
import { historyDirectory } from './history.ts';
import { trashDirectory } from './trash.ts';

export type Reports = Readonly<Record<string, () => Promise<Buffer>>>;

export function hiddenRoot(parts: HiddenParts, reports: Reports): HiddenDirectory {
  const entries = [
    { name: 'at', node: atDirectory(parts) },
    { name: 'history', node: historyDirectory(parts) },
    { name: 'conflicts', node: conflictsDirectory(parts) },
    { name: 'trash', node: trashDirectory(parts) },
    ...Object.entries(reports).map(([name, bytes]) => ({ name, node: reportFile(name, bytes) })),
  ].map(({ name, node }) => ({ name: Buffer.from(name), node }));
  return directory({ key: '.vault', children: () => Promise.resolve(entries) });
}

function reportFile(name: string, bytes: () => Promise<Buffer>): Hidden {
  return { key: `report/${name}`, kind: 'file', mode: 0o644, mtime: noTime, bytes };
}
