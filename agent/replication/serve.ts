/**
 * What this device answers about chunks: whether it has them, and their bytes. Every body is checked
 * against its id before it leaves, so that a bad disk here never looks like a bad peer there. A few
 * chunks are read ahead while one is being sent, as far as the budget of this process allows.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk, MiB } from '../../protocol/limits.ts';
import {
  decodeFetchRequest,
  decodeHaveRequest,
  encodeChunkHead,
  encodeHaveReply,
} from '../../protocol/messages/peer.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { LentBytes } from '../ports.ts';
import type { ReadAccount, ReadShare } from '../store/read-budget.ts';
import type { Store } from '../store/store.ts';

const readAheadBytesMax = 2 * MiB;
const readAheadChunksMax = 16;
const fetchesPerPeerMax = 64;

/** What one peer draws from us, for limits and for the transfers view. */
export interface ServeCounters {
  openFetches: number;
  chunksDone: number;
  bytesDone: number;
  bytesQueued: number;
  /** What it may have read ahead. */
  readonly reads: ReadShare;
  onBytes(bytes: number): void;
  /** What people have said about this transfer. */
  readonly gate: OutGate;
}

export interface OutGate {
  isHeld(): boolean;
  /**
   * With a limit so many bytes leave at once: little enough that every call gets on before any of them
   * seems to stand still. undefined: as many as there are.
   */
  pieceBytes(): number | undefined;
  /** Monotonic. */
  nowMs(): number;
  /** Resolves when so many bytes may leave. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** Answers one `have`: a bitmap. */
export async function serveHave(
  { chunks, journals }: Pick<Store, 'chunks' | 'journals'>,
  request: Buffer,
  stream: CallStream,
): Promise<void> {
  const { ids } = decodeHaveRequest(request);
  const bitmap = Buffer.alloc(Math.ceil(ids.length / 8));
  ids.forEach((id, index) => {
    if (chunks.has(id) || journals.hasSmall(id))
      bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  });
  await stream.sendMessage(encodeHaveReply({ bitmap }));
}

/**
 * Answers one `fetch`: a head and the bytes of each chunk or small record, in the order asked.
 * @throws VaultError `overload` when the peer has too many of these open
 */
export async function serveFetch(
  store: Pick<Store, 'chunks' | 'journals'>,
  counters: ServeCounters,
  call: { readonly request: Buffer; readonly stream: CallStream },
): Promise<void> {
  const { ids } = decodeFetchRequest(call.request);
  if (counters.openFetches >= fetchesPerPeerMax) {
    throw new VaultError('overload', { op: 'replication.fetch', detail: 'too many fetches open' });
  }
  if (counters.gate.isHeld()) throw heldHere();
  counters.openFetches += 1;
  const queuedBytes = ids.reduce((bytes, id) => bytes + (store.chunks.lengthOf(id) ?? 0), 0);
  let leftBytes = queuedBytes;
  counters.bytesQueued += queuedBytes;
  const account = counters.reads.open();
  const { signal } = call.stream;
  try {
    for await (const { id, body } of readAhead(store, ids, { account, signal })) {
      if (counters.gate.isHeld()) throw heldHere();
      await sendChunk(call.stream, { id, body }, counters);
      if (signal.aborted) return;
      if (body === undefined) continue;
      leftBytes -= body.length;
      counters.bytesQueued -= body.length;
      counters.chunksDone += 1;
      counters.bytesDone += body.length;
      counters.onBytes(body.length);
    }
  } finally {
    account.close();
    counters.openFetches -= 1;
    counters.bytesQueued -= leftBytes;
  }
}

/** Whoever asks tries again, and others meanwhile. */
function heldHere(): VaultError {
  return new VaultError('overload', { op: 'replication.fetch', detail: 'transfers wait here' });
}

async function sendChunk(
  stream: CallStream,
  { id, body }: { readonly id: ChunkId; readonly body: Buffer | undefined },
  { gate }: ServeCounters,
): Promise<void> {
  await stream.sendMessage(encodeChunkHead({ id, length: body?.length ?? 0 }));
  if (body === undefined) return;
  for (let at = 0; at < body.length && !stream.signal.aborted;) {
    const bytes = gate.pieceBytes();
    const piece = body.subarray(at, bytes === undefined ? undefined : at + bytes);
    if (bytes !== undefined) await gate.take(piece.length, stream.signal);
    await stream.sendData(piece);
    at += piece.length;
  }
}

/** Each body is valid until the next one is asked for. */
async function* readAhead(
  store: Pick<Store, 'chunks' | 'journals'>,
  ids: readonly ChunkId[],
  { account, signal }: { readonly account: ReadAccount; readonly signal: AbortSignal },
): AsyncGenerator<{ id: ChunkId; body: Buffer | undefined }> {
  const reads: { id: ChunkId; bytes: number; lent: Promise<LentBytes | undefined> }[] = [];
  let next = 0;
  try {
    while (next < ids.length || reads.length > 0) {
      while (next < ids.length && reads.length < readAheadChunksMax) {
        const id = ids[next] as ChunkId;
        const bytes = store.chunks.lengthOf(id) ?? chunk.smallRecordBytesMax;
        if (reads.length === 0) await account.begin(bytes, signal);
        else if (isFarAhead(reads) || !account.more(bytes)) break;
        next += 1;
        reads.push({ id, bytes, lent: readChunk(store, id) });
      }
      const [first] = reads;
      if (first === undefined) return;
      yield { id: first.id, body: (await first.lent)?.bytes };
      (await first.lent)?.release();
      reads.shift();
      account.giveBack(first.bytes);
    }
  } finally {
    for (const { lent } of reads) void lent.then((one) => one?.release());
  }
}

function isFarAhead(reads: readonly { readonly bytes: number }[]): boolean {
  return reads.reduce((sum, { bytes }) => sum + bytes, 0) >= readAheadBytesMax;
}

/** undefined when it is not here or no longer readable: then somebody else has to be asked. */
async function readChunk(
  { chunks, journals }: Pick<Store, 'chunks' | 'journals'>,
  id: ChunkId,
): Promise<LentBytes | undefined> {
  try {
    if (chunks.has(id)) return await chunks.readLent(id);
    if (!journals.hasSmall(id)) return undefined;
    // Whoever lost a small record asks for it by its id, like for a chunk.
    return { bytes: await journals.readSmall(id), release: () => undefined };
  } catch (error) {
    if (isVaultError(error)) return undefined;
    throw error;
  }
}
