/**
 * Ranges of contents for the mount: opened chunks and pages of manifests are kept for a while, and what
 * a sequential reader will want is fetched and opened ahead, several chunks at a time.
 */
import { VaultError } from '../../protocol/errors.ts';
import { MiB, replication as replicationLimits } from '../../protocol/limits.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import type { ReadOptions } from '../../fuse/operations/port.ts';
import { openManifest, type ManifestReader, type ManifestSpan } from '../chunks/manifest-reader.ts';
import { ChunkOpener } from '../vault/chunk-opener.ts';
import { readSealed } from '../vault/chunk-source.ts';
import { openPage, readContent, type ReadParts } from '../vault/read-content.ts';
import { SizedCache } from './sized-cache.ts';

const plainBytesKept = 64 * MiB;
const manifestsKept = 64;
const zeroPiece = Buffer.alloc(1 * MiB);

export class ContentReader {
  readonly #parts: ReadParts;
  readonly #opener: ChunkOpener;
  readonly #plain = new SizedCache<string, Promise<Buffer>>(plainBytesKept);
  readonly #manifests = new SizedCache<string, ManifestReader>(manifestsKept);

  constructor(parts: ReadParts) {
    this.#parts = parts;
    this.#opener = new ChunkOpener(parts);
  }

  /**
   * The bytes of a range that lies inside the content.
   * @throws VaultError `chunk-missing`, `damaged`, `no-key`, `timeout`, `cancelled`
   */
  async read(
    content: Content,
    offset: number,
    length: number,
    { signal, aheadBytes = 0 }: ReadOptions,
  ): Promise<Buffer[]> {
    if (content.type === 'empty') return [];
    if (content.type === 'small') {
      const whole = await this.#small(content);
      return [whole.subarray(offset, offset + length)];
    }
    const manifest = this.#manifest(content);
    const end = Math.min(content.size, offset + length);
    const reach = Math.min(content.size, end + aheadBytes) - offset;
    const wanted: { span: ManifestSpan; plain: Promise<Buffer> | undefined }[] = [];
    const missing: ChunkRef[] = [];
    for await (const span of manifest.range(offset, reach)) {
      const { chunk } = span;
      if (chunk !== undefined && !this.#parts.store.chunks.has(chunk.cid)) missing.push(chunk);
      const plain = chunk === undefined ? undefined : this.#chunk(chunk);
      if (span.start < end) wanted.push({ span, plain });
    }
    this.#prefetch(missing);
    const pieces = wanted.map(async ({ span, plain }) => {
      const from = Math.max(0, offset - span.start);
      const to = Math.min(span.bytes, end - span.start);
      if (plain === undefined) return zeros(to - from);
      return [(await plain).subarray(from, to)];
    });
    return (await unlessAborted(Promise.all(pieces), signal)).flat();
  }

  #manifest(content: Extract<Content, { type: 'chunk' | 'manifest' }>): ManifestReader {
    const { cid } = content.type === 'chunk' ? content.chunk : content.manifest;
    const known = this.#manifests.get(cid);
    if (known !== undefined) return known;
    const reader = openManifest(content, (ref) => openPage(this.#parts, ref));
    this.#manifests.set(cid, reader, 1);
    return reader;
  }

  #small(content: Extract<Content, { type: 'small' }>): Promise<Buffer> {
    const key = content.small.record;
    return this.#keep(key, content.size, async () => {
      const pieces: Buffer[] = [];
      for await (const piece of readContent(this.#parts, content, { offset: 0 }))
        pieces.push(piece);
      return Buffer.concat(pieces);
    });
  }

  #chunk(ref: ChunkRef): Promise<Buffer> {
    return this.#keep(ref.cid, ref.plainLength, async () => {
      const sealed = await readSealed(this.#parts, ref);
      const { plain } = await this.#opener.open([{ ref, sealed }], 'content');
      const [bytes] = plain;
      if (bytes === undefined) throw new VaultError('internal', { op: 'mount.read' });
      return bytes;
    });
  }

  /** Several readers share one opening. One that fails is not kept. */
  #keep(key: string, bytes: number, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#plain.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#plain.set(key, made, bytes);
    made.catch(() => {
      this.#plain.delete(key);
    });
    return made;
  }

  #prefetch(missing: readonly ChunkRef[]): void {
    if (missing.length === 0) return;
    const wanted = missing.slice(0, replicationLimits.fetchIdsMax);
    this.#parts.replication.prefetch(
      wanted.map(({ cid, sealedLength }) => ({ id: cid, length: sealedLength })),
    );
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
