/**
 * Turns streams of bytes into sealed, stored chunks and a `Content`. Bytes of one or many files are
 * gathered in slabs of a few MiB, so that a worker gets one message for a stretch of a big file or for
 * hundreds of small ones. While one slab is split and sealed, the next one fills.
 *
 * A slab that ends inside a file leaves the bytes after its last certain cut to the next one: they
 * are copied into the room that each slab keeps in front. Chunks are stored in the order of the
 * file, and are durable only when the publisher commits them.
 */
import { chunk as chunkLimits, MiB } from '../../protocol/limits.ts';
import { idFromBytes, type EpochId } from '../../protocol/ids.ts';
import type { ChunkRef, Content, NamedChunk } from '../../protocol/messages/op.ts';
import type { Memory, SealedPiece, SealKeys, SplitSealOutput } from '../chunks/jobs.ts';
import { createManifestWriter, type ManifestWriter } from '../chunks/manifest-writer.ts';
import type { WorkPool } from '../ports.ts';
import type { ChunkStore } from '../store/store.ts';
import type { SealMemory } from './earlier-seals.ts';
import { Slots } from './slots.ts';

const headBytes = chunkLimits.plainBytesMax;
const slabBytes = headBytes + 4 * MiB;
const slabsMax = 4;
const commitEveryBytes = 64 * MiB;
/** So many chunks of an unfinished file are announced in a batch of their own. */
const announceChunks = 4096;

export interface IngestParts {
  readonly work: WorkPool;
  readonly chunks: ChunkStore;
  /** The keys that new chunks are sealed under, fixed for the life of this ingest. */
  readonly keys: SealKeys;
  readonly epoch: EpochId;
  /** What was sealed in earlier epochs: it is named again. */
  readonly earlier: SealMemory;
  /** Names chunks of a file that is still coming, so that other devices can fetch them already. */
  readonly announce: (chunks: IngestedChunks) => Promise<void>;
}

export interface IngestedChunks {
  readonly added: readonly NamedChunk[];
  readonly reused: readonly NamedChunk[];
}

export interface IngestedFile extends IngestedChunks {
  readonly content: Content;
}

export interface IngestTotals {
  chunksNew: number;
  chunksReused: number;
  storedBytes: number;
}

/** One file on its way. */
class FileBuild {
  readonly manifest: ManifestWriter;
  readonly done: Promise<IngestedFile>;
  added: NamedChunk[] = [];
  reused: NamedChunk[] = [];
  settle!: { resolve: (file: IngestedFile) => void; reject: (error: unknown) => void };

  constructor(
    sealPage: (file: FileBuild, page: Buffer) => Promise<ChunkRef>,
    manifest?: ManifestWriter,
  ) {
    this.manifest = manifest ?? createManifestWriter((page) => sealPage(this, page));
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // The caller may await it much later; a failure in between is not an unhandled one.
    this.done.catch(() => undefined);
  }
}

interface SlabShare {
  readonly file: FileBuild;
  readonly start: number;
  end: number;
  final: boolean;
}

interface Slab {
  readonly bytes: Uint8Array<Memory>;
  fill: number;
  readonly shares: SlabShare[];
}

/** A chunk that was just sealed. */
interface Sealed {
  readonly ref: ChunkRef;
  readonly body: Uint8Array;
}

/** A slab whose parts are settled. */
interface Stretch {
  readonly bytes: Memory;
  readonly parts: readonly {
    readonly start: number;
    readonly end: number;
    readonly final: boolean;
  }[];
  /** Of the last part, when the file goes on after it. */
  readonly cuts?: readonly (readonly number[] | undefined)[] | undefined;
  readonly leftover: Buffer | undefined;
}

export class Ingest {
  readonly totals: IngestTotals = { chunksNew: 0, chunksReused: 0, storedBytes: 0 };
  readonly #parts: IngestParts;
  readonly #slots = new Slots(slabsMax);
  readonly #spare: Memory[] = [];
  readonly #spareSealed: Memory[] = [];
  #slab: Slab | undefined;
  #file: FileBuild | undefined;
  /** Bytes that the slab before left over for the file that goes on; undefined when none does. */
  #carry: Promise<Buffer | undefined> = Promise.resolve(undefined);
  #stored: Promise<void> = Promise.resolve();
  #uncommittedBytes = 0;
  #committing: Promise<void> | undefined;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /**
   * Starts a file. The one before has been finished.
   * @param manifest takes the references in place of one of its own, for a stretch of a larger file
   * @returns where references can be added that stand before all bytes that are written
   */
  begin(manifest?: ManifestWriter): ManifestWriter {
    this.#file = new FileBuild((file, page) => this.#sealPage(file, page), manifest);
    return this.#file.manifest;
  }

  /** Takes the next bytes of the file; waits while all slabs are at work. The bytes may be reused after. */
  async write(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const slab = await this.#room();
      const count = Math.min(bytes.length - offset, slabBytes - slab.fill);
      slab.bytes.set(bytes.subarray(offset, offset + count), slab.fill);
      slab.fill += count;
      offset += count;
      this.#share(slab).end = slab.fill;
    }
  }

  /**
   * Ends the file. Resolves as soon as the next file may begin; `done` when its chunks are stored.
   */
  async finish(): Promise<{ done: Promise<IngestedFile> }> {
    const file = this.#current();
    const slab = await this.#room();
    this.#share(slab).final = true;
    this.#file = undefined;
    return { done: file.done };
  }

  /** Gives the unfinished file up. What it stored already is left to the garbage collector. */
  abandon(): void {
    const last = this.#slab?.shares.at(-1);
    if (this.#slab !== undefined && last?.file === this.#file) {
      this.#slab.shares.pop();
      this.#slab.fill = last?.start ?? headBytes;
    }
    this.#file = undefined;
    this.#carry = Promise.resolve(undefined);
  }

  /** Sends the last slab on its way. Every file's `done` settles without further calls. */
  flush(): void {
    if (this.#slab !== undefined && this.#file === undefined) this.#dispatch(this.#slab);
  }

  #current(): FileBuild {
    if (this.#file === undefined) throw new Error('no file has begun');
    return this.#file;
  }

  async #room(): Promise<Slab> {
    if (this.#slab !== undefined && this.#slab.fill === slabBytes) this.#dispatch(this.#slab);
    if (this.#slab === undefined) {
      await this.#slots.acquire();
      const bytes = new Uint8Array(this.#spare.pop() ?? new SharedArrayBuffer(slabBytes));
      this.#slab = { bytes, fill: headBytes, shares: [] };
    }
    return this.#slab;
  }

  /** The current file's share of `slab`, made when its first bytes stand there already. */
  #share(slab: Slab): SlabShare {
    const file = this.#current();
    const last = slab.shares.at(-1);
    if (last?.file === file) return last;
    const start = last?.end ?? headBytes;
    const share = { file, start, end: start, final: false };
    slab.shares.push(share);
    return share;
  }

  #dispatch(slab: Slab): void {
    this.#slab = undefined;
    const split = this.#split(slab, this.#carry);
    this.#carry = split.then(({ leftover }) => leftover);
    this.#carry.catch(() => undefined);
    const sealed = split.then((stretch) => this.#seal(stretch));
    // It is awaited in its turn; failing earlier is not an unhandled rejection.
    sealed.catch(() => undefined);
    this.#stored = this.#storeAfter(this.#stored, slab, sealed);
  }

  /**
   * Puts what was left over in front, and finds out what this slab leaves over. Only this goes slab by
   * slab; sealing does not wait for the slab before.
   */
  async #split(slab: Slab, carried: Promise<Buffer | undefined>): Promise<Stretch> {
    const carry = await carried;
    const parts = slab.shares.map(({ start, end, final }) => ({ start, end, final }));
    const [first] = parts;
    if (carry !== undefined && first !== undefined) {
      slab.bytes.set(carry, headBytes - carry.length);
      first.start = headBytes - carry.length;
    }
    const { buffer } = slab.bytes;
    const last = parts.at(-1);
    if (last === undefined || last.final) return { bytes: buffer, parts, leftover: undefined };
    const { work, keys } = this.#parts;
    const input = { slab: buffer, part: last, gearKey: keys.gearKey };
    const { cuts } = await work.run('split', input);
    const from = cuts.at(-1) ?? last.start;
    const leftover = Buffer.from(slab.bytes.subarray(from, last.end));
    return { bytes: buffer, parts, cuts: [...parts.slice(1).map(() => undefined), cuts], leftover };
  }

  async #seal({ bytes, parts, cuts }: Stretch): Promise<SplitSealOutput> {
    const { work, keys } = this.#parts;
    const recycled = this.#spareSealed.pop();
    return work.run('splitSeal', {
      slab: bytes,
      parts,
      cuts,
      keys,
      kind: 'content',
      recycled,
    });
  }

  async #storeAfter(
    before: Promise<void>,
    slab: Slab,
    sealed: Promise<SplitSealOutput>,
  ): Promise<void> {
    await before;
    try {
      const output = await sealed;
      for (const [index, share] of slab.shares.entries()) {
        await this.#storePieces(share.file, output, output.parts[index]?.chunks ?? []);
        if (share.final) await this.#complete(share.file);
      }
      if (this.#spare.length < slabsMax) this.#spare.push(slab.bytes.buffer);
      if (this.#spareSealed.length < slabsMax) this.#spareSealed.push(output.sealed);
    } catch (error) {
      for (const { file } of slab.shares) file.settle.reject(error);
    } finally {
      this.#slots.release();
    }
  }

  async #storePieces(
    file: FileBuild,
    output: SplitSealOutput,
    pieces: readonly SealedPiece[],
  ): Promise<void> {
    if (pieces.length === 0) return;
    const sealed = pieces.map((piece) => ({
      ref: this.#refOf(piece),
      body: new Uint8Array(output.sealed, piece.sealedOffset, piece.sealedLength),
    }));
    const refs = await this.#store(file, sealed);
    for (const ref of refs) await file.manifest.add(ref);
    if (file.added.length + file.reused.length >= announceChunks) await this.#announce(file);
  }

  /** @returns how each chunk is named: as it is now, or as it was sealed before */
  async #store(file: FileBuild, sealed: readonly Sealed[]): Promise<readonly ChunkRef[]> {
    const { chunks, earlier } = this.#parts;
    const refs: ChunkRef[] = [];
    const fresh: Sealed[] = [];
    for (const one of sealed) {
      const isHere = chunks.has(one.ref.cid);
      const before = isHere ? undefined : this.#earlierOf(one.ref);
      const { cid: id, sealedLength: length } = before ?? one.ref;
      (isHere || before !== undefined ? file.reused : file.added).push({ id, length });
      if (before === undefined) fresh.push(one);
      refs.push(before ?? one.ref);
    }
    const written = await chunks.write(fresh.map(({ ref, body }) => ({ id: ref.cid, body })));
    if (written.chunks > 0) void earlier.remember(fresh.map(({ ref }) => ref));
    this.totals.chunksNew += written.chunks;
    this.totals.chunksReused += sealed.length - written.chunks;
    this.totals.storedBytes += written.bytes;
    this.#uncommittedBytes += written.bytes;
    if (this.#uncommittedBytes >= commitEveryBytes) await this.#commitAhead();
    return refs;
  }

  /** The same bytes under the key of an earlier epoch, when that chunk is still here. */
  #earlierOf({ pid }: ChunkRef): ChunkRef | undefined {
    const before = this.#parts.earlier.find(pid);
    return before !== undefined && this.#parts.chunks.has(before.cid) ? before : undefined;
  }

  /** Keeps the medium busy while more is coming, instead of one long sync at the end. */
  async #commitAhead(): Promise<void> {
    await this.#committing;
    this.#uncommittedBytes = 0;
    this.#committing = this.#parts.chunks.commit();
    this.#committing.catch(() => undefined);
  }

  async #complete(file: FileBuild): Promise<void> {
    const content = await file.manifest.finish();
    file.settle.resolve({ content, added: file.added, reused: file.reused });
  }

  async #announce(file: FileBuild): Promise<void> {
    const { added, reused } = file;
    file.added = [];
    file.reused = [];
    await this.#parts.announce({ added, reused });
  }

  async #sealPage(file: FileBuild, page: Buffer): Promise<ChunkRef> {
    const slab = new SharedArrayBuffer(page.length);
    page.copy(Buffer.from(slab));
    const { work, keys } = this.#parts;
    const parts = [{ start: 0, end: page.length, final: true }];
    const kind = 'manifest';
    const output = await work.run('splitSeal', { slab, parts, keys, kind, split: false });
    const piece = output.parts[0]?.chunks[0];
    if (piece === undefined) throw new Error('a manifest page gave no chunk');
    const body = new Uint8Array(output.sealed, piece.sealedOffset, piece.sealedLength);
    const [ref] = await this.#store(file, [{ ref: this.#refOf(piece), body }]);
    if (ref === undefined) throw new Error('a manifest page gave no chunk');
    return ref;
  }

  #refOf(piece: SealedPiece): ChunkRef {
    return {
      cid: idFromBytes('chunk', piece.cid),
      pid: idFromBytes('plain', piece.pid),
      epoch: this.#parts.epoch,
      format: piece.format,
      plainLength: piece.plainLength,
      sealedLength: piece.sealedLength,
    };
  }
}
