/**
 * Turns streams of bytes into sealed, stored chunks and a `Content`. Bytes of one or many files are
 * gathered in slabs of a few MiB, so that a worker gets one message for a stretch of a big file or for
 * hundreds of small ones. While one slab is split and sealed, the next one fills.
 *
 * A slab that ends inside a file leaves the bytes after its last certain cut to the next one: they
 * are copied into the room that each slab keeps in front. Chunks are stored in the order of the
 * file, and are durable only when the publisher commits them.
 */
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import { idFromBytes, type EpochId } from '../../protocol/ids.ts';
import type { ChunkRef, SmallRef } from '../../protocol/messages/op.ts';
import type { Memory, SealKeys, SlabPart, SmallPiece, SplitSealOutput } from '../chunks/jobs.ts';
import { createManifestWriter, type ManifestWriter } from '../chunks/manifest-writer.ts';
import { runSplitSeal } from '../chunks/split-seal.ts';
import type { Random, WorkPool } from '../ports.ts';
import { FileBuild } from './file-build.ts';
import type { FileSettler, IngestedChunks, IngestedFile } from './file-build.ts';
import {
  PieceStore,
  type IngestTotals,
  type PieceStoreParts,
  type StoredPiece,
} from './piece-store.ts';
import { bodyOf, refOf } from './sealed-pieces.ts';
import {
  fillSlab,
  forgetShare,
  growSlab,
  hasEnough,
  headBytes,
  holdsChunk,
  isSmall,
  newSlab,
  partOf,
  shareOf,
  slabBytes,
  type Slab,
} from './slab.ts';
import { Slots } from './slots.ts';

export type { FileSettler, IngestedFile } from './file-build.ts';
export type { IngestTotals } from './piece-store.ts';

const slabsMax = 4;
/** What slabs became, on its way to the disk: a few, so that it finds the next when it has done with one. */
const sealedMax = 6;
/** Small records that are sealed here, and not by a worker. */
const inPlaceMax = 8;
/** So many chunks of an unfinished file are announced in a batch of their own. */
const announceChunks = 4096;

export interface IngestParts extends PieceStoreParts {
  readonly work: WorkPool;
  readonly random: Pick<Random, 'bytes'>;
  /** The keys that new chunks are sealed under, fixed for the life of this ingest. */
  readonly keys: SealKeys;
  readonly epoch: EpochId;
  /** Names chunks of a file that is still coming, so that other devices can fetch them already. */
  readonly announce: (chunks: IngestedChunks) => Promise<void>;
}

/** A slab whose parts are settled. */
interface Stretch {
  readonly bytes: Memory;
  readonly parts: readonly SlabPart[];
  /** Of the last part, when the file goes on after it. */
  readonly cuts?: readonly (readonly number[] | undefined)[] | undefined;
  readonly leftover: Buffer | undefined;
}

interface Stored {
  readonly pieces: readonly StoredPiece[];
  /** What each of them is called. */
  readonly refs: readonly ChunkRef[];
}

/** A slab on its way to the disk. */
interface Written {
  readonly output: SplitSealOutput;
  readonly stored: Promise<Stored>;
}

export class Ingest {
  readonly #parts: IngestParts;
  readonly #pieces: PieceStore;
  readonly #slots = new Slots(slabsMax);
  readonly #sealedSlots = new Slots(sealedMax);
  readonly #spare: Memory[] = [];
  readonly #spareSealed: Memory[] = [];
  #slab: Slab | undefined;
  #slabs = 0;
  #file: FileBuild | undefined;
  /** Bytes that the slab before left over for the file that goes on; undefined when none does. */
  #carry: Promise<Buffer | undefined> = Promise.resolve(undefined);
  /** Goes on when the writing of the slab before has begun. */
  #begun: Promise<unknown> = Promise.resolve();
  /** Goes on when the files of the slab before know what they became. */
  #settled: Promise<void> = Promise.resolve();

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#pieces = new PieceStore(parts);
  }

  get totals(): IngestTotals {
    return this.#pieces.totals;
  }

  /**
   * Starts a file, of which a stretch may have been stored before. The one before has been finished.
   * @param manifest takes the references in place of one of its own, for a stretch of a larger file
   * @returns where references can be added that stand before all bytes that are written, and what
   *   `finish` gives
   */
  begin(manifest?: ManifestWriter): {
    readonly manifest: ManifestWriter;
    readonly done: Promise<IngestedFile>;
  } {
    const { promise, resolve, reject } = Promise.withResolvers<IngestedFile>();
    // The caller may await it much later; a failure in between is not an unhandled one.
    promise.catch(() => undefined);
    this.#file = this.#newFile({ resolve, reject }, false);
    return { manifest: this.#file.useManifest(manifest), done: promise };
  }

  /**
   * Starts a file that is written from its first byte to its last. The one before has been finished.
   * Small content becomes a small record. Those that end together are settled together.
   */
  beginWhole(settle: FileSettler): void {
    this.#file = this.#newFile(settle, true);
  }

  /**
   * Takes the next bytes of the file. Resolves when there was room for them; undefined: there was. The
   * bytes may be reused then.
   */
  write(bytes: Uint8Array): Promise<void> | undefined {
    for (let offset = 0; offset < bytes.length;) {
      const slab = this.#roomNow();
      if (slab === undefined) return this.#writeLater(bytes.subarray(offset));
      offset += fillSlab(slab, this.#current(), offset === 0 ? bytes : bytes.subarray(offset));
    }
    return undefined;
  }

  /**
   * Like `write`, without a copy: `read` puts the next bytes of the file at the start of the room that
   * it is given, and says how many. Nothing else is asked of this ingest meanwhile.
   */
  async fill(read: (room: Uint8Array) => Promise<number>): Promise<number> {
    const slab = this.#roomNow() ?? (await this.#room());
    const count = await read(slab.bytes.subarray(slab.fill));
    growSlab(slab, this.#current(), count);
    return count;
  }

  /** Ends the file. The next one may begin once it resolves; undefined: now. */
  finish(): Promise<void> | undefined {
    const slab = this.#roomNow();
    if (slab === undefined) return this.#finishLater();
    this.#end(slab);
    return undefined;
  }

  /**
   * Gives the unfinished file up. What it stored already is left to the garbage collector.
   * @returns false when it has failed before
   */
  abandon(): boolean {
    const file = this.#file;
    // What is left over from the slab before belongs to the first file of this one, which may be whole.
    if ((this.#slab?.shares[0]?.file ?? file) === file) this.#carry = Promise.resolve(undefined);
    if (this.#slab !== undefined) forgetShare(this.#slab, file);
    this.#file = undefined;
    return file?.abandon() ?? false;
  }

  /** Sends the last slab on its way. Every file's `done` settles without further calls. */
  flush(): void {
    if (this.#slab !== undefined && this.#file === undefined) this.#dispatch(this.#slab);
  }

  #newFile(settle: FileSettler, whole: boolean): FileBuild {
    const createManifest = (file: FileBuild): ManifestWriter =>
      createManifestWriter((page) => this.#sealPage(file, page));
    return new FileBuild({ settle, whole, createManifest });
  }

  #current(): FileBuild {
    if (this.#file === undefined) throw new Error('no file has begun');
    return this.#file;
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const slab = this.#roomNow() ?? (await this.#room());
      offset += fillSlab(slab, this.#current(), bytes.subarray(offset));
    }
  }

  async #finishLater(): Promise<void> {
    this.#end(await this.#room());
  }

  #end(slab: Slab): void {
    const file = this.#current();
    const share = Object.assign(shareOf(slab, file), { final: true });
    this.#file = undefined;
    // Where it began in the slab before, what it left there stands in front of this share: it is too
    // short for a chunk of its own.
    const isSmall = file.bytes > 0 && file.bytes <= chunkLimits.smallContentBytesMax;
    if (file.whole && isSmall) share.smallSalt = this.#parts.random.bytes(32);
    if (hasEnough(slab)) this.#dispatch(slab);
  }

  /** The slab to write to; undefined when all are at work. A full one goes to work. */
  #roomNow(): Slab | undefined {
    if (this.#slab !== undefined && this.#slab.fill === slabBytes) this.#dispatch(this.#slab);
    if (this.#slab !== undefined) return this.#slab;
    return this.#slots.tryAcquire() ? this.#newSlab() : undefined;
  }

  async #room(): Promise<Slab> {
    await this.#slots.acquire();
    return this.#newSlab();
  }

  #newSlab(): Slab {
    return (this.#slab = newSlab(this.#slabs++, this.#spare.pop()));
  }

  #dispatch(slab: Slab): void {
    this.#slab = undefined;
    const split = this.#split(slab, this.#carry);
    // A file that goes on after a slab that could not be cut has failed; the next one has no part in it.
    this.#carry = split.then(
      ({ leftover }) => leftover,
      () => undefined,
    );
    const sealed = split
      .then((stretch) => this.#seal(slab, stretch))
      .finally(() => {
        this.#slots.release();
      });
    const writing = this.#writeAfter(this.#begun, slab, sealed);
    this.#begun = writing;
    // Each is awaited in its turn; failing earlier is not an unhandled rejection.
    for (const early of [sealed, writing]) early.catch(() => undefined);
    this.#settled = this.#settleAfter(this.#settled, slab, writing);
  }

  /**
   * Puts what was left over in front, and finds out what this slab leaves over. Only this goes slab by
   * slab; sealing does not wait for the slab before.
   */
  async #split(slab: Slab, carried: Promise<Buffer | undefined>): Promise<Stretch> {
    const carry = await carried;
    const parts = slab.shares.map(partOf);
    const [first] = parts;
    if (carry !== undefined && first !== undefined) {
      copyBytes(slab.bytes, headBytes - carry.length, carry);
      parts[0] = { ...first, start: headBytes - carry.length };
    }
    const { buffer } = slab.bytes;
    const last = parts.at(-1);
    if (last === undefined || last.final) return { bytes: buffer, parts, leftover: undefined };
    const { work, keys } = this.#parts;
    const input = { slab: buffer, part: last, gearKey: keys.gearKey };
    const cuts = holdsChunk(last) ? (await work.run('split', input)).cuts : [];
    const from = cuts.at(-1) ?? last.start;
    const leftover = Buffer.allocUnsafeSlow(last.end - from);
    copyBytes(leftover, 0, slab.bytes.subarray(from, last.end));
    return { bytes: buffer, parts, cuts: [...parts.slice(1).map(() => undefined), cuts], leftover };
  }

  /** Its bytes are free for another slab then. */
  async #seal(slab: Slab, stretch: Stretch): Promise<SplitSealOutput> {
    await this.#sealedSlots.acquire();
    try {
      const output = await this.#sealNow(stretch);
      this.#spare.push(slab.bytes.buffer);
      return output;
    } catch (error) {
      this.#sealedSlots.release();
      throw error;
    }
  }

  #sealNow({ bytes, parts, cuts }: Stretch): Promise<SplitSealOutput> | SplitSealOutput {
    const { work, keys } = this.#parts;
    const recycled = this.#spareSealed.pop();
    const input = { slab: bytes, parts, cuts, keys, kind: 'content', recycled } as const;
    // For a few small records the way to a worker would be longer than the work.
    return parts.length <= inPlaceMax && parts.every(isSmall)
      ? runSplitSeal(input, noChunks)
      : work.run('splitSeal', input);
  }

  /** Begins to write, in the order of the slabs. Does not wait for the end. */
  async #writeAfter(
    before: Promise<unknown>,
    slab: Slab,
    sealed: Promise<SplitSealOutput>,
  ): Promise<Written> {
    await before.catch(() => undefined);
    const output = await sealed;
    const stored = this.#store(slab, output);
    stored.catch(() => undefined);
    return { output, stored };
  }

  /** The chunks of all its files with one write. */
  async #store({ shares }: Slab, output: SplitSealOutput): Promise<Stored> {
    const pieces: StoredPiece[] = [];
    for (const [index, { file }] of shares.entries()) {
      for (const piece of output.parts[index]?.chunks ?? []) {
        const ref = refOf(piece, this.#parts.epoch);
        pieces.push({ file, ref, id: ref.cid, body: bodyOf(output, piece) });
      }
    }
    return { pieces, refs: await this.#pieces.write(pieces) };
  }

  async #settleAfter(before: Promise<void>, slab: Slab, writing: Promise<Written>): Promise<void> {
    await before;
    let output: SplitSealOutput | undefined;
    try {
      const written = await writing;
      ({ output } = written);
      await this.#settle(slab, output, await written.stored);
      this.#spareSealed.push(output.sealed);
    } catch (error) {
      for (const { file } of slab.shares) file.fail(error);
    } finally {
      if (output !== undefined) this.#sealedSlots.release();
    }
  }

  /** Tells each file what became of its bytes. */
  async #settle(
    { shares }: Slab,
    output: SplitSealOutput,
    { pieces, refs }: Stored,
  ): Promise<void> {
    for (const [at, ref] of refs.entries()) {
      // Most files have one: they all go on in the same turn.
      const paging = pieces[at]?.file.add(ref);
      if (paging !== undefined) await paging;
    }
    for (const [index, { file, final, smallSalt }] of shares.entries()) {
      const small = output.parts[index]?.small;
      if (small !== undefined) this.#becomeSmall(file, { ...small, salt: smallSalt }, output);
      if (file.added.length + file.reused.length >= announceChunks) await this.#announce(file);
      const paging = final ? file.complete() : undefined;
      if (paging !== undefined) await paging;
    }
  }

  #becomeSmall(
    file: FileBuild,
    { id, hash, salt = Buffer.alloc(0), ...place }: SmallPiece & { salt: Buffer | undefined },
    output: SplitSealOutput,
  ): void {
    const record = idFromBytes('chunk', id);
    const small: SmallRef = { record, salt, hash: Buffer.from(hash), epoch: this.#parts.epoch };
    // It is kept until its batch is written, and the memory is used again before that.
    const body = Buffer.from(bodyOf(output, place));
    file.becomeSmall({ type: 'small', size: file.bytes, small }, { id: record, body });
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
    const sealed = refOf(piece, this.#parts.epoch);
    const body = bodyOf(output, piece);
    const [ref] = await this.#pieces.write([{ file, ref: sealed, id: sealed.cid, body }]);
    return ref ?? sealed;
  }
}

/** In the place of the hash that names plain bytes of chunks. */
function noChunks(): never {
  throw new Error('a small record has no private id');
}
