/**
 * Bytes that must not end up in a log, an error or a report. Whoever needs them says `reveal()`, which
 * is easy to search for; everything that prints says "[secret]".
 */
const shown = '[secret]';

export class Secret {
  readonly #bytes: Buffer;

  /** Keeps a copy. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  /** The bytes themselves: not to be kept, changed or shown. */
  reveal(): Buffer {
    return this.#bytes;
  }

  /** Overwrites the bytes. Copies that others made, and what the runtime moved about, are out of reach. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown;
  }
}
