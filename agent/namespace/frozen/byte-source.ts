/** Reads what a `ByteSink` wrote. What does not fit is a RangeError: the bytes are not ours. */
export class ByteSource {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** Reads `bytes[start, end)`; what comes out may be a view of them. */
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Everything that is left. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  count(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || this.#at > this.#end || scale > 2 ** 49) throw cutOff();
      if (byte < 0x80) return value + byte * scale;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
  }

  signed(): number {
    const isNegative = this.count() === 1;
    const value = this.count();
    return isNegative ? -value : value;
  }

  /** So many bytes as lowercase hex digits. */
  hex(bytes: number): string {
    const start = this.#step(bytes);
    return this.#bytes.toString('hex', start, this.#at);
  }

  text(): string {
    const start = this.#step(this.count());
    return this.#bytes.toString('latin1', start, this.#at);
  }

  /** A view of the bytes that were read. */
  bytes(): Buffer {
    return this.raw(this.count());
  }

  raw(bytes: number): Buffer {
    const start = this.#step(bytes);
    return this.#bytes.subarray(start, this.#at);
  }

  #step(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#end - start) throw cutOff();
    this.#at += bytes;
    return start;
  }
}

function cutOff(): RangeError {
  return new RangeError('packed bytes are cut off');
}
