/**
 * Which page holds a node: a hash table of 8 bytes a place, open addressing with linear probing, so
 * that a million ids cost megabytes and not a hundred times that. It keeps hashes and page numbers
 * only; whether a page really holds the id is for the caller to look. Deleting shifts back.
 */
import type { NodeId } from '../../../protocol/ids.ts';

const startPlaces = 1024;
/** Filled beyond this share, the table doubles. */
const fillMax = 0.6;

export class IdTable {
  readonly #seed: number;
  #hashes = new Uint32Array(startPlaces);
  /** Page number + 1; 0 is a free place. */
  #pages = new Uint32Array(startPlaces);
  #count = 0;

  /** @param seed whoever chooses ids should not know it */
  constructor(seed: number) {
    this.#seed = seed >>> 0;
  }

  get size(): number {
    return this.#count;
  }

  hashOf(id: NodeId): number {
    let hash = this.#seed;
    for (let at = 0; at < 32; at += 8) hash = mix(hash, wordOfDigits(id, at));
    return finish(hash);
  }

  /** The same for the id whose 16 bytes stand at `start`. */
  hashOfBytes(bytes: Buffer, start: number): number {
    let hash = this.#seed;
    for (let at = start; at < start + 16; at += 4) hash = mix(hash, bytes.readUInt32BE(at));
    return finish(hash);
  }

  /** The page of a node among those that `holds` is asked about; undefined when there is none. */
  find(hash: number, holds: (page: number) => boolean): number | undefined {
    const mask = this.#pages.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const page = this.#pages[place] ?? 0;
      if (page === 0) return undefined;
      if (this.#hashes[place] === hash && holds(page - 1)) return page - 1;
    }
  }

  add(hash: number, page: number): void {
    if (this.#count + 1 > this.#pages.length * fillMax) this.#grow();
    this.#place(hash, page + 1);
    this.#count += 1;
  }

  /** The node of this hash in page `from` is in page `to` now. */
  move(hash: number, from: number, to: number): void {
    const place = this.#placeOf(hash, from);
    if (place !== undefined) this.#pages[place] = to + 1;
  }

  remove(hash: number, page: number): void {
    const place = this.#placeOf(hash, page);
    if (place === undefined) return;
    this.#count -= 1;
    const mask = this.#pages.length - 1;
    let free = place;
    for (let at = (free + 1) & mask; (this.#pages[at] ?? 0) !== 0; at = (at + 1) & mask) {
      const home = (this.#hashes[at] ?? 0) & mask;
      // It may move back only as far as its own probing would look.
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      this.#hashes[free] = this.#hashes[at] ?? 0;
      this.#pages[free] = this.#pages[at] ?? 0;
      free = at;
    }
    this.#pages[free] = 0;
  }

  #placeOf(hash: number, page: number): number | undefined {
    const mask = this.#pages.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const held = this.#pages[place] ?? 0;
      if (held === 0) return undefined;
      if (held === page + 1 && this.#hashes[place] === hash) return place;
    }
  }

  #place(hash: number, value: number): void {
    const mask = this.#pages.length - 1;
    let place = hash & mask;
    while ((this.#pages[place] ?? 0) !== 0) place = (place + 1) & mask;
    this.#hashes[place] = hash;
    this.#pages[place] = value;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const pages = this.#pages;
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#pages = new Uint32Array(pages.length * 2);
    for (const [at, page] of pages.entries()) if (page !== 0) this.#place(hashes[at] ?? 0, page);
  }
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x85ebca6b);
}

function finish(hash: number): number {
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Eight hex digits as a number of 32 bits. */
function wordOfDigits(digits: string, at: number): number {
  let word = 0;
  for (let digit = at; digit < at + 8; digit += 1) {
    const code = digits.charCodeAt(digit);
    word = (word << 4) | (code < 0x3a ? code - 0x30 : code - 0x57);
  }
  return word >>> 0;
}
