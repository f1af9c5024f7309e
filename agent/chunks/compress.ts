/**
 * Compression where it clearly pays. A sample of the bytes decides whether it is tried at all, so
 * that media, archives and ciphertext cost next to nothing; the result is kept only when the padded
 * message gets shorter by a sixteenth or more.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { padme } from './pad.ts';
import { moveInto } from './warm-memory.ts';

const sampleBytes = 4096;
const sampleBlocks = 16;
/** Two bytes of random data are equal once in 256 draws; from once in 200 on it is worth a try. */
const repeatsOfRandomMax = 1 / 200;
/** Below this even the best result saves no padding class. */
const plainBytesMin = 256;
const lengthBytes = 4;
/** No frame of ours needs a greater window than the largest chunk, so none gets the memory for it. */
const windowLogMax = 20;

const histogram = new Uint32Array(256);

/**
 * The compressed form of a message before its padding: u32 length (big endian), then one zstd frame
 * of that length. Undefined when it does not pay.
 */
export function compress(plain: Uint8Array): Buffer | undefined {
  if (plain.length < plainBytesMin || looksRandom(plain)) return undefined;
  const frame = zstdCompressSync(plain, {
    chunkSize: plain.length + 1024,
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
  const padded = padme(lengthBytes + frame.length);
  if (padded * 16 > padme(plain.length) * 15) return undefined;
  const head = Buffer.allocUnsafe(lengthBytes + frame.length);
  head.writeUInt32BE(frame.length, 0);
  moveInto(head, lengthBytes, frame);
  return head;
}

/**
 * The length of the message's head, read from its first bytes; undefined when it cannot be the head
 * of a message of this length.
 */
export function compressedHeadLength(message: Uint8Array): number | undefined {
  if (message.length <= lengthBytes) return undefined;
  const view = Buffer.from(message.buffer, message.byteOffset, message.length);
  const length = lengthBytes + view.readUInt32BE(0);
  if (length === lengthBytes || length > message.length) return undefined;
  return padme(length) === message.length ? length : undefined;
}

/**
 * Undoes `compress` for a head of the right length. Never makes more than `plainLength` bytes.
 * @returns undefined unless it gives exactly `plainLength` bytes
 */
export function decompress(head: Uint8Array, plainLength: number): Buffer | undefined {
  let plain: Buffer;
  try {
    plain = zstdDecompressSync(head.subarray(lengthBytes), {
      chunkSize: Math.max(64, plainLength),
      maxOutputLength: plainLength,
      params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
    });
  } catch {
    // Not zstd, too long or too wide a window: all the same to a reader, the author's fault.
    return undefined;
  }
  return plain.length === plainLength ? plain : undefined;
}

/**
 * Estimates the collision probability of the bytes from blocks spread evenly over them: integers
 * only, so that every device decides alike.
 */
export function looksRandom(plain: Uint8Array): boolean {
  const blockBytes = Math.min(sampleBytes, plain.length) / sampleBlocks;
  const strideBytes = plain.length / sampleBlocks;
  histogram.fill(0);
  let count = 0;
  for (let block = 0; block < sampleBlocks; block += 1) {
    const start = Math.floor(block * strideBytes);
    const end = start + Math.floor(blockBytes);
    for (let i = start; i < end; i += 1) {
      const byte = plain[i] as number;
      histogram[byte] = (histogram[byte] as number) + 1;
    }
    count += end - start;
  }
  let repeats = 0;
  for (const times of histogram) repeats += times * (times - 1);
  return repeats < count * (count - 1) * repeatsOfRandomMax;
}
