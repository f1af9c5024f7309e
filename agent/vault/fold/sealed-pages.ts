/**
 * Pages of a state as chunks: sealed for those who hold the epoch's operation key, so that every device can
 * keep and pass them on. The root and the number of the page are authenticated with each; before the page
 * stands when the latest of the folded batches was written (8 bytes, Unix ms, big-endian).
 */
import { VaultError } from '../../../protocol/errors.ts';
import { blake3 } from '../../../protocol/hash.ts';
import { idFromBytes, type ChunkId } from '../../../protocol/ids.ts';
import { deriveKey } from '../../members/derive.ts';
import { openValue, sealNonceBytes, sealValue } from '../sealed-values.ts';

const timeBytes = 8;

export interface PagePlace {
  /** 32 bytes, of the epoch. */
  readonly opKey: Uint8Array;
  /** 32 bytes: of the state. */
  readonly root: Uint8Array;
  /** From 0. */
  readonly index: number;
}

export interface PlainPage {
  readonly page: Buffer;
  readonly latestMs: number;
}

export interface SealedPage {
  readonly id: ChunkId;
  readonly body: Buffer;
}

/** @param nonce `sealNonceBytes` fresh bytes */
export function sealPage(
  place: PagePlace,
  { page, latestMs }: PlainPage,
  nonce: Uint8Array,
): SealedPage {
  const time = Buffer.alloc(timeBytes);
  time.writeBigUInt64BE(BigInt(latestMs));
  const body = sealValue(keyOf(place), { key: labelOf(place), value: [time, page], nonce });
  return { id: idFromBytes('chunk', blake3(body)), body };
}

/** @throws VaultError `damaged` when it is not that page */
export function openPage(place: PagePlace, body: Buffer): PlainPage {
  const plain = openValue(keyOf(place), labelOf(place), body);
  const latestMs = plain === undefined || plain.length < timeBytes ? NaN : timeOf(plain);
  if (plain === undefined || !Number.isSafeInteger(latestMs)) {
    throw new VaultError('damaged', {
      op: 'vault.openPage',
      subject: `page ${String(place.index)} of the state`,
      detail: 'it does not open',
    });
  }
  return { page: plain.subarray(timeBytes), latestMs };
}

export { sealNonceBytes };

function timeOf(plain: Buffer): number {
  return Number(plain.readBigUInt64BE());
}

function keyOf({ opKey, root }: PagePlace): Buffer {
  return deriveKey(opKey, 'epoch/state-page', root);
}

function labelOf({ root, index }: PagePlace): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(index);
  return Buffer.concat([root, number]);
}
