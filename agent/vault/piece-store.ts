/**
 * Where sealed pieces of files go: into the chunk store, unless it has them, also as they were sealed
 * in an earlier epoch. Counts what that came to, and commits ahead while more is coming.
 */
import { MiB } from '../../protocol/limits.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import type { ChunkStore, SealedChunk, WrittenChunks } from '../store/store.ts';
import type { SealMemory } from './earlier-seals.ts';
import type { FileBuild } from './file-build.ts';

const commitEveryBytes = 64 * MiB;

export interface PieceStoreParts {
  readonly chunks: ChunkStore;
  /** What was sealed in earlier epochs: it is named again. */
  readonly earlier: SealMemory;
  /** A chunk that is here already is about to be named. */
  readonly use: (id: ChunkId) => void;
}

export interface IngestTotals {
  chunksNew: number;
  chunksReused: number;
  storedBytes: number;
}

/** A chunk on its way into the store. */
export interface StoredPiece extends SealedChunk {
  readonly file: FileBuild;
  readonly ref: ChunkRef;
}

export class PieceStore {
  readonly totals: IngestTotals = { chunksNew: 0, chunksReused: 0, storedBytes: 0 };
  readonly #parts: PieceStoreParts;
  #uncommittedBytes = 0;
  #committing: Promise<void> | undefined;

  constructor(parts: PieceStoreParts) {
    this.#parts = parts;
  }

  /** @returns how each chunk is named: as it is now, or as it was sealed before */
  async write(pieces: readonly StoredPiece[]): Promise<readonly ChunkRef[]> {
    if (pieces.length === 0) return [];
    const { chunks, earlier } = this.#parts;
    const refs = pieces.map((piece) => this.#earlierOf(piece) ?? piece.ref);
    for (const { cid } of refs) this.#parts.use(cid);
    const fresh = pieces.filter(({ ref }, at) => ref === refs[at]);
    const written = await chunks.write(fresh);
    if (written.chunks > 0) void earlier.remember(fresh.map(({ ref }) => ref));
    this.#count(pieces, { refs, written });
    if (this.#uncommittedBytes >= commitEveryBytes) await this.#commitAhead();
    return refs;
  }

  /** The same bytes under the key of an earlier epoch, when that chunk is still here. */
  #earlierOf({ ref }: StoredPiece): ChunkRef | undefined {
    const { chunks, earlier } = this.#parts;
    const before = earlier.find(ref.pid);
    if (before === undefined || before.cid === ref.cid || chunks.has(ref.cid)) return undefined;
    return chunks.has(before.cid) ? before : undefined;
  }

  #count(
    pieces: readonly StoredPiece[],
    { refs, written }: { refs: readonly ChunkRef[]; written: WrittenChunks },
  ): void {
    for (const [at, { file, ref }] of pieces.entries()) {
      const { cid: id, sealedLength: length } = refs[at] ?? ref;
      (written.fresh.delete(id) ? file.added : file.reused).push({ id, length });
    }
    this.totals.chunksNew += written.chunks;
    this.totals.chunksReused += pieces.length - written.chunks;
    this.totals.storedBytes += written.bytes;
    this.#uncommittedBytes += written.bytes;
  }

  /** Keeps the medium busy while more is coming, instead of one long sync at the end. */
  async #commitAhead(): Promise<void> {
    this.#uncommittedBytes = 0;
    const before = this.#committing;
    // A failure is told once: this lives as long as a mount, and the disk may be well again.
    this.#committing = undefined;
    await before;
    this.#committing = this.#parts.chunks.commit();
    this.#committing.catch(() => undefined);
  }
}
