/**
 * One fetch call as the asking side runs it: ids out, for each a small head and its bytes back, in
 * the order asked. Lengths are checked against the limit before a byte is kept.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ChunkId } from '../../protocol/ids.ts';
import { chunk as chunkLimits, KiB, rpc as rpcLimits } from '../../protocol/limits.ts';
import { decodeChunkHead, encodeFetchRequest } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import type { BodyReader, DataSink, RpcConnection } from '../../protocol/rpc/rpc.ts';

const pieceBytesMin = 16 * KiB;
const headBytesMax = 128;

export interface FetchSink {
  readonly signal: AbortSignal;
  /** What all bodies have together, as far as is known. */
  readonly bytes: number;
  /** Some bytes came, so the peer is alive. */
  onProgress(bytes: number): void;
  /** Memory for a body. @default fresh memory each time */
  allocate?(length: number): Buffer;
  /** The next of the chunks; undefined when the peer does not have it. */
  onChunk(index: number, body: Buffer | undefined): void;
}

/**
 * Asks one peer for chunks. Resolves when the last one has come.
 * @throws VaultError `peer-misbehaved` when the answer breaks the protocol; what the call throws
 */
export async function fetchChunks(
  rpc: RpcConnection,
  ids: readonly ChunkId[],
  sink: FetchSink,
): Promise<void> {
  const stream = rpc.call(peerMethods.fetch, encodeFetchRequest({ ids }), {
    signal: sink.signal,
    answerBytes: answerBytes(ids.length, sink.bytes),
  });
  stream.end();
  try {
    await stream.receiveBodies(readerOf(ids, sink));
    stream.expectEnd();
  } catch (error) {
    if (error instanceof VaultError && error.code === 'peer-misbehaved') stream.fail(error);
    throw error;
  }
}

function readerOf(ids: readonly ChunkId[], sink: FetchSink): BodyReader {
  let index = 0;
  const next = (body: Buffer | undefined): void => {
    index += 1;
    sink.onChunk(index - 1, body);
  };
  return {
    get isDone() {
      return index === ids.length;
    },
    onHead(message) {
      const length = checkedLength(message, ids[index]);
      sink.onProgress(0);
      if (length > 0) return placeFor(length, sink);
      next(undefined);
      return undefined;
    },
    onBody: next,
  };
}

/** What an answer costs in credit, at most: pieces are not cut smaller without need. */
function answerBytes(chunks: number, bodyBytes: number): number {
  const pieces = chunks + Math.ceil(bodyBytes / pieceBytesMin);
  return bodyBytes + pieces * rpcLimits.frameCostBytes + chunks * headBytesMax;
}

function checkedLength(message: Buffer, id: ChunkId | undefined): number {
  const head = decodeChunkHead(message);
  if (head.id !== id) throw misbehaved('another chunk than the one that was asked for');
  if (head.length > chunkLimits.sealedBytesMax) throw misbehaved('a chunk too large');
  return head.length;
}

function placeFor(length: number, sink: FetchSink): DataSink {
  return {
    length,
    allocate: () => sink.allocate?.(length) ?? Buffer.allocUnsafeSlow(length),
    onBytes: (bytes) => {
      sink.onProgress(bytes);
    },
  };
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', {
    op: 'replication.fetch',
    detail: `sent ${detail}`,
  });
}
