/**
 * Content back to bytes, in order: chunks are read and opened ahead of the reader in groups of a few
 * MiB, so that disk, workers and the client are busy at once. Memory is bounded by the groups in
 * flight, and the caller's account says how many there may be. What is not here is fetched; what is
 * damaged here is fetched again.
 */
import { VaultError } from '../../protocol/errors.ts';
import { MiB, readAhead, replication as replicationLimits } from '../../protocol/limits.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import type { ReadAccount } from '../store/read-budget.ts';
import { openManifest, type ManifestSpan } from '../chunks/manifest-reader.ts';
import { openSmall } from '../chunks/small.ts';
import { ChunkOpener, type OpenParts, type SealedBody } from './chunk-opener.ts';
import { readSealed, readSmallRecord } from './chunk-source.ts';

export type ReadParts = OpenParts;

export interface ReadRange {
  readonly offset: number;
  /** undefined: to the end. */
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Pays for what is read ahead; its owner closes it. @default nobody counts */
  readonly account?: ReadAccount | undefined;
}

/** A range that ends within the content. */
interface CutRange {
  readonly offset: number;
  readonly end: number;
  readonly signal?: AbortSignal | undefined;
  readonly account?: ReadAccount | undefined;
}

const groupPlainBytes = 2 * MiB;
const groupsAhead = 3;
const zeroPiece = Buffer.alloc(1 * MiB);
/** A hole may be as long as a file: it comes in steps of this, which can be counted, held and given up. */
const holeStepBytes = 16 * MiB;

/**
 * The bytes of `content` within `range`, in pieces of any size; each is valid until the next one is
 * asked for. A range beyond the end is cut.
 * @throws VaultError `chunk-missing`, `damaged`, `no-key`, `timeout`, `cancelled`
 */
export async function* readContent(
  parts: ReadParts,
  content: Content,
  range: ReadRange,
): AsyncGenerator<Buffer> {
  for await (const pieces of readGroups(parts, content, range)) yield* pieces;
}

/** The same in groups of consecutive pieces, which are valid until the next group is asked for. */
export async function* readGroups(
  parts: ReadParts,
  content: Content,
  range: ReadRange,
): AsyncGenerator<readonly Buffer[]> {
  const size = content.type === 'empty' ? 0 : content.size;
  const end = Math.min(size, range.offset + (range.length ?? size));
  if (range.offset >= end) return;
  switch (content.type) {
    case 'empty':
      return;
    case 'small':
      yield [(await readSmall(parts, content)).subarray(range.offset, end)];
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
  const body = await readSmallRecord(parts, small);
  return openSmall({ body, ref: small, chunkKey: parts.chunkKey(small.epoch) });
}

async function* readChunks(
  parts: ReadParts,
  content: Extract<Content, { type: 'chunk' | 'manifest' }>,
  range: CutRange,
): AsyncGenerator<readonly Buffer[]> {
  const { account } = range;
  const groups = groupSpans(spansOf(parts, content, range), () =>
    account?.scarce === true ? 1 : groupPlainBytes,
  );
  let opener = new ChunkOpener(parts);
  const ahead: { readonly opened: Promise<OpenedGroup>; readonly bytes: number }[] = [];
  let next: readonly ManifestSpan[] | undefined;
  let usedBytes = 0;
  try {
    for (;;) {
      while (ahead.length < groupsAhead) {
        next ??= (await groups.next()).value ?? undefined;
        if (next === undefined) break;
        const bytes = memoryOf(next);
        if (account?.more(bytes) === false) {
          if (ahead.length > 0) break;
          // While it waits it keeps no memory, not even that which goes round.
          opener = new ChunkOpener(parts);
          await account.begin(bytes, range.signal);
        }
        usedBytes += bytes;
        prefetch(parts, next);
        const opened = openGroup(parts, opener, { group: next, range });
        // It is awaited in its turn; failing earlier is not an unhandled rejection.
        opened.catch(() => undefined);
        ahead.push({ opened, bytes });
        next = undefined;
      }
      const first = ahead.shift();
      if (first === undefined) return;
      const { pieces, release } = await first.opened;
      yield pieces;
      release();
      usedBytes -= first.bytes;
      account?.keep(first.bytes);
    }
  } finally {
    await Promise.allSettled(ahead.map(({ opened }) => opened));
    account?.giveBack(usedBytes);
  }
}

/** What a group takes while it is read and opened. */
function memoryOf(group: readonly ManifestSpan[]): number {
  const bytes = group.reduce(
    (sum, span) => sum + (span.chunk === undefined ? 0 : span.bytes + span.chunk.sealedLength),
    0,
  );
  return bytes + readAhead.openFileBytes;
}

/** The spans that touch the range, in order. */
async function* spansOf(
  parts: ReadParts,
  content: Extract<Content, { type: 'chunk' | 'manifest' }>,
  range: CutRange,
): AsyncGenerator<ManifestSpan> {
  if (content.type === 'chunk') {
    yield { chunk: content.chunk, start: 0, bytes: content.size };
    return;
  }
  const manifest = openManifest(content, (ref) => openPage(parts, ref, range.signal));
  for await (const span of manifest.range(range.offset, range.end - range.offset)) {
    if (span.chunk === undefined) yield* holeSteps(span, range);
    else yield span;
  }
}

function* holeSteps(hole: ManifestSpan, range: CutRange): Generator<ManifestSpan> {
  const end = Math.min(hole.start + hole.bytes, range.end);
  for (let start = Math.max(hole.start, range.offset); start < end; start += holeStepBytes) {
    yield { ...hole, start, bytes: Math.min(holeStepBytes, end - start) };
  }
}

/** A manifest page, opened. */
export async function openPage(
  parts: ReadParts,
  ref: ChunkRef,
  signal?: AbortSignal,
): Promise<Buffer> {
  const sealed = await readSealed(parts, ref, signal);
  const { plain } = await new ChunkOpener(parts).open([{ ref, sealed }], 'manifest');
  const [page] = plain;
  if (page === undefined) throw new VaultError('internal', { op: 'vault.openPage' });
  return page;
}

async function* groupSpans(
  spans: AsyncIterable<ManifestSpan>,
  bytesPerGroup: () => number,
): AsyncGenerator<readonly ManifestSpan[], undefined> {
  let group: ManifestSpan[] = [];
  let bytes = 0;
  for await (const span of spans) {
    group.push(span);
    bytes += span.bytes;
    if (bytes < bytesPerGroup()) continue;
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

interface OpenedGroup {
  readonly pieces: readonly Buffer[];
  readonly release: () => void;
}

async function openGroup(
  parts: ReadParts,
  opener: ChunkOpener,
  { group, range }: { readonly group: readonly ManifestSpan[]; readonly range: CutRange },
): Promise<OpenedGroup> {
  const opened = await opener.open(
    await readAllSealed(parts, chunksOf(group), range.signal),
    'content',
  );
  const plain = opened.plain.values();
  const pieces = group.flatMap((span) => {
    const from = Math.max(0, range.offset - span.start);
    const to = Math.min(span.bytes, range.end - span.start);
    if (span.chunk === undefined) return zeros(to - from);
    return plain.next().value?.subarray(from, to) ?? [];
  });
  return { pieces, release: opened.release };
}

/** All sealed bodies; when one cannot be had the others are given back. */
async function readAllSealed(
  parts: ReadParts,
  refs: readonly ChunkRef[],
  signal?: AbortSignal,
): Promise<SealedBody[]> {
  const here = await parts.store.chunks.readManyLent?.(refs.map(({ cid }) => cid));
  const reads = refs.map(async (ref, index) => ({
    ref,
    sealed: here?.[index] ?? (await readSealed(parts, ref, signal)),
  }));
  try {
    return await Promise.all(reads);
  } catch (error) {
    for (const read of await Promise.allSettled(reads)) {
      if (read.status === 'fulfilled') read.value.sealed.release();
    }
    throw error;
  }
}

/** They are read out of one small piece. */
function zeros(bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let left = bytes; left > 0; left -= zeroPiece.length) {
    pieces.push(zeroPiece.subarray(0, Math.min(left, zeroPiece.length)));
  }
  return pieces;
}
