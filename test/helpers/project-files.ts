/**
 * The files of the project, as somebody who checks it out has them, for tests that read the sources.
 * Walks folders instead of asking git, so that it works in an unpacked archive too.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

const skipped = new Set(['node_modules', 'dist', '.git', 'vectors']);
const leftovers = /\.(log|cpuprofile)$/;

/** Paths from the root, sorted. Frozen vectors and whatever is not tracked are left out. */
export function projectFiles(): readonly string[] {
  const files: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(path);
      else if (entry.isFile() && !leftovers.test(entry.name))
        files.push(relative(projectRoot, path));
    }
  };
  walk(projectRoot);
  return files.sort();
}

export function readProjectFile(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}
