/** Where the programs of this package are, whether this file runs from dist/ or from the sources. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const packageRoot = findRoot(import.meta.dirname);

export function programPath(program: 'vault' | 'vaultd'): string {
  return join(packageRoot, 'bin', program);
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
}
