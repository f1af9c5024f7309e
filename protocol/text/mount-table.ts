/** The kernel's list of mounts, and by what a mount of a vault is known in it. */

export const fileSystemType = 'fuse.peervault';

export interface MountEntry {
  readonly directory: string;
  readonly type: string;
  readonly source: string;
  /** Of the file system: `major:minor`. */
  readonly device: string;
  /** Of the mount, then of the file system. */
  readonly options: readonly string[];
}

/** Lines of /proc/self/mountinfo (proc(5)). */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , device, , directory, mountOptions = ''] = before?.split(' ') ?? [];
    const [type, source, systemOptions = ''] = after?.split(' ') ?? [];
    if (device === undefined || directory === undefined) return [];
    if (type === undefined || source === undefined) return [];
    const options = [...mountOptions.split(','), ...systemOptions.split(',')];
    return { directory: unescape(directory), type, source: unescape(source), device, options };
  });
}

function unescape(text: string): string {
  const bytes = text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  // Escapes stand for bytes, the rest is decoded text already.
  return bytes;
}
