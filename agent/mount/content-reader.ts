/**
 * Ranges of contents for the mount: what a sequential reader will want is fetched and opened ahead; of
 * what is read here and there only the segments are opened (`open-chunks.ts`).
 */
import { VaultError } from '../../protocol/errors.ts';
import { MiB, replication as replicationLimits } from '../../protocol/limits.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import type { ReadOptions } from '../../fuse/operations/port.ts';
import {
  keptPages,
  openManifest,
  type ManifestReader,
  type ManifestSpan,
} from '../chunks/manifest-reader.ts';
import { openPage, readContent, type ReadParts } from '../vault/read-content.ts';
import { OpenChunks, type Pieces } from './open-chunks.ts';
import { SizedCache } from '../chunks/sized-cache.ts';

const manifestsKept = 64;
/** Of all files that are read: 32 GiB or so, whose chunks are then found without a page being opened again. */
const entriesKept = 128 * 1024;
const zeroPiece = Buffer.alloc(1 * MiB);

interface Range {
  readonly offset: number;
  readonly end: number;
}

interface Ahead {
  /** Up to here bytes will likely be read next. */
  readonly reach: number;
  readonly options: ReadOptions;
}

export class ContentReader {
  readonly #parts: ReadParts;
  readonly #chunks: OpenChunks;
  readonly #manifests = new SizedCache<string, ManifestReader>(manifestsKept);
  readonly #pages = keptPages(entriesKept);

  constructor(parts: ReadParts) {
    this.#parts = parts;
    this.#chunks = new OpenChunks(parts);
  }

  /** Bytes that are read with `lent` stay as they are until this is given back. */
  lease(): () => void {
    return this.#chunks.leases.take();
  }

  /**
   * The bytes of a range that lies inside the content; without a promise where all of them are at hand.
   * @throws VaultError `chunk-missing`, `damaged`, `no-key`, `timeout`, `cancelled`
   */
  read(
    content: Content,
    offset: number,
    length: number,
    options: ReadOptions,
  ): Buffer[] | Promise<Buffer[]> {
    const { size } = content.type === 'empty' ? { size: 0 } : content;
    const range = { offset, end: Math.min(size, offset + length) };
    if (options.lent === true) return this.#read(content, range, options);
    return this.#readCopy(content, range, options);
  }

  async #readCopy(content: Content, range: Range, options: ReadOptions): Promise<Buffer[]> {
    const release = this.lease();
    try {
      const pieces = await this.#read(content, range, options);
      return pieces.map((piece) => Buffer.from(piece));
    } finally {
      release();
    }
  }

  #read(content: Content, range: Range, options: ReadOptions): Pieces {
    if (content.type === 'empty' || range.end <= range.offset) return [];
    if (content.type === 'small') return this.#small(content, range);
    const { aheadBytes = 0 } = options;
    const reach = Math.min(content.size, range.end + aheadBytes);
    const manifest = this.#manifest(content);
    const spans = manifest.rangeNow(range.offset, reach - range.offset);
    if (spans !== undefined) return this.#readSpans(spans, range, { reach, options });
    return this.#readLater(manifest, range, { reach, options });
  }

  async #readLater(manifest: ManifestReader, range: Range, ahead: Ahead): Promise<Buffer[]> {
    const spans: ManifestSpan[] = [];
    for await (const span of manifest.range(range.offset, ahead.reach - range.offset)) {
      spans.push(span);
    }
    return this.#readSpans(spans, range, ahead);
  }

  #readSpans(spans: readonly ManifestSpan[], range: Range, { reach, options }: Ahead): Pieces {
    const looksAhead = reach > range.end;
    const now = looksAhead ? undefined : this.#now(spans, range);
    if (now !== undefined) return now;
    const isMissing = this.#openAhead(spans, looksAhead ? reach : 0);
    const touched = spans.filter(({ start }) => start < range.end);
    const first = looksAhead ? this.#now(touched, range) : undefined;
    if (first !== undefined) return first;
    const waiting = touched.map(async (span) => this.#pieces(span, range));
    const all = Promise.all(waiting).then((pieces) => pieces.flat());
    // This disk answers by itself; another device may not.
    return isMissing ? unlessAborted(all, options.interrupt?.signal) : all;
  }

  /** What needs no waiting; undefined when something of it does. */
  #now(spans: readonly ManifestSpan[], range: Range): Buffer[] | undefined {
    const pieces: Buffer[] = [];
    for (const span of spans) {
      const { chunk } = span;
      const [from, to] = stretchOf(span, range);
      const found = chunk === undefined ? zeros(to - from) : this.#chunks.partNow(chunk, from, to);
      if (found === undefined) return undefined;
      pieces.push(...found);
    }
    return pieces;
  }

  #pieces(span: ManifestSpan, range: Range): Pieces {
    const [from, to] = stretchOf(span, range);
    const { chunk } = span;
    return chunk === undefined ? zeros(to - from) : this.#chunks.part(chunk, from, to);
  }

  /**
   * Begins to open what begins before `reach`, and to fetch what is not here.
   * @returns whether something has to come from another device
   */
  #openAhead(spans: readonly ManifestSpan[], reach: number): boolean {
    const { chunks } = this.#parts.store;
    const missing: ChunkRef[] = [];
    for (const { start, chunk } of spans) {
      if (chunk === undefined || this.#chunks.has(chunk)) continue;
      if (!chunks.has(chunk.cid)) missing.push(chunk);
      else if (start < reach) void this.#chunks.open(chunk, true);
    }
    if (missing.length === 0) return false;
    const wanted = missing.slice(0, replicationLimits.fetchIdsMax);
    this.#parts.replication.prefetch(
      wanted.map(({ cid, sealedLength }) => ({ id: cid, length: sealedLength })),
    );
    for (const chunk of wanted) void this.#chunks.open(chunk, false);
    return true;
  }

  #manifest(content: Extract<Content, { type: 'chunk' | 'manifest' }>): ManifestReader {
    const { cid } = content.type === 'chunk' ? content.chunk : content.manifest;
    const known = this.#manifests.get(cid);
    if (known !== undefined) return known;
    const reader = openManifest(content, (ref) => openPage(this.#parts, ref), this.#pages);
    this.#manifests.set(cid, reader, 1);
    return reader;
  }

  async #small(
    content: Extract<Content, { type: 'small' }>,
    { offset, end }: Range,
  ): Promise<Buffer[]> {
    const { record } = content.small;
    const opened = await this.#chunks.keep(record, content.size, async () => {
      const pieces: Buffer[] = [];
      for await (const piece of readContent(this.#parts, content, { offset: 0 }))
        pieces.push(piece);
      return { pieces: [Buffer.concat(pieces)], pieceBytes: content.size };
    });
    return opened.pieces.map((piece) => piece.subarray(offset, end));
  }
}

/** What of a span a range touches. */
function stretchOf({ start, bytes }: ManifestSpan, { offset, end }: Range): [number, number] {
  return [Math.max(0, offset - start), Math.min(bytes, end - start)];
}

function zeros(bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let left = bytes; left > 0; left -= zeroPiece.length) {
    pieces.push(zeroPiece.subarray(0, Math.min(left, zeroPiece.length)));
  }
  return pieces;
}

/** Whoever is interrupted stops waiting; what was begun goes on for others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new VaultError('cancelled', { op: 'mount.read' }));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}
