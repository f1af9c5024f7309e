/** `history/PATH/VERSION`: of each file that is or was at a path, every version by its id. */
import { isVaultError } from '../../../protocol/errors.ts';
import type { Hidden, HiddenDirectory, HiddenEntry } from '../../../fuse/operations/port.ts';
import { findVersion } from '../../vault/past-versions.ts';
import { pastOf } from '../../vault/past-events.ts';
import { fileTimeOf } from '../../vault/format-time.ts';
import { joinPath, type VaultPath } from '../../vault/path.ts';
import { formatVersion } from '../../vault/version-id.ts';
import { directory, earlierFile, type HiddenParts } from './hidden.ts';

export function historyDirectory(parts: HiddenParts, path: VaultPath = []): HiddenDirectory {
  const { tree } = parts.vault;
  return directory({
    key: `history/${textOf(path)}`,
    children: () => {
      const node = path.length === 0 ? tree.root() : tree.resolve(path)?.node;
      const rows = node === undefined ? [] : (tree.list(node.id) ?? []);
      const entries = rows.flatMap(({ name, node: { kind } }): HiddenEntry[] => {
        if (kind === 'symlink') return [];
        return [{ name, node: pathNode(parts, [...path, name], kind === 'directory') }];
      });
      return Promise.resolve(entries);
    },
    child: (name) => childOf(parts, [...path, name]),
  });
}

/** What is there now counts; of what is gone, what it was last. */
async function childOf(parts: HiddenParts, path: VaultPath): Promise<Hidden | undefined> {
  const { vault } = parts;
  const kind = vault.tree.resolve(path)?.node.kind;
  if (kind !== undefined) return pathNode(parts, path, kind === 'directory');
  const { occupants } = await pastOf(vault, path);
  const last = occupants.at(-1);
  if (last === undefined) return undefined;
  return pathNode(parts, path, vault.tree.node(last.node)?.kind === 'directory');
}

function pathNode(parts: HiddenParts, path: VaultPath, isDirectory: boolean): HiddenDirectory {
  return isDirectory ? historyDirectory(parts, path) : versionsDirectory(parts, path);
}

function versionsDirectory(parts: HiddenParts, path: VaultPath): HiddenDirectory {
  const { vault } = parts;
  const key = `versions/${textOf(path)}`;
  return directory({
    key,
    children: async () => {
      const { events } = await pastOf(vault, path);
      const rows = new Map<string, HiddenEntry>();
      for (const { change, version } of events) {
        if (version === undefined) continue;
        const id = formatVersion(change.op);
        const { content, mode } = version;
        const mtime = fileTimeOf(change.stamp.wallMs);
        const node = earlierFile({ key, content, mode, mtime, version: id });
        rows.set(id, { name: Buffer.from(id), node });
      }
      return [...rows.values()];
    },
    child: async (name) => {
      try {
        const { view } = await findVersion(vault, path, name.toString());
        if (view?.version === undefined) return undefined;
        const { content, mode, stamp, op } = view.version;
        const mtime = fileTimeOf(stamp.wallMs);
        return earlierFile({ key, content, mode, mtime, version: formatVersion(op) });
      } catch (error) {
        if (isVaultError(error, 'not-found', 'usage')) return undefined;
        throw error;
      }
    },
  });
}

function textOf(path: VaultPath): string {
  return joinPath(path).toString('latin1');
}
