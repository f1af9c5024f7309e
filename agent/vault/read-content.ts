/**
 * Content back to bytes, in order: chunks are read and opened ahead of the reader in groups of a few
 * MiB, so that disk, workers and the client are busy at once. Memory is bounded by the groups in
 * flight. What is not here is fetched; what is damaged here is fetched again.
 */
import { VaultError } from '../../protocol/errors.ts';
import { idToBytes, type EpochId } from '../../protocol/ids.ts';
import { KiB, MiB, replication as replicationLimits } from '../../protocol/limits.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import type { ChunkKind } from '../chunks/format.ts';
import type { OpenRequest } from '../chunks/jobs.ts';
import { runOpen as openInPlace } from '../chunks/open-many.ts';
import { openManifest, type ManifestSpan } from '../chunks/manifest-reader.ts';
import { openSmall } from '../chunks/small.ts';
import type { WorkPool } from '../ports.ts';
import { readAgain, readSealed, type SourceParts } from './chunk-source.ts';

export interface ReadParts extends SourceParts {
  readonly work: WorkPool;
  /** chunkKey of an epoch, 32 bytes. @throws VaultError `no-key` */
  readonly chunkKey: (epoch: EpochId) => Buffer;
}

export interface ReadRange {
  readonly offset: number;
  /** undefined: to the end. */
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const groupPlainBytes = 2 * MiB;
const groupsAhead = 3;
const zeroPiece = Buffer.alloc(1 * MiB);
/** Up to here opening in place costs less than a message to a worker. */
const inPlaceBytesMax = 128 * KiB;

/**
 * The bytes of `content` within `range`, in pieces of any size. A range beyond the end is cut.
 * @throws VaultError `chunk-missing`, `damaged`, `no-key`, `timeout`, `cancelled`
 */
export async function* readContent(
  parts: ReadParts,
  content: Content,
  range: ReadRange,
): AsyncGenerator<Buffer> {
  const size = content.type === 'empty' ? 0 : content.size;
  const end = Math.min(size, range.offset + (range.length ?? size));
  if (range.offset >= end) return;
  switch (content.type) {
    case 'empty':
      return;
    case 'small':
      yield (await readSmall(parts, content)).subarray(range.offset, end);
      return;
    case 'chunk':
    case 'manifest':
      yield* readChunks(parts, content, { ...range, end });
  }
}

/** Whole small content, checked against the hash in its reference. */
async function readSmall(
  parts: ReadParts,
  content: Extract<Content, { type: 'small' }>,
): Promise<Buffer> {
  const { small } = content;
  const body = await parts.store.journals.readSmall(small.record);
  return openSmall({ body, ref: small, chunkKey: parts.chunkKey(small.epoch) });
}

async function* readChunks(
  parts: ReadParts,
  content: Extract<Content, { type: 'chunk' | 'manifest' }>,
  range: { offset: number; end: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Buffer> {
  const groups = groupSpans(spansOf(parts, content, range));
  const ahead: Promise<Buffer[]>[] = [];
  try {
    for (;;) {
      while (ahead.length < groupsAhead) {
        const next = await groups.next();
        if (next.done === true) break;
        prefetch(parts, next.value);
        const opened = openGroup(parts, next.value, range);
        // It is awaited in its turn; failing earlier is not an unhandled rejection.
        opened.catch(() => undefined);
        ahead.push(opened);
      }
      const first = ahead.shift();
      if (first === undefined) return;
      for (const piece of await first) yield piece;
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

/** The spans that touch the range, in order. */
async function* spansOf(
  parts: ReadParts,
  content: Extract<Content, { type: 'chunk' | 'manifest' }>,
  range: { offset: number; end: number; signal?: AbortSignal | undefined },
): AsyncGenerator<ManifestSpan> {
  if (content.type === 'chunk') {
    yield { chunk: content.chunk, start: 0, bytes: content.size };
    return;
  }
  const manifest = openManifest(content, (ref) => openPage(parts, ref, range.signal));
  yield* manifest.range(range.offset, range.end - range.offset);
}

/** A manifest page, opened. */
export async function openPage(parts: ReadParts, ref: ChunkRef, signal?: AbortSignal): Promise<Buffer> {
  const sealed = await readSealed(parts, ref, signal);
  const [plain] = await openAll(parts, [{ ref, sealed }], 'manifest');
  if (plain === undefined) throw new VaultError('internal', { op: 'vault.openPage' });
  return plain;
}

async function* groupSpans(
  spans: AsyncIterable<ManifestSpan>,
): AsyncGenerator<readonly ManifestSpan[]> {
  let group: ManifestSpan[] = [];
  let bytes = 0;
  for await (const span of spans) {
    group.push(span);
    bytes += span.bytes;
    if (bytes < groupPlainBytes) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

function prefetch(parts: ReadParts, group: readonly ManifestSpan[]): void {
  const missing = chunksOf(group)
    .filter((ref) => !parts.store.chunks.has(ref.cid))
    .slice(0, replicationLimits.fetchIdsMax)
    .map((ref) => ({ id: ref.cid, length: ref.sealedLength }));
  if (missing.length > 0) parts.replication.prefetch(missing);
}

function chunksOf(group: readonly ManifestSpan[]): readonly ChunkRef[] {
  return group.flatMap(({ chunk }) => (chunk === undefined ? [] : [chunk]));
}

async function openGroup(
  parts: ReadParts,
  group: readonly ManifestSpan[],
  range: { offset: number; end: number; signal?: AbortSignal | undefined },
): Promise<Buffer[]> {
  const sealed = await Promise.all(
    chunksOf(group).map(async (ref) => ({ ref, sealed: await readSealed(parts, ref, range.signal) })),
  );
  const opened = await openAll(parts, sealed, 'content');
  let next = 0;
  return group.flatMap((span) => {
    const from = Math.max(0, range.offset - span.start);
    const to = Math.min(span.bytes, range.end - span.start);
    return span.chunk === undefined ? zeros(to - from) : [opened[next++]?.subarray(from, to)];
  }).filter((piece) => piece !== undefined);
}

/** A hole may be as long as a file: it is read out of one small piece. */
function zeros(bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let left = bytes; left > 0; left -= zeroPiece.length) {
    pieces.push(zeroPiece.subarray(0, Math.min(left, zeroPiece.length)));
  }
  return pieces;
}

interface Sealed {
  readonly ref: ChunkRef;
  readonly sealed: Buffer;
}

/** Opens bodies in order; a body that does not open is replaced from another device. */
async function openAll(parts: ReadParts, bodies: readonly Sealed[], kind: ChunkKind): Promise<Buffer[]> {
  const { plain, failed } = await runOpen(parts, bodies.map((body) => requestOf(parts, body, kind)));
  const opened = cut(plain, bodies);
  for (const { index, reason } of failed) {
    const bad = bodies[index];
    if (bad === undefined) continue;
    const again = { ref: bad.ref, sealed: await readAgain(parts, bad.ref, reason) };
    const second = await runOpen(parts, [requestOf(parts, again, kind)]);
    if (second.failed.length > 0) {
      throw new VaultError('damaged', {
        op: 'vault.read',
        subject: `chunk ${bad.ref.cid.slice(0, 16)}`,
        detail: `its bytes are those that were stored, but they do not open (${reason})`,
      });
    }
    opened[index] = Buffer.from(second.plain);
  }
  return opened;
}

function requestOf(parts: ReadParts, { ref, sealed }: Sealed, kind: ChunkKind): OpenRequest {
  return {
    cid: idToBytes(ref.cid),
    pid: idToBytes(ref.pid),
    format: ref.format,
    kind,
    chunkKey: parts.chunkKey(ref.epoch),
    plainLength: ref.plainLength,
    sealed,
  };
}

async function runOpen(
  parts: ReadParts,
  requests: readonly OpenRequest[],
): Promise<{ plain: ArrayBuffer; failed: readonly { index: number; reason: string }[] }> {
  const bytes = requests.reduce((sum, { plainLength }) => sum + plainLength, 0);
  if (bytes <= inPlaceBytesMax) return openInPlace({ requests }, undefined).output;
  return await parts.work.run('open', { requests }, requests.flatMap(({ sealed }) => transferable(sealed)));
}

/** The buffer beneath, when nothing else lives in it. */
function transferable(bytes: Uint8Array): ArrayBuffer[] {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength ? [buffer] : [];
}

function cut(plain: ArrayBuffer, bodies: readonly Sealed[]): Buffer[] {
  let offset = 0;
  return bodies.map(({ ref }) => {
    const piece = Buffer.from(plain, offset, ref.plainLength);
    offset += ref.plainLength;
    return piece;
  });
}
