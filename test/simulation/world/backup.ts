/** A copy of a whole home, as a backup program makes it, and putting it back onto the same machine. */
import type { Device } from './device.ts';

export type Backup = ReadonlyMap<string, Buffer>;

/** Everything that a reader of the disk sees now. */
export function takeBackup({ machine }: Device): Backup {
  const { disk } = machine;
  return new Map(disk.paths.map((path) => [path, Buffer.from(disk.peek(path) ?? [])]));
}

/** The home is what it was then, and nothing else; the device does not run. */
export async function restoreBackup({ machine }: Device, backup: Backup): Promise<void> {
  const { disk, index } = machine;
  for (const path of disk.paths) if (!backup.has(path)) await disk.remove(path);
  for (const [path, bytes] of backup) disk.plant(path, bytes);
  for (const directory of ['', 'journals', 'segments', 'identity', 'quarantine']) {
    await disk.syncDirectory(directory);
  }
  await index.destroy();
}
