/**
 * Reads little-endian numbers and names from a request. A read beyond the end, a number that is no safe
 * integer, or a name without an end marks the cursor as failed and gives zeros; whoever asks looks at
 * `failed` once, at the end.
 */
const empty = Buffer.alloc(0);

export class Cursor {
  failed = false;
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  fail(): void {
    this.failed = true;
  }

  skip(count: number): void {
    if (this.left < count) this.failed = true;
    else this.#at += count;
  }

  u32(): number {
    if (this.left < 4) {
      this.failed = true;
      return 0;
    }
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  u64(): number {
    const low = this.u32();
    const value = low + this.u32() * 2 ** 32;
    if (Number.isSafeInteger(value)) return value;
    this.failed = true;
    return 0;
  }

  /** A length or an offset: one that is no safe integer is beyond everything. */
  u64Capped(): number {
    const low = this.u32();
    return Math.min(low + this.u32() * 2 ** 32, Number.MAX_SAFE_INTEGER);
  }

  i64(): number {
    const low = this.u32();
    const value = low + (this.u32() | 0) * 2 ** 32;
    if (Number.isSafeInteger(value)) return value;
    this.failed = true;
    return 0;
  }

  bytes(count: number): Buffer {
    if (this.left < count) {
      this.failed = true;
      return empty;
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Bytes up to a NUL, which is taken too. One that is too long is given whole: it has an errno of its own. */
  text(bytesMax = Infinity): Buffer {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0 || end - this.#at > bytesMax) {
      this.failed = true;
      return empty;
    }
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return value;
  }
}
