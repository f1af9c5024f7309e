/** A folder as text, so that two of them can be compared to the nanosecond and to the byte of a name. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * One line for each entry, sorted: path below the folder (latin1, so that every byte shows), kind, mode,
 * mtime in nanoseconds, and what it holds.
 */
export function folderShape(folder: string): readonly string[] {
  const lines: string[] = [];
  const visit = (file: Buffer, path: string): void => {
    const stats = lstatSync(file, { bigint: true });
    const facts = `${path} ${(stats.mode & 0o177777n).toString(8)} ${String(stats.mtimeNs)}`;
    if (stats.isSymbolicLink()) {
      lines.push(`${facts} -> ${readlinkSync(file, 'latin1')}`);
    } else if (stats.isDirectory()) {
      lines.push(facts);
      for (const name of readdirSync(file, 'buffer')) {
        visit(Buffer.concat([file, Buffer.from('/'), name]), `${path}/${name.toString('latin1')}`);
      }
    } else {
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      lines.push(`${facts} ${String(stats.size)} ${hash}`);
    }
  };
  visit(Buffer.from(folder), '');
  return lines.sort();
}
