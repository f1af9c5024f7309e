/**
 * What a path comes to on this device: its files, which operations made them, what is missing of their
 * content, what is in conflict. A directory is walked in slices, and nobody else is asked.
 */
import type { ChunkId, EpochId, JournalId } from '../../protocol/ids.ts';
import type { Content, OpId } from '../../protocol/messages/op.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import { sizeOf, walk, type Found } from './browse.ts';
import { isInConflict } from './conflict-index.ts';
import { inspectContent, type LocalContent, type Needed } from './local-content.ts';
import type { ReadParts } from './read-content.ts';
import type { Slices } from './slices.ts';

export interface ContentParts extends ReadParts {
  readonly hasKey: (epoch: EpochId) => boolean;
}

/** The sum over all files at and below a path. */
export interface ContentFacts {
  readonly files: number;
  readonly bytes: number;
  readonly filesHere: number;
  /** Files whose list of chunks is not here. */
  readonly filesUnknown: number;
  readonly filesWithoutKey: number;
  readonly conflicts: number;
  readonly missingChunks: number;
  /** Sealed. */
  readonly missingBytes: number;
  /** Of the missing ones, copies that were here and turned out to be bad. */
  readonly damaged: number;
  /** Per journal, the last batch that made one of the versions or entries. */
  readonly needed: ReadonlyMap<JournalId, number>;
  /** The same of versions with missing content. */
  readonly missingFrom: ReadonlyMap<JournalId, number>;
}

type Sum = { -readonly [Key in keyof ContentFacts]: ContentFacts[Key] } & {
  readonly needed: Map<JournalId, number>;
  readonly missingFrom: Map<JournalId, number>;
};

/** @throws VaultError `cancelled` */
export async function contentFacts(
  parts: ContentParts,
  tree: Tree,
  { top, slices }: { readonly top: Found; readonly slices: Slices },
): Promise<ContentFacts> {
  const count = new ContentCount(parts, tree);
  if (top.view !== undefined) await count.add(top.view);
  if (top.node.kind === 'directory') {
    for (const { view } of walk(tree, top.path, { recursive: true })) {
      if (view !== undefined) await count.add(view);
      await slices.step();
    }
  }
  return count.sum;
}

/** What made the version that an entry shows; of what has no versions, its position. */
export function opOfEntry(tree: Tree, view: EntryView): OpId | undefined {
  return view.version?.op ?? tree.positionOpsOf(view.entry, view.node.id)[0];
}

class ContentCount {
  readonly sum: Sum = {
    files: 0,
    bytes: 0,
    filesHere: 0,
    filesUnknown: 0,
    filesWithoutKey: 0,
    conflicts: 0,
    missingChunks: 0,
    missingBytes: 0,
    damaged: 0,
    needed: new Map(),
    missingFrom: new Map(),
  };
  readonly #parts: ContentParts;
  readonly #tree: Tree;
  /** Nothing that a journal names is missing, so that manifests need not be read. */
  readonly #isWhole: boolean;
  readonly #missing = new Set<ChunkId>();

  constructor(parts: ContentParts, tree: Tree) {
    this.#parts = parts;
    this.#tree = tree;
    const wasDamaged = parts.store
      .report()
      .events.some(({ type }) => type === 'record-quarantined');
    this.#isWhole = parts.replication.state().missingChunks === 0 && !wasDamaged;
  }

  async add(view: EntryView): Promise<void> {
    const { sum } = this;
    const op = opOfEntry(this.#tree, view);
    if (op !== undefined) raise(sum.needed, op);
    if (isInConflict(this.#tree, view)) sum.conflicts += 1;
    if (view.node.kind !== 'file') return;
    const content = view.version?.content;
    sum.files += 1;
    sum.bytes += sizeOf(content);
    const epoch = epochOf(content);
    if (epoch !== undefined && !this.#parts.hasKey(epoch)) sum.filesWithoutKey += 1;
    const { missing, known } = await this.#inspect(content);
    if (!known) sum.filesUnknown += 1;
    if (known && missing.length === 0) {
      sum.filesHere += 1;
      return;
    }
    if (op !== undefined) raise(sum.missingFrom, op);
    for (const needed of missing) this.#addMissing(needed);
  }

  #inspect(content: Content | undefined): Promise<LocalContent> {
    if (content?.type === 'manifest' && this.#isWhole) {
      return Promise.resolve({ chunks: 0, missing: [], known: true });
    }
    return inspectContent(this.#parts, content);
  }

  #addMissing({ id, bytes }: Needed): void {
    if (this.#missing.has(id)) return;
    this.#missing.add(id);
    this.sum.missingChunks += 1;
    this.sum.missingBytes += bytes;
    if (this.#parts.store.chunks.wasDamaged(id)) this.sum.damaged += 1;
  }
}

function raise(vector: Map<JournalId, number>, { journal, sequence }: OpId): void {
  if (sequence > (vector.get(journal) ?? 0)) vector.set(journal, sequence);
}

function epochOf(content: Content | undefined): EpochId | undefined {
  switch (content?.type) {
    case undefined:
    case 'empty':
      return undefined;
    case 'small':
      return content.small.epoch;
    case 'chunk':
      return content.chunk.epoch;
    case 'manifest':
      return content.manifest.epoch;
  }
}
