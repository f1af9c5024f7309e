/**
 * How much is where: files and bytes of each directory with everything below it, and how many sealed
 * bytes of that are stored on this device. A chunk that several files share is counted in the first of
 * them, so that the sum is what is really stored.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { Usage } from '../../protocol/messages/control-past.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { find, sizeOf } from './browse.ts';
import { inspectContent, type Needed } from './local-content.ts';
import { joinPath, type VaultPath } from './path.ts';
import type { ReadParts } from './read-content.ts';
import type { Slices } from './slices.ts';

export interface UsageOptions {
  /** How deep directories have rows; undefined: all of them. */
  readonly depthMax: number | undefined;
  readonly slices: Slices;
}

interface Count {
  files: number;
  directories: number;
  bytes: number;
  storedBytes: number;
  filesUnknown: number;
}

/**
 * Rows for a path and the directories below it, what is in a directory before it; the last row is that
 * of the path.
 * @throws VaultError `not-found`, `not-directory`, `cancelled`
 */
export async function* usageOf(
  parts: ReadParts,
  tree: Tree,
  path: VaultPath,
  options: UsageOptions,
): AsyncGenerator<Usage> {
  const top = find(tree, path);
  const walk = new UsageWalk(parts, tree, options);
  if (top.node.kind === 'directory') {
    yield* walk.directory(top.node.id, []);
    return;
  }
  const count = emptyCount();
  if (top.view !== undefined) await walk.add(count, top.view);
  yield { path: Buffer.alloc(0), ...count };
}

class UsageWalk {
  readonly #parts: ReadParts;
  readonly #tree: Tree;
  readonly #options: UsageOptions;
  /** Chunks that were counted, by the first 52 bits of their ids: two that are equal there do not happen. */
  readonly #counted = new Set<number>();

  constructor(parts: ReadParts, tree: Tree, options: UsageOptions) {
    this.#parts = parts;
    this.#tree = tree;
    this.#options = options;
  }

  /** Rows below a directory and its own; returns what they come to. */
  async *directory(id: NodeId, path: VaultPath): AsyncGenerator<Usage, Count> {
    const count = emptyCount();
    for (const view of this.#tree.list(id) ?? []) {
      await this.#options.slices.step();
      if (view.node.kind === 'directory') {
        count.directories += 1;
        sum(count, yield* this.directory(view.node.id, [...path, view.name]));
      } else {
        await this.add(count, view);
      }
    }
    if (path.length <= (this.#options.depthMax ?? Infinity)) {
      yield { path: joinPath(path), ...count };
    }
    return count;
  }

  async add(count: Count, { node, version }: EntryView): Promise<void> {
    if (node.kind !== 'file') return;
    count.files += 1;
    count.bytes += sizeOf(version?.content);
    const { known } = await inspectContent(this.#parts, version?.content, (needed) => {
      count.storedBytes += this.#storedBytes(needed);
    });
    if (!known) count.filesUnknown += 1;
  }

  #storedBytes({ id, bytes, here }: Needed): number {
    if (!here) return 0;
    const digits = Number.parseInt(id.slice(0, 13), 16);
    if (this.#counted.has(digits)) return 0;
    this.#counted.add(digits);
    return bytes;
  }
}

function emptyCount(): Count {
  return { files: 0, directories: 0, bytes: 0, storedBytes: 0, filesUnknown: 0 };
}

function sum(into: Count, more: Count): void {
  into.files += more.files;
  into.directories += more.directories;
  into.bytes += more.bytes;
  into.storedBytes += more.storedBytes;
  into.filesUnknown += more.filesUnknown;
}
