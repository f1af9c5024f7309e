/** A directory of a tree of the past. The tree is asked for each time: who keeps trees knows how many fit. */
import type { FileTime, HiddenDirectory, HiddenEntry } from '../../../fuse/operations/port.ts';
import type { EntryView, Tree } from '../../namespace/tree.types.ts';
import { noDirectory } from '../../vault/browse.ts';
import type { VaultPath } from '../../vault/path.ts';
import { directory, hiddenOf } from './hidden.ts';

export interface PastDirectory {
  readonly key: string;
  readonly mtime?: FileTime | undefined;
  readonly path: VaultPath;
  readonly tree: (signal: AbortSignal | undefined) => Promise<Tree>;
}

export function pastDirectory(past: PastDirectory): HiddenDirectory {
  const { key, mtime, path } = past;
  const inside = directory({
    key,
    children: async (signal) => rowsAt(past, await past.tree(signal)),
    child: async (name, signal) => {
      const view = (await past.tree(signal)).resolve([...path, name]);
      return view === undefined ? undefined : nodeOf(past, view);
    },
  });
  return mtime === undefined ? inside : { ...inside, mtime };
}

function rowsAt(past: PastDirectory, tree: Tree): readonly HiddenEntry[] {
  const { path } = past;
  const node = path.length === 0 ? tree.root() : tree.resolve(path)?.node;
  const rows = node === undefined ? undefined : tree.list(node.id);
  if (rows === undefined) throw noDirectory(path);
  return rows.flatMap((view) => {
    const shown = nodeOf(past, view);
    return shown === undefined ? [] : [{ name: view.name, node: shown }];
  });
}

function nodeOf(past: PastDirectory, view: EntryView): HiddenEntry['node'] | undefined {
  const key = `${past.key}/${view.name.toString('latin1')}`;
  const shown = hiddenOf(view, { key, below: () => Promise.resolve([]) });
  if (shown?.kind !== 'directory') return shown;
  const { mode, mtime, xattrs } = shown;
  const inside = pastDirectory({ ...past, key, path: [...past.path, view.name] });
  return { ...inside, mode, mtime, xattrs };
}
