/**
 * An earlier version comes back as a new one: the same content and mode, whose chunks are named again
 * and not copied. What was there stays in the history.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Found } from './browse.ts';
import { announceChunks, copyContribution, type ChangeResult } from './change.ts';
import type { PastParts } from './occupants.ts';
import { findVersion } from './past-versions.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import { undelete } from './undelete.ts';
import type { VaultParts } from './vault.ts';
import { formatVersion } from './version-id.ts';

export interface Restore {
  readonly path: VaultPath;
  /** Hex of its id, or of the beginning. */
  readonly version: string;
  /** The exact new path; undefined: where it was. */
  readonly destination: VaultPath | undefined;
}

/**
 * @throws VaultError `not-found`, `usage`, `is-directory`, `exists`, `not-directory`, `chunk-missing`
 */
export async function restore(
  parts: VaultParts & PastParts,
  { path, version, destination }: Restore,
): Promise<ChangeResult> {
  if (destination === undefined && parts.tree.resolve(path) === undefined) {
    return undelete(parts, { path, version, destination });
  }
  const found = await findVersion(parts, path, version);
  const target = destination ?? path;
  if (isShown(parts, target, found)) return { entries: 0, version: idOf(found) };
  const reused = await announceChunks(parts, found.view?.version?.content);
  const ids = await parts.publisher.publish({
    keys: [joinPath(target).toString('latin1')],
    build: (tree) => copyContribution(parts, { tree, path: target, found, reused }),
  });
  const last = ids.at(-1);
  if (last === undefined) {
    throw new VaultError('internal', { op: 'vault.restore', subject: formatPath(target) });
  }
  return { entries: ids.length, version: formatVersion(last) };
}

/** Whether the very version is there already. */
function isShown({ tree }: VaultParts, path: VaultPath, found: Found): boolean {
  const shown = tree.resolve(path)?.version;
  return shown !== undefined && formatVersion(shown.op) === idOf(found);
}

function idOf({ view }: Found): string | undefined {
  return view?.version === undefined ? undefined : formatVersion(view.version.op);
}
