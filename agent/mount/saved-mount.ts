/** Which mount there was when the agent did not end cleanly: one small file of the home, gone after a clean end. */
import type { MountOptions } from '../../fuse/mount/mount.ts';
import { readSmallFile, replaceFile } from '../members/durable-file.ts';
import type { Disk } from '../ports.ts';

const path = 'mount.json';
const bytesMax = 16 * 1024;

export interface SavedMount {
  readonly options: MountOptions;
  /** It was made by a client, and the next agent makes it again; else whoever starts the agent says. */
  readonly again: boolean;
}

export async function rememberMount(disk: Disk, { options, again }: SavedMount): Promise<void> {
  const { directory, allowOther, driver } = options;
  const text = JSON.stringify({ directory, allowOther, driver, again });
  await replaceFile(disk, path, Buffer.from(text));
}

export async function forgetMount(disk: Disk): Promise<void> {
  if ((await disk.sizeOf(path)) !== undefined) await disk.remove(path);
}

/** undefined also for a file that makes no sense: it is only a convenience. */
export async function readMount(disk: Disk): Promise<SavedMount | undefined> {
  const bytes = await readSmallFile(disk, path, bytesMax);
  if (bytes === undefined) return undefined;
  try {
    const saved = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const { directory, allowOther } = saved;
    if (typeof directory !== 'string') return undefined;
    const driver = saved['driver'] === 'fuse-native' ? 'fuse-native' : 'kernel';
    const options = { directory, allowOther: allowOther === true, driver } as const;
    return { options, again: saved['again'] !== false };
  } catch {
    return undefined;
  }
}
