/** Builds one packed value: numbers as varints, ids as raw bytes, names as they are. Grows as needed. */
const startBytes = 4096;

export class ByteSink {
  #bytes = Buffer.allocUnsafe(startBytes);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** A copy of what was written; the sink is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  /** Whole numbers from 0 to 2^53 - 1. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      // Beyond 31 bits the bit operators would lose the upper part.
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Whole numbers of either sign, exact in a double. */
  signed(value: number): void {
    this.count(value < 0 ? 1 : 0);
    this.count(Math.abs(value));
  }

  /** Lowercase hex digits as the bytes that they stand for; the reader knows how many. */
  hex(digits: string): void {
    this.#room(digits.length / 2);
    this.#at += this.#bytes.write(digits, this.#at, 'hex');
  }

  /** A latin1 string behind its length. */
  text(text: string): void {
    this.count(text.length);
    this.#room(text.length);
    this.#at += this.#bytes.write(text, this.#at, 'latin1');
  }

  /** A latin1 string of at most 255 characters behind one byte of length. */
  shortText(text: string): void {
    this.#room(1 + text.length);
    this.#bytes[this.#at++] = text.length;
    this.#at += this.#bytes.write(text, this.#at, 'latin1');
  }

  /** Bytes behind their length. */
  bytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.raw(bytes);
  }

  /** Bytes whose number the reader knows. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
