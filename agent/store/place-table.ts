/**
 * Index entries in memory while there is no index: as few bytes as they take on the disk, and a number
 * each to find them by. About 100 bytes for each chunk of the store.
 */
import { crc32c } from './crc32c.ts';

const pageBytes = 2 ** 20;
const headBytes = 6;

export class PlaceTable {
  readonly #pages: Buffer[] = [];
  #usedBytes = pageBytes;
  /** By a sum of the key: where its newest entry stands. */
  readonly #places = new Map<number, number>();
  /** Keys whose sum another key had first. */
  readonly #others = new Map<string, number>();
  #count = 0;

  /** How many entries were added, those that were replaced included. */
  get size(): number {
    return this.#count;
  }

  /** Adds one, or replaces it. */
  add(key: Uint8Array, value: Uint8Array): void {
    const at = this.#append(key, value);
    const sum = sumOf(key);
    const known = this.#places.get(sum);
    if (known === undefined || this.#keyAt(known).equals(key)) this.#places.set(sum, at);
    else this.#others.set(nameOf(key), at);
    this.#count += 1;
  }

  get(key: Uint8Array): Buffer | undefined {
    const at = this.#places.get(sumOf(key));
    if (at === undefined) return undefined;
    if (this.#keyAt(at).equals(key)) return this.#valueAt(at);
    const other = this.#others.get(nameOf(key));
    return other === undefined ? undefined : this.#valueAt(other);
  }

  /** In the order in which they were added; what was replaced comes before what replaced it. */
  *entries(): Generator<readonly [Buffer, Buffer]> {
    for (const [number, page] of this.#pages.entries()) {
      const end = number === this.#pages.length - 1 ? this.#usedBytes : page.length;
      for (let offset = 0; offset + headBytes <= end;) {
        const at = number * pageBytes + offset;
        const key = this.#keyAt(at);
        if (key.length === 0) break;
        const value = this.#valueAt(at);
        yield [key, value];
        offset += headBytes + key.length + value.length;
      }
    }
  }

  /** An entry stands in one page; one that is larger than a page gets one for itself. */
  #append(key: Uint8Array, value: Uint8Array): number {
    const bytes = headBytes + key.length + value.length;
    if (this.#usedBytes + bytes > (this.#pages.at(-1)?.length ?? 0)) {
      this.#pages.push(Buffer.alloc(Math.max(pageBytes, bytes)));
      this.#usedBytes = 0;
    }
    const page = this.#pages.at(-1) as Buffer;
    const offset = this.#usedBytes;
    page.writeUInt16LE(key.length, offset);
    page.writeUInt32LE(value.length, offset + 2);
    page.set(key, offset + headBytes);
    page.set(value, offset + headBytes + key.length);
    this.#usedBytes += bytes;
    return (this.#pages.length - 1) * pageBytes + offset;
  }

  #keyAt(at: number): Buffer {
    const { page, offset } = this.#pageOf(at);
    const start = offset + headBytes;
    return page.subarray(start, start + page.readUInt16LE(offset));
  }

  #valueAt(at: number): Buffer {
    const { page, offset } = this.#pageOf(at);
    const start = offset + headBytes + page.readUInt16LE(offset);
    return page.subarray(start, start + page.readUInt32LE(offset + 2));
  }

  #pageOf(at: number): { page: Buffer; offset: number } {
    return { page: this.#pages[Math.floor(at / pageBytes)] as Buffer, offset: at % pageBytes };
  }
}

/** 48 bits: ids are random, so two keys seldom share one. */
function sumOf(key: Uint8Array): number {
  const last = key.length < 2 ? 0 : (key[key.length - 2] ?? 0) * 256 + (key[key.length - 1] ?? 0);
  return crc32c(key) * 2 ** 16 + last;
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
