/** Which version this is, from the package that this file belongs to; in the sources and in `dist/`. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** For example `0.1.0`. */
export function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error('this program is not in its package');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}
