/**
 * Ranges of contents for the mount: what a sequential reader will want is fetched and opened ahead; of
 * what is read here and there only the segments are opened (`open-chunks.ts`).
 */
import { VaultError } from '../../protocol/errors.ts';
import { MiB, replication as replicationLimits } from '../../protocol/limits.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import type { ReadOptions } from '../../fuse/operations/port.ts';
import { openManifest, type ManifestReader, type ManifestSpan } from '../chunks/manifest-reader.ts';
import { openPage, readContent, type ReadParts } from '../vault/read-content.ts';
import { OpenChunks, type Pieces } from './open-chunks.ts';
import { SizedCache } from './sized-cache.ts';

const manifestsKept = 64;
const zeroPiece = Buffer.alloc(1 * MiB);

export class ContentReader {
  readonly #parts: ReadParts;
  readonly #chunks: OpenChunks;
  readonly #manifests = new SizedCache<string, ManifestReader>(manifestsKept);

  constructor(parts: ReadParts) {
    this.#parts = parts;
    this.#chunks = new OpenChunks(parts);
  }

  /** Bytes that are read with `lent` stay as they are until this is given back. */
  lease(): () => void {
    return this.#chunks.leases.take();
  }

  /**
   * The bytes of a range that lies inside the content.
   * @throws VaultError `chunk-missing`, `damaged`, `no-key`, `timeout`, `cancelled`
   */
  async read(
    content: Content,
    offset: number,
    length: number,
    options: ReadOptions,
  ): Promise<Buffer[]> {
    if (options.lent === true) return this.#read(content, offset, { length, options });
    const release = this.lease();
    try {
      const pieces = await this.#read(content, offset, { length, options });
      return pieces.map((piece) => Buffer.from(piece));
    } finally {
      release();
    }
  }

  async #read(
    content: Content,
    offset: number,
    { length, options }: { readonly length: number; readonly options: ReadOptions },
  ): Promise<Buffer[]> {
    if (content.type === 'empty') return [];
    const end = Math.min(content.size, offset + length);
    if (content.type === 'small') return this.#small(content, offset, end);
    const { aheadBytes = 0 } = options;
    const reach = Math.min(content.size, end + aheadBytes);
    const spans: ManifestSpan[] = [];
    for await (const span of this.#manifest(content).range(offset, reach - offset)) {
      spans.push(span);
    }
    const missing = this.#openAhead(spans, aheadBytes === 0 ? 0 : reach);
    const pieces = spans
      .filter(({ start }) => start < end)
      .map((span) => this.#pieces(span, { offset, end }));
    const [first, ...others] = pieces;
    if (first !== undefined && others.length === 0 && !(first instanceof Promise)) return first;
    const read = Promise.all(pieces.map((piece) => Promise.resolve(piece)));
    const all = read.then((each) => each.flat());
    // This disk answers by itself; another device may not.
    return missing ? unlessAborted(all, options.interrupt?.signal) : all;
  }

  #pieces(span: ManifestSpan, range: { readonly offset: number; readonly end: number }): Pieces {
    const from = Math.max(0, range.offset - span.start);
    const to = Math.min(span.bytes, range.end - span.start);
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
      else if (start < reach) void this.#chunks.open(chunk);
    }
    if (missing.length === 0) return false;
    const wanted = missing.slice(0, replicationLimits.fetchIdsMax);
    this.#parts.replication.prefetch(
      wanted.map(({ cid, sealedLength }) => ({ id: cid, length: sealedLength })),
    );
    for (const chunk of wanted) void this.#chunks.open(chunk);
    return true;
  }

  #manifest(content: Extract<Content, { type: 'chunk' | 'manifest' }>): ManifestReader {
    const { cid } = content.type === 'chunk' ? content.chunk : content.manifest;
    const known = this.#manifests.get(cid);
    if (known !== undefined) return known;
    const reader = openManifest(content, (ref) => openPage(this.#parts, ref));
    this.#manifests.set(cid, reader, 1);
    return reader;
  }

  async #small(
    content: Extract<Content, { type: 'small' }>,
    from: number,
    to: number,
  ): Promise<Buffer[]> {
    const { record } = content.small;
    const opened = await this.#chunks.keep(record, content.size, async () => {
      const pieces: Buffer[] = [];
      for await (const piece of readContent(this.#parts, content, { offset: 0 }))
        pieces.push(piece);
      return { pieces: [Buffer.concat(pieces)], pieceBytes: content.size };
    });
    return opened.pieces.map((piece) => piece.subarray(from, to));
  }
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
