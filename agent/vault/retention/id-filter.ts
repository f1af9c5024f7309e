/**
 * A set of ids that takes two bytes an id (a Bloom filter): it may say yes to a few that are not in it,
 * and never no to one that is. Ids are hashes, so their own bits are taken in place of further ones.
 */
import type { ChunkId } from '../../../protocol/ids.ts';

const bitsPerId = 16;
const wordsPerId = 4;
const bitsMin = 1024;
const bitsMax = 2 ** 30;

export class IdFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;
  readonly #first: number;

  /**
   * @param expected ids beyond that are taken, and make more that are not in it seem to be
   * @param turn even and odd ones err about other ids
   */
  constructor(expected: number, turn: number) {
    const wanted = Math.max(bitsMin, expected * bitsPerId);
    const bits = Math.min(bitsMax, 2 ** Math.ceil(Math.log2(wanted)));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
    this.#first = (turn % 2) * wordsPerId;
  }

  add(id: ChunkId): void {
    for (let at = 0; at < wordsPerId; at++) {
      const bit = this.#bitOf(id, at);
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  has(id: ChunkId): boolean {
    for (let at = 0; at < wordsPerId; at++) {
      const bit = this.#bitOf(id, at);
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #bitOf(id: ChunkId, at: number): number {
    const start = (this.#first + at) * 8;
    return Number.parseInt(id.slice(start, start + 8), 16) & this.#mask;
  }
}
