/** What a worker has sealed, as the store and the journal take it. */
import { idFromBytes, type EpochId } from '../../protocol/ids.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import type { SealedPiece, SplitSealOutput } from '../chunks/jobs.ts';

/** How the chunk is named. */
export function refOf(piece: SealedPiece, epoch: EpochId): ChunkRef {
  return {
    cid: idFromBytes('chunk', piece.cid),
    pid: idFromBytes('plain', piece.pid),
    epoch,
    format: piece.format,
    plainLength: piece.plainLength,
    sealedLength: piece.sealedLength,
  };
}

/** Its bytes, where the worker has put them: they are there until that memory is used again. */
export function bodyOf(
  { sealed }: SplitSealOutput,
  piece: { readonly sealedOffset: number; readonly sealedLength: number },
): Uint8Array {
  return new Uint8Array(sealed, piece.sealedOffset, piece.sealedLength);
}
