/**
 * Where the bytes of a chunk come from: this disk, else another device. Sealed bodies only; nothing
 * here holds a key. What turns out to be damaged here is set aside by the store and fetched like a
 * missing one, so that a reader sees neither wrong bytes nor the repair.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { chunk as chunkLimits, time } from '../../protocol/limits.ts';
import type { ChunkRef, SmallRef } from '../../protocol/messages/op.ts';
import type { LentBytes } from '../ports.ts';
import type { Replication } from '../replication/replication.ts';
import type { Store } from '../store/store.ts';

export interface SourceParts {
  readonly store: Store;
  readonly replication: Replication;
}

/**
 * The sealed body, not checked against its id: whoever opens it does that, and gives it back.
 * @throws VaultError `chunk-missing`, `peer-unreachable`, `timeout`, `cancelled`, `damaged`
 */
export async function readSealed(
  { store, replication }: SourceParts,
  ref: ChunkRef,
  signal?: AbortSignal,
): Promise<LentBytes> {
  if (store.chunks.has(ref.cid)) {
    try {
      return await store.chunks.readLent(ref.cid, { verify: false });
    } catch (error) {
      if (isVaultError(error, 'damaged')) {
        const reason = error.detail ?? error.message;
        return fetchGood(replication, ref, { reason, signal });
      }
      if (!isVaultError(error, 'chunk-missing', 'io')) throw error;
    }
  }
  return replication.fetch(ref.cid, {
    length: ref.sealedLength,
    signal,
    timeoutMs: time.callMs,
  });
}

/**
 * A body that did not open: sets the bad copy aside and gets another one, checked on arrival.
 * @throws VaultError `damaged` when no other device has it
 */
export async function readAgain(
  { store, replication }: SourceParts,
  ref: ChunkRef,
  reason: string,
): Promise<Buffer> {
  if (store.chunks.has(ref.cid)) await store.chunks.quarantine(ref.cid, reason);
  return (await fetchGood(replication, ref, { reason })).bytes;
}

/** In the place of a bad copy. @throws VaultError `damaged`, `cancelled` */
async function fetchGood(
  replication: Replication,
  { cid, sealedLength }: ChunkRef,
  { reason, signal }: { readonly reason: string; readonly signal?: AbortSignal | undefined },
): Promise<LentBytes> {
  try {
    return await replication.fetch(cid, { length: sealedLength, signal, timeoutMs: time.callMs });
  } catch (cause) {
    if (isVaultError(cause, 'cancelled')) throw cause;
    throw new VaultError('damaged', {
      op: 'vault.read',
      subject: `chunk ${cid.slice(0, 16)}`,
      detail: `${reason}; no other device gave a good copy`,
      next: 'connect a device that holds this file; vault peers shows who is away',
      cause,
    });
  }
}

/**
 * A small sealed record. It came with its batch; one that was damaged since is fetched by its id, and
 * from then on kept among the chunks.
 * @throws VaultError `damaged` when no other device has it
 */
export async function readSmallRecord(
  { store, replication }: SourceParts,
  { record }: SmallRef,
): Promise<Buffer> {
  try {
    return await store.journals.readSmall(record);
  } catch (cause) {
    if (!isVaultError(cause, 'damaged', 'chunk-missing')) throw cause;
    if (store.chunks.has(record)) return store.chunks.read(record);
    const length = chunkLimits.smallRecordBytesMax;
    return (await replication.fetch(record, { length, timeoutMs: time.callMs })).bytes;
  }
}
