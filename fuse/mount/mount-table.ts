/** What is mounted where, as the kernel lists it. Nothing here touches a mount, so that a dead one holds nobody up. */
import { readFile } from 'node:fs/promises';

export interface MountEntry {
  readonly directory: string;
  readonly type: string;
  readonly source: string;
  /** Of the file system: `major:minor`. */
  readonly device: string;
}

export async function mountTable(): Promise<readonly MountEntry[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The mount that is seen at exactly this directory. */
export async function mountAt(directory: string): Promise<MountEntry | undefined> {
  return (await mountTable()).findLast((entry) => entry.directory === directory);
}

/** Lines of /proc/self/mountinfo (proc(5)). */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , device, , directory] = before?.split(' ') ?? [];
    const [type, source] = after?.split(' ') ?? [];
    if (device === undefined || directory === undefined) return [];
    if (type === undefined || source === undefined) return [];
    return { directory: unescape(directory), type, source: unescape(source), device };
  });
}

function unescape(text: string): string {
  const bytes = text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  // Escapes stand for bytes, the rest is decoded text already.
  return bytes;
}
