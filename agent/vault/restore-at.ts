/**
 * Things of the past brought into the present tree: new versions and new entries with the content of
 * then, so that no byte is copied. What is there as it was then already is left alone; what came since
 * stays.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Tree } from '../namespace/tree.types.ts';
import { find, type Found } from './browse.ts';
import {
  announceChunks,
  copiesOf,
  copyContribution,
  makeDirectory,
  type ChangeResult,
  type Transfer,
} from './change.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { VaultParts } from './vault.ts';
import { formatVersion } from './version-id.ts';

export interface RestoreOptions extends Transfer {
  readonly past: Tree;
  /** Without it a directory is refused. */
  readonly recursive: boolean;
  /** Make missing directories above the destination. */
  readonly parents: boolean;
}

interface Copy {
  readonly path: VaultPath;
  readonly found: Found;
}

/** So many files are on their way at once; they share syncs. */
const filesAtOnce = 64;

/**
 * @returns how many entries were made or changed
 * @throws VaultError `not-found`, `is-directory`, `not-directory`, `usage`, `read-only`, `no-key`, and
 * what the lists of chunks cannot be read with
 */
export async function restoreAt(
  parts: VaultParts,
  { past, source, destination, recursive, parents }: RestoreOptions,
): Promise<ChangeResult> {
  const top = find(past, source);
  checkSource(top, { source, destination, recursive });
  const above = destination.slice(0, -1);
  let entries = 0;
  if (parents && above.length > 0) {
    entries += (await makeDirectory(parts, above, { parents: true, mode: 0o755 })).entries;
  }
  const copies = [...copiesOf(past, { source, destination })].filter(
    ({ path, found }) => path.length > 0 && !isThere(parts.tree, path, found),
  );
  const directories = copies.filter(({ found }) => found.node.kind === 'directory');
  const others = copies.filter(({ found }) => found.node.kind !== 'directory');
  let version: string | undefined;
  // A directory has to be there before what is in it.
  for (const copy of directories) entries += (await bringBack(parts, copy)).entries;
  for (let at = 0; at < others.length; at += filesAtOnce) {
    const group = others.slice(at, at + filesAtOnce);
    for (const result of await allOf(group.map((copy) => bringBack(parts, copy)))) {
      entries += result.entries;
      version = result.version ?? version;
    }
  }
  return { entries, version };
}

function checkSource(
  top: Found,
  { source, destination, recursive }: Transfer & { readonly recursive: boolean },
): void {
  if (top.node.kind === 'directory' && !recursive) {
    throw new VaultError('is-directory', {
      op: 'vault.restoreAt',
      subject: formatPath(source),
      next: 'give --recursive to copy a directory with what is in it',
    });
  }
  if (destination.length > 0 || top.node.kind === 'directory') return;
  throw new VaultError('is-directory', {
    op: 'vault.restoreAt',
    subject: formatPath(destination),
    detail: 'a file cannot take the place of the root',
    next: `name the new file: ${shellWord(formatPath(source))}`,
  });
}

async function bringBack(parts: VaultParts, { path, found }: Copy): Promise<ChangeResult> {
  const reused = await announceChunks(parts, found.view?.version?.content);
  const ids = await parts.publisher.publish({
    keys: [joinPath(path).toString('latin1')],
    build: (tree) => copyContribution(parts, { tree, path, found, reused }),
  });
  const last = ids.at(-1);
  const isFile = found.node.kind === 'file';
  return {
    entries: ids.length,
    version: isFile && last !== undefined ? formatVersion(last) : undefined,
  };
}

/** All of them have ended when it does, also when some fail: then the first failure is thrown. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** Whether the present tree shows the very same under this path. */
function isThere(tree: Tree, path: VaultPath, { node, view }: Found): boolean {
  const shown = tree.resolve(path);
  if (shown?.node.kind !== node.kind) return false;
  switch (node.kind) {
    case 'directory':
      return true;
    case 'symlink':
      return shown.node.target?.equals(node.target ?? Buffer.alloc(0)) === true;
    case 'file': {
      const [then, now] = [view?.version, shown.version];
      if (then === undefined || now === undefined) return false;
      return (
        then.mode === now.mode &&
        then.mtime.seconds === now.mtime.seconds &&
        then.mtime.nanoseconds === now.mtime.nanoseconds &&
        isSameContent(then.content, now.content)
      );
    }
  }
}

/** Of the same bytes sealed twice it says no; then there is one version more. */
function isSameContent(a: Content, b: Content): boolean {
  if (a.type === 'empty') return b.type === 'empty';
  if (a.type === 'small') return b.type === 'small' && a.small.record === b.small.record;
  if (a.type === 'chunk') return b.type === 'chunk' && a.chunk.cid === b.chunk.cid;
  return b.type === 'manifest' && a.manifest.cid === b.manifest.cid && a.size === b.size;
}
