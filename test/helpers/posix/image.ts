/** Everything that a person could compare of a folder, as lines of text. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { realFolder } from './real-folder.ts';

/** Larger files are sparse here: their size says enough. */
const hashedBytesMax = 64 * 1024 * 1024;

/** Times of directories are left out: they are not in the vault, which merges directories. */
export function imageOf(root: string): readonly string[] {
  const folder = realFolder(root);
  const lines: string[] = [];
  const visit = (directory: string): void => {
    const names = readdirSync(Buffer.from(`${root}/${directory}`, 'latin1'), 'latin1').sort();
    for (const name of names) {
      const path = directory === '' ? name : `${directory}/${name}`;
      const bytes = Buffer.from(`${root}/${path}`, 'latin1');
      const stat = lstatSync(bytes, { bigint: true });
      const xattrs = stat.isSymbolicLink()
        ? []
        : (folder.listXattrs(path) as readonly string[]).map(
            (key) => `${key}=${hash(folder.getXattr(path, key))}`,
          );
      const words = [path, stat.mode.toString(8), stat.uid, stat.gid, ...xattrs].map(String);
      if (stat.isFile()) {
        const isHashed = stat.size <= hashedBytesMax && (stat.mode & 0o400n) !== 0n;
        const content = isHashed ? hash(readFileSync(bytes)) : '-';
        words.push(String(stat.nlink), String(stat.size), String(stat.mtimeNs), content);
      }
      if (stat.isSymbolicLink()) words.push(hash(readlinkSync(bytes)), String(stat.mtimeNs));
      lines.push(words.join(' '));
      if (stat.isDirectory()) visit(path);
    }
  };
  visit('');
  return lines;
}

/** What only one of two images has. */
export function differences(one: readonly string[], other: readonly string[]): readonly string[] {
  const [left, right] = [new Set(one), new Set(other)];
  return [
    ...one.filter((line) => !right.has(line)).map((line) => `- ${line}`),
    ...other.filter((line) => !left.has(line)).map((line) => `+ ${line}`),
  ];
}

function hash(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
