/**
 * How much of a content is on this device, counted without asking anybody else: sealed chunks and small
 * records, the pages of manifests among them. Where a page is not here, what is below it is not known.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { openManifest } from '../chunks/manifest-reader.ts';
import { sealedSmallLengthOf } from '../chunks/small.ts';
import type { Replication } from '../replication/replication.ts';
import { openPage, type ReadParts } from './read-content.ts';

/** A sealed chunk or small record that the content needs. */
export interface Needed {
  readonly id: ChunkId;
  /** Sealed. */
  readonly bytes: number;
  readonly here: boolean;
}

export interface LocalContent {
  /** What was seen of it. */
  readonly chunks: number;
  readonly missing: readonly Needed[];
  /** Everything that it needs was seen. */
  readonly known: boolean;
}

/** Counts a content. `onNeeded` hears of every part of it; one part may come several times. */
export async function inspectContent(
  parts: ReadParts,
  content: Content | undefined,
  onNeeded: (needed: Needed) => void = () => undefined,
): Promise<LocalContent> {
  const missing: Needed[] = [];
  let chunks = 0;
  const note = (needed: Needed): void => {
    chunks += 1;
    if (!needed.here) missing.push(needed);
    onNeeded(needed);
  };
  switch (content?.type) {
    case undefined:
    case 'empty':
      return { chunks, missing, known: true };
    case 'small':
      note(neededSmall(parts, content));
      return { chunks, missing, known: true };
    case 'chunk':
      note(neededChunk(parts, { id: content.chunk.cid, bytes: content.chunk.sealedLength }));
      return { chunks, missing, known: true };
    case 'manifest': {
      const known = await inspectManifest(parts, content, note);
      return { chunks, missing, known };
    }
  }
}

/** @returns whether all pages are here and could be read */
async function inspectManifest(
  parts: ReadParts,
  content: Extract<Content, { type: 'manifest' }>,
  note: (needed: Needed) => void,
): Promise<boolean> {
  const local = withoutFetching(parts);
  const { chunks } = parts.store;
  let known = true;
  const manifest = openManifest(content, (ref) => openPage(local, ref));
  try {
    const isAbsent = ({ cid }: { cid: ChunkId }): boolean => {
      const absent = !chunks.has(cid);
      if (absent) known = false;
      return absent;
    };
    for await (const { ref } of manifest.references(isAbsent)) {
      note(neededChunk(parts, { id: ref.cid, bytes: ref.sealedLength }));
    }
  } catch (error) {
    // A page that turns out to be damaged, or to have no key here, names nothing.
    if (!isVaultError(error)) throw error;
    return false;
  }
  return known;
}

function neededChunk(
  { store }: ReadParts,
  { id, bytes }: { readonly id: ChunkId; readonly bytes: number },
): Needed {
  return { id, bytes, here: store.chunks.has(id) };
}

function neededSmall(
  { store }: ReadParts,
  { size, small }: Extract<Content, { type: 'small' }>,
): Needed {
  const { record } = small;
  return { id: record, bytes: sealedSmallLengthOf(size), here: isRecordHere(store, record) };
}

/** Whether a small record is here; one that was damaged and fetched again is kept among the chunks. */
export function isRecordHere({ chunks, journals }: ReadParts['store'], record: ChunkId): boolean {
  return journals.hasSmall(record) || chunks.has(record);
}

/** What is not here fails at once: whoever only counts waits for no other device. */
export function withoutFetching(parts: ReadParts): ReadParts {
  return { ...parts, replication: nobody(parts.replication) };
}

/** In the place of the other devices. */
function nobody(replication: Replication): Replication {
  return {
    flow: replication.flow,
    announce: () => undefined,
    prefetch: () => undefined,
    fetch: (id) =>
      Promise.reject(new VaultError('chunk-missing', { op: 'vault.inspectContent', subject: id })),
    lackedBytes: () => replication.lackedBytes(),
    state: () => replication.state(),
    close: () => Promise.resolve(),
  };
}
