/** What is below `.vault`, put together from directories that make their entries when somebody looks. */
import type { NodeId } from '../../../protocol/ids.ts';
import type {
  Content,
  FileTime,
  Hidden,
  HiddenDirectory,
  HiddenEntry,
} from '../../../fuse/operations/port.ts';
import type { Chronicle } from '../../history/history.types.ts';
import type { EntryView, Tree } from '../../namespace/tree.types.ts';
import type { Clock } from '../../ports.ts';
import type { ConflictIndex } from '../../vault/conflict-index.ts';
import type { Moments } from '../../vault/moments.ts';
import type { LogParts } from '../../vault/path-log.ts';
import { formatVersion } from '../../vault/version-id.ts';

export interface HiddenParts {
  readonly vault: LogParts & {
    readonly tree: Tree;
    readonly history: Chronicle;
    readonly clock: Clock;
  };
  readonly moments: Pick<Moments, 'find' | 'treeAt'>;
  readonly conflicts: ConflictIndex;
}

export const noTime: FileTime = { seconds: 0, nanoseconds: 0 };

export interface DirectoryInit {
  readonly key: string;
  readonly mtime?: FileTime;
  readonly children: HiddenDirectory['children'];
  /** @default one of the children */
  readonly child?: HiddenDirectory['child'];
}

export function directory({
  key,
  mtime = noTime,
  children,
  child,
}: DirectoryInit): HiddenDirectory {
  const search: HiddenDirectory['child'] = async (name, signal) =>
    (await children(signal)).find((entry) => entry.name.equals(name))?.node;
  return { key, kind: 'directory', mode: 0o755, mtime, children, child: child ?? search };
}

export interface EarlierFile {
  /** Where it stands; with the version it names it. */
  readonly key: string;
  readonly content: Content;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly version: string;
  readonly xattrs?: ReadonlyMap<string, Buffer> | undefined;
}

export function earlierFile({ key, content, version, ...more }: EarlierFile): Hidden {
  // No name has a zero byte: another entry's key is never the same.
  return { key: `${key}\0${version}`, kind: 'file', bytes: content, version, ...more };
}

/** What a row of a tree shows, with all that is below it in that tree. */
export function hiddenOf(
  view: EntryView,
  at: { readonly key: string; readonly below: (node: NodeId) => Promise<readonly HiddenEntry[]> },
): Hidden | undefined {
  const { node, version } = view;
  const { mode, mtime, xattrs, target } = node;
  if (node.kind === 'directory') {
    const inside = directory({ key: at.key, mtime, children: () => at.below(node.id) });
    return { ...inside, mode, xattrs };
  }
  if (node.kind === 'symlink') {
    if (target === undefined) return undefined;
    return { key: at.key, kind: 'symlink', mode: 0o777, mtime, xattrs, target };
  }
  if (version === undefined) return undefined;
  const { content, mode: own, mtime: time, op } = version;
  const file = { content, mode: own, mtime: time, xattrs };
  return earlierFile({ key: at.key, version: formatVersion(op), ...file });
}
