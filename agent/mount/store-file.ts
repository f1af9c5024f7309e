/**
 * Stores a changed file: chunks of its base that no change touches are used again, and only the stretches
 * around the changes are cut and sealed. A stretch begins and ends where chunks of the base do, so that
 * what follows it stays as it is. Long runs of zeros become holes.
 */
import { chunk as chunkLimits, MiB } from '../../protocol/limits.ts';
import type { ChunkRef, Content, NamedChunk } from '../../protocol/messages/op.ts';
import type { StoreSource, Stretch } from '../../fuse/operations/port.ts';
import type { ManifestContent, ManifestWriter } from '../chunks/manifest-writer.ts';
import { openManifest } from '../chunks/manifest-reader.ts';
import { announceChunks } from '../vault/change.ts';
import type { Ingest, IngestedFile } from '../vault/ingest.ts';
import type { Contribution } from '../vault/draft.ts';
import { openPage } from '../vault/read-content.ts';
import type { VaultParts } from '../vault/vault.ts';
import type { SharedIngest } from './shared-ingest.ts';

const readBytes = 1 * MiB;
/** Less than the smallest stretch that is worth a hole, or a manifest of its own. */
const wholeBytesMax = 256 * 1024;
/** Zeros that are shorter are stored as bytes. */
const holeBytesMin = chunkLimits.plainBytesMin;

/** What a change names when it uses the content. */
export interface Stored {
  readonly content: Content;
  readonly contribution: Omit<Contribution, 'ops'>;
}

/** A part of the file that is to be, in order. */
type Part =
  | { readonly type: 'keep'; readonly ref: ChunkRef }
  | { readonly type: 'hole'; readonly bytes: number }
  | { readonly type: 'bytes'; readonly start: number; readonly end: number };

/** @throws VaultError what reading the base and writing chunks throw */
export async function storeFile(
  parts: VaultParts,
  ingest: () => SharedIngest,
  source: StoreSource,
): Promise<Stored> {
  if (source.size === 0) return { content: { type: 'empty' }, contribution: {} };
  if (isWhole(source)) return storeWhole(ingest(), source);
  if (source.dirty.length === 0 && sizeOf(source.base) === source.size) {
    const reused = await announceChunks(parts, source.base);
    return { content: source.base, contribution: { chunksReused: reused } };
  }
  return storeChunks(parts, ingest(), source);
}

/** A small file, of which there is nothing to keep: it shares a slab with others of the same moment. */
function isWhole({ size, base, dirty }: StoreSource): boolean {
  if (size <= chunkLimits.smallContentBytesMax) return true;
  const isNew = base.type === 'empty' && dirty.every(({ isZero }) => !isZero);
  return isNew && size <= wholeBytesMax;
}

async function storeWhole(ingest: SharedIngest, source: StoreSource): Promise<Stored> {
  const file = await ingest.whole(await source.read(0, source.size));
  const { content, added, reused, small } = file;
  return {
    content,
    contribution: {
      chunksAdded: added,
      chunksReused: reused,
      ...(small !== undefined && { small: [small] }),
    },
  };
}

async function storeChunks(
  parts: VaultParts,
  ingest: SharedIngest,
  source: StoreSource,
): Promise<Stored> {
  const plan = await planOf(parts, source);
  const stretches = new Map<Part, { refs: ChunkRef[]; done: Promise<IngestedFile> }>();
  for (const part of plan) {
    if (part.type !== 'bytes') continue;
    const refs: ChunkRef[] = [];
    const { done } = await ingest.turn((own) => ingestStretch(own, part, { source, refs }));
    stretches.set(part, { refs, done });
  }
  ingest.flush();
  const files = await Promise.all([...stretches.values()].map(({ done }) => done));
  const { done } = await ingest.turn(async (own) => {
    const { manifest, done: stored } = own.begin();
    for (const part of plan) {
      if (part.type === 'keep') await manifest.add(part.ref);
      else if (part.type === 'hole') await manifest.addHole(part.bytes);
      else for (const ref of stretches.get(part)?.refs ?? []) await manifest.add(ref);
    }
    await own.finish();
    return { done: stored };
  });
  ingest.flush();
  const whole = await done;
  const kept = plan.flatMap((part) => (part.type === 'keep' ? namedOf(part.ref) : []));
  const added = [...files, whole].flatMap((file) => file.added);
  const reused = await announceAll(parts, [
    ...kept,
    ...[...files, whole].flatMap((file) => file.reused),
  ]);
  return { content: whole.content, contribution: { chunksAdded: added, chunksReused: reused } };
}

/** Which parts of the base stay, and what lies between them. */
async function planOf(parts: VaultParts, source: StoreSource): Promise<readonly Part[]> {
  const { size, base } = source;
  const baseBytes = Math.min(size, sizeOf(base));
  const dirty = changesOf(source, baseBytes);
  const plan = new Plan(dirty.filter(({ isZero }) => isZero));
  if (base.type === 'chunk' || base.type === 'manifest') {
    const manifest = openManifest(base, (ref) => openPage(parts, ref));
    let next = 0;
    for await (const { start, bytes, chunk } of manifest.range(0, baseBytes)) {
      while ((dirty[next]?.end ?? Infinity) <= start) next += 1;
      const end = Math.min(start + bytes, size);
      const isTouched = (dirty[next]?.start ?? Infinity) < end;
      if (chunk === undefined && !isTouched) plan.hole(start, end);
      else if (chunk !== undefined && !isTouched && start + bytes <= size) plan.keep(chunk);
      else plan.bytes(start, end);
    }
  } else if (baseBytes > 0) {
    plan.bytes(0, baseBytes);
  }
  for (const { start, end, isZero } of dirty) {
    const from = Math.max(start, baseBytes);
    if (end <= from) continue;
    if (isZero) plan.hole(from, end);
    else plan.bytes(from, end);
  }
  return plan.finish();
}

/** Changed stretches in order; beyond the base, where nothing was written there are zeros. */
function changesOf({ dirty, size }: StoreSource, baseBytes: number): readonly Stretch[] {
  const changes: Stretch[] = [];
  let at = baseBytes;
  for (const stretch of dirty) {
    const end = Math.min(stretch.end, size);
    if (stretch.start >= end) continue;
    if (end > at && stretch.start > at) {
      changes.push({ start: at, end: stretch.start, isZero: true });
    }
    changes.push({ ...stretch, end });
    at = Math.max(at, end);
  }
  if (at < size) changes.push({ start: at, end: size, isZero: true });
  return changes;
}

/** Puts parts one after the other; bytes that touch are one stretch, with long zeros cut out. */
class Plan {
  readonly #zeros: readonly Stretch[];
  readonly #parts: Part[] = [];
  #bytes: { start: number; end: number } | undefined;

  constructor(zeros: readonly Stretch[]) {
    this.#zeros = zeros.filter(({ start, end }) => end - start >= holeBytesMin);
  }

  keep(ref: ChunkRef): void {
    this.#close();
    this.#parts.push({ type: 'keep', ref });
  }

  hole(start: number, end: number): void {
    if (end - start < holeBytesMin && this.#bytes?.end === start) {
      this.bytes(start, end);
      return;
    }
    this.#close();
    this.#parts.push({ type: 'hole', bytes: end - start });
  }

  bytes(start: number, end: number): void {
    if (this.#bytes?.end === start) this.#bytes.end = end;
    else {
      this.#close();
      this.#bytes = { start, end };
    }
  }

  finish(): readonly Part[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    const open = this.#bytes;
    this.#bytes = undefined;
    if (open === undefined) return;
    let at = open.start;
    for (const { start, end } of this.#zeros) {
      const from = Math.max(start, at);
      const to = Math.min(end, open.end);
      if (to - from < holeBytesMin) continue;
      if (from > at) this.#parts.push({ type: 'bytes', start: at, end: from });
      this.#parts.push({ type: 'hole', bytes: to - from });
      at = to;
    }
    if (at < open.end) this.#parts.push({ type: 'bytes', start: at, end: open.end });
  }
}

async function ingestStretch(
  ingest: Ingest,
  { start, end }: { readonly start: number; readonly end: number },
  { source, refs }: { readonly source: StoreSource; readonly refs: ChunkRef[] },
): Promise<{ done: Promise<IngestedFile> }> {
  const { done } = ingest.begin(collector(refs));
  try {
    for (let at = start; at < end; at += readBytes) {
      await ingest.write(await source.read(at, Math.min(readBytes, end - at)));
    }
  } catch (error) {
    ingest.abandon();
    throw error;
  }
  await ingest.finish();
  return { done };
}

/** In the place of a manifest: the references of a stretch, which has none of its own. */
function collector(refs: ChunkRef[]): ManifestWriter {
  const nothing: ManifestContent = { type: 'empty' };
  return {
    size: 0,
    add(ref) {
      refs.push(ref);
      return Promise.resolve();
    },
    addHole: () => Promise.resolve(),
    finish: () => Promise.resolve(nothing),
  };
}

const namedPerPublication = 8192;

/** As many as fit into one batch; those before are named in batches of their own. */
async function announceAll(
  parts: VaultParts,
  chunks: readonly NamedChunk[],
): Promise<readonly NamedChunk[]> {
  let at = 0;
  for (; chunks.length - at > namedPerPublication; at += namedPerPublication) {
    const chunksReused = chunks.slice(at, at + namedPerPublication);
    await parts.publisher.publish({ keys: [], build: () => ({ ops: [], chunksReused }) });
  }
  return chunks.slice(at);
}

function namedOf({ cid, sealedLength }: ChunkRef): NamedChunk {
  return { id: cid, length: sealedLength };
}

function sizeOf(content: Content): number {
  return content.type === 'empty' ? 0 : content.size;
}
