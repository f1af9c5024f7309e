/** Which mount is made again after a crash: one small file of the home, gone after a clean end. */
import type { MountOptions } from '../../fuse/mount/mount.ts';
import { readSmallFile, replaceFile } from '../members/durable-file.ts';
import type { Disk } from '../ports.ts';

const path = 'mount.json';
const bytesMax = 16 * 1024;

export async function rememberMount(disk: Disk, options: MountOptions): Promise<void> {
  const { directory, allowOther, driver } = options;
  await replaceFile(disk, path, Buffer.from(JSON.stringify({ directory, allowOther, driver })));
}

export async function forgetMount(disk: Disk): Promise<void> {
  if ((await disk.sizeOf(path)) !== undefined) await disk.remove(path);
}

/** undefined also for a file that makes no sense: it is only a convenience. */
export async function readMount(disk: Disk): Promise<MountOptions | undefined> {
  const bytes = await readSmallFile(disk, path, bytesMax);
  if (bytes === undefined) return undefined;
  try {
    const saved = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const { directory, allowOther } = saved;
    if (typeof directory !== 'string') return undefined;
    const driver = saved['driver'] === 'fuse-native' ? 'fuse-native' : 'kernel';
    return { directory, allowOther: allowOther === true, driver };
  } catch {
    return undefined;
  }
}
