/**
 * Chunks and segments of chunks, opened and kept for a while. Whoever reads on gets chunks that workers open
 * (`group-opener.ts`); whoever reads here and there gets the segments they touch, which are opened in the
 * loop, each by its tag. What does not open goes to the workers too, which fetch what is damaged.
 */
import type { KeyObject } from 'node:crypto';
import { VaultError } from '../../protocol/errors.ts';
import { freeBytes } from '../../protocol/free-bytes.ts';
import { idToBytes } from '../../protocol/ids.ts';
import { chunk as chunkLimits, MiB } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { keyOf, openPieces, sealedPartOf, type PartRequest } from '../chunks/open.ts';
import { ChunkOpener } from '../vault/chunk-opener.ts';
import { readSealed } from '../vault/chunk-source.ts';
import type { ReadParts } from '../vault/read-content.ts';
import { GroupOpener } from './group-opener.ts';
import { Leases } from './leases.ts';
import { SizedCache } from '../chunks/sized-cache.ts';

/** Read on, once: the kernel keeps what it got. */
const chunkBytesKept = 24 * MiB;
/** Read here and there: the rest of a segment may be asked for next. */
const segmentBytesKept = 128 * MiB;
/** Of chunks of which segments are read, about a gigabyte's. */
const keysKept = 4096;
/** What is read and opened in between without a thread. */
const nowBytesMax = 128 * 1024;
const segmentBytes = chunkLimits.segmentPlainBytes;

/** Plain bytes in pieces that are all of one length, but for the last one. */
interface Opened {
  readonly pieces: readonly Buffer[];
  readonly pieceBytes: number;
  /** Of memory that goes round: nobody looks at the pieces any more. */
  readonly release?: () => void;
  /** Of chunks that share this memory: their ids. */
  readonly group?: readonly string[];
}
type Opening = Opened | Promise<Opened>;
export type Pieces = Buffer[] | Promise<Buffer[]>;

export class OpenChunks {
  readonly leases = new Leases();
  readonly #parts: ReadParts;
  readonly #opener: ChunkOpener;
  readonly #groups: GroupOpener;
  readonly #chunks: SizedCache<string, Opening>;
  readonly #segments: SizedCache<string, Opening>;
  readonly #keys = new SizedCache<string, KeyObject>(keysKept);

  /** @param bytesKept of whole chunks */
  constructor(parts: ReadParts, bytesKept = chunkBytesKept) {
    this.#parts = parts;
    this.#opener = new ChunkOpener(parts);
    this.#groups = new GroupOpener(parts);
    this.#chunks = new SizedCache(bytesKept, (opening) => {
      this.#freeGroup(opening);
    });
    this.#segments = new SizedCache(segmentBytesKept, (opening) => {
      this.#free(opening);
    });
  }

  /** Whether a whole chunk is open or about to be. */
  has(ref: ChunkRef): boolean {
    return this.#chunks.has(ref.cid);
  }

  /** Begins to open a whole chunk, wherever it is. */
  open(ref: ChunkRef, isHere = this.#parts.store.chunks.has(ref.cid)): Opening {
    return this.keep(ref.cid, ref.plainLength, () =>
      isHere ? this.#openHere(ref) : this.#openElsewhere(ref),
    );
  }

  /** Some bytes of a chunk that is opened whole, if that is not so yet. */
  whole(ref: ChunkRef, from: number, to: number): Pieces {
    const opening = this.open(ref);
    return opening instanceof Promise ? sliceOf(opening, from, to) : cut(opening, from, to);
  }

  /** Some bytes of a chunk that is here: only the segments that hold them are opened, where that goes. */
  part(ref: ChunkRef, from: number, to: number): Pieces {
    const now = this.partNow(ref, from, to);
    if (now !== undefined) return now;
    const segment = Math.floor(from / segmentBytes);
    if (this.has(ref) || Math.floor((to - 1) / segmentBytes) !== segment) {
      return this.whole(ref, from, to);
    }
    const opening = this.#segment(ref, segment);
    if (opening === undefined) return this.whole(ref, from, to);
    const start = segment * segmentBytes;
    return sliceOf(opening, from - start, to - start).catch(() => this.whole(ref, from, to));
  }

  /** The same without waiting; undefined when that does not go. */
  partNow(ref: ChunkRef, from: number, to: number): Buffer[] | undefined {
    const whole = this.#chunks.get(ref.cid);
    if (whole !== undefined) return whole instanceof Promise ? undefined : cut(whole, from, to);
    if (to - from > nowBytesMax) return undefined;
    const found: Buffer[] = [];
    for (let start = from - (from % segmentBytes); start < to; start += segmentBytes) {
      const opened = this.#segmentNow(ref, start / segmentBytes);
      if (opened === undefined) return undefined;
      found.push(...cut(opened, Math.max(0, from - start), Math.min(to - start, segmentBytes)));
    }
    return found;
  }

  /** Opens and keeps; several ask for one opening. One that fails is not kept. */
  keep(
    key: string,
    bytes: number,
    open: () => Promise<Opened>,
    cache: SizedCache<string, Opening> = this.#chunks,
  ): Opening {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const opening = open();
    cache.set(key, opening, bytes);
    opening.then(
      (opened) => {
        cache.replace(key, opening, opened);
      },
      () => {
        cache.replace(key, opening, undefined);
      },
    );
    return opening;
  }

  #segmentNow(ref: ChunkRef, segment: number): Opened | undefined {
    const key = segmentKey(ref, segment);
    const known = this.#segments.get(key);
    if (known !== undefined) return known instanceof Promise ? undefined : known;
    const request = this.#segmentRequest(ref, segment);
    const place = sealedPartOf(request);
    const sealed =
      place && this.#parts.store.chunks.readPartNow?.(ref.cid, place.offset, place.length);
    const pieces = sealed && tryOpen(request, sealed);
    if (sealed === undefined || pieces === undefined) return undefined;
    const opened = { pieces, pieceBytes: segmentBytes };
    this.#segments.set(key, opened, request.length);
    freeBytes(sealed);
    return opened;
  }

  #segment(ref: ChunkRef, segment: number): Promise<Opened> | undefined {
    const request = this.#segmentRequest(ref, segment);
    const place = sealedPartOf(request);
    if (place === undefined) return undefined;
    const open = async (): Promise<Opened> => {
      const { chunks } = this.#parts.store;
      const sealed = await chunks.readPart(ref.cid, place.offset, place.length);
      const pieces = openPieces(request, sealed);
      freeBytes(sealed);
      return { pieces, pieceBytes: segmentBytes };
    };
    const key = segmentKey(ref, segment);
    return Promise.resolve(this.keep(key, request.length, open, this.#segments));
  }

  #segmentRequest(ref: ChunkRef, segment: number): PartRequest {
    const offset = segment * segmentBytes;
    const request = this.#requestOf(ref, offset, Math.min(segmentBytes, ref.plainLength - offset));
    return { ...request, key: this.#keyOf(ref, request) };
  }

  #keyOf({ pid, epoch }: ChunkRef, request: PartRequest): KeyObject {
    const name = `${pid}/${epoch}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = keyOf(request);
    this.#keys.set(name, key, 1);
    return key;
  }

  async #openHere(ref: ChunkRef): Promise<Opened> {
    const { bytes, ...shared } = await this.#groups.open(ref);
    return { pieces: [bytes], pieceBytes: bytes.length, ...shared };
  }

  /** It comes when it comes: others do not wait for it. */
  async #openElsewhere(ref: ChunkRef): Promise<Opened> {
    const sealed = await readSealed(this.#parts, ref);
    const request = this.#requestOf(ref, 0, ref.plainLength);
    const place = sealedPartOf(request);
    if (place !== undefined) {
      const bytes = sealed.bytes.subarray(0, place.length);
      const pieces = tryOpen(request, bytes);
      if (pieces !== undefined) {
        sealed.release();
        return { pieces, pieceBytes: segmentBytes };
      }
    }
    const { plain } = await this.#opener.open([{ ref, sealed }], 'content');
    const [bytes] = plain;
    if (bytes === undefined) throw new VaultError('internal', { op: 'mount.read' });
    return { pieces: [bytes], pieceBytes: bytes.length };
  }

  #requestOf(ref: ChunkRef, offset: number, length: number): PartRequest {
    return {
      kind: 'content',
      format: ref.format,
      pid: idToBytes(ref.pid),
      chunkKey: this.#parts.chunkKey(ref.epoch),
      plainLength: ref.plainLength,
      sealedLength: ref.sealedLength,
      offset,
      length,
    };
  }

  /** One that stayed would keep the memory of all that were opened with it. */
  #freeGroup(opening: Opening): void {
    this.#free(opening);
    if (opening instanceof Promise) return;
    for (const cid of opening.group ?? []) {
      const other = this.#chunks.get(cid);
      if (other === undefined || other instanceof Promise || other.group !== opening.group)
        continue;
      this.#chunks.delete(cid);
      this.#free(other);
    }
  }

  #free(opening: Opening): void {
    if (opening instanceof Promise) return;
    const { pieces, release } = opening;
    this.leases.whenUnused(() => {
      if (release !== undefined) release();
      else for (const piece of pieces) freeBytes(piece);
    });
  }
}

function tryOpen(request: PartRequest, sealed: Buffer): readonly Buffer[] | undefined {
  try {
    return openPieces(request, sealed);
  } catch {
    // Damaged, or longer than it should be: whoever opens it next says what it is.
    return undefined;
  }
}

function segmentKey({ cid }: ChunkRef, segment: number): string {
  return `${cid}/${String(segment)}`;
}

async function sliceOf(opening: Opening, from: number, to: number): Promise<Buffer[]> {
  return cut(await opening, from, to);
}

function cut({ pieces, pieceBytes }: Opened, from: number, to: number): Buffer[] {
  const found: Buffer[] = [];
  for (let index = Math.floor(from / pieceBytes); index * pieceBytes < to; index += 1) {
    const start = index * pieceBytes;
    const piece = pieces[index];
    if (piece === undefined) break;
    found.push(piece.subarray(Math.max(0, from - start), to - start));
  }
  return found;
}
