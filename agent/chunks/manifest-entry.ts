/** One reference inside a manifest page: 77 bytes, the first of which says the epoch. */
import { idFromBytes, idToBytes } from '../../protocol/ids.ts';
import type { EpochId } from '../../protocol/ids.ts';
import { chunk } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { formatFromNumber } from './format.ts';
import { padme } from './pad.ts';
import { malformed } from './page-cursor.ts';
import type { PageCursor } from './page-cursor.ts';
import { messageLengthOf } from './segments.ts';

/** Stands where other entries have the index of their epoch. */
export const holeMark = 0xff;
/** Epoch 1, cid 32, pid 32, format 4, plain length 4, sealed length 4. */
export const chunkEntryBytes = 77;
/** Mark 1, length 8. */
export const holeEntryBytes = 9;

/** Writes epoch index and reference; gives the offset behind them. */
export function writeRef(
  page: Buffer,
  offset: number,
  { ref, epoch }: { readonly ref: ChunkRef; readonly epoch: number },
): number {
  page.writeUInt8(epoch, offset);
  idToBytes(ref.cid).copy(page, offset + 1);
  idToBytes(ref.pid).copy(page, offset + 33);
  page.writeUInt32BE(ref.format, offset + 65);
  page.writeUInt32BE(ref.plainLength, offset + 69);
  return page.writeUInt32BE(ref.sealedLength, offset + 73);
}

/** Reads what follows the epoch index. */
export function readRef(cursor: PageCursor, epoch: EpochId): ChunkRef {
  const cid = idFromBytes('chunk', cursor.take(32));
  const pid = idFromBytes('plain', cursor.take(32));
  const format = cursor.u32();
  const plainLength = cursor.u32();
  const sealedLength = cursor.u32();
  const ref = { cid, pid, epoch, format, plainLength, sealedLength };
  checkRef(ref);
  return ref;
}

/**
 * Checks that the numbers of a reference from outside fit each other and the limits.
 * @throws VaultError `malformed`, `not-supported` (format of a newer version)
 */
export function checkRef(ref: Pick<ChunkRef, 'format' | 'plainLength' | 'sealedLength'>): void {
  const { compression } = formatFromNumber(ref.format);
  const { plainLength } = ref;
  if (plainLength < 1 || plainLength > chunk.plainBytesMax) {
    throw malformed('a plain length is out of range');
  }
  const messageLength = messageLengthOf(ref.sealedLength);
  const padded = padme(plainLength);
  if (
    messageLength === undefined ||
    (compression === 'none' ? messageLength !== padded : messageLength >= padded)
  ) {
    throw malformed('a sealed length does not fit its plain length');
  }
}
