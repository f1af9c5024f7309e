/** Bytes for tests and vectors that anybody can make again: no file, no seed of a private generator. */
import { createCipheriv, hash } from 'node:crypto';

/** SHA-256(seed ‖ u32 BE 0) ‖ SHA-256(seed ‖ u32 BE 1) ‖ …, cut to `length` bytes. */
export function byteStreamOf(seed: string, length: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(length / 32) * 32);
  const name = Buffer.from(seed, 'utf8');
  const input = Buffer.concat([name, Buffer.alloc(4)]);
  for (let block = 0; block * 32 < length; block += 1) {
    input.writeUInt32BE(block, name.length);
    hash('sha256', input, 'buffer').copy(bytes, block * 32);
  }
  return bytes.subarray(0, length);
}

/** Bytes that no compression makes smaller, the same for the same seed. Much faster, for what is in no vector. */
export function noiseOf(seed: string, length: number): Buffer {
  const key = hash('sha256', seed, 'buffer');
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** Text-like bytes that compress well. */
export function textOf(seed: string, length: number): Buffer {
  const words = ['vault', 'journal', 'segment', 'device', 'epoch', 'copy', 'and', 'the', 'of', 'a'];
  const draws = byteStreamOf(seed, Math.ceil(length / 2));
  const text = Array.from(draws, (draw) => words[draw % words.length]).join(' ');
  return Buffer.from(text.padEnd(length, ' '), 'latin1').subarray(0, length);
}
