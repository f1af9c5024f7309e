/**
 * A line that somebody types at a terminal that shows nothing: bytes in, the line out. It keeps bytes
 * and no text, so that they can be overwritten. Pure; whoever owns the terminal feeds it.
 */
export type SecretLineState = 'typing' | 'done' | 'interrupted';

/** What a stream of keys is used for; `process.stdin` in raw mode is one. */
export interface Keys {
  on(event: 'data', listener: (typed: Buffer) => void): this;
  on(event: 'end', listener: () => void): this;
  off(event: 'data', listener: (typed: Buffer) => void): this;
  off(event: 'end', listener: () => void): this;
}

const bytesMax = 4096;

export class SecretLine {
  readonly #bytes = Buffer.alloc(bytesMax);
  #length = 0;
  state: SecretLineState = 'typing';

  /** How many characters of UTF-8 it has. */
  get characters(): number {
    const bytes = this.#bytes.subarray(0, this.#length);
    return bytes.reduce((count, byte) => count + ((byte & 0xc0) === 0x80 ? 0 : 1), 0);
  }

  /** Takes what was typed, and overwrites it. */
  push(typed: Buffer): void {
    for (const byte of typed) if (this.state === 'typing') this.#take(byte);
    typed.fill(0);
  }

  /** The end of the input counts as the end of the line. */
  end(): void {
    if (this.state === 'typing') this.state = this.#length === 0 ? 'interrupted' : 'done';
  }

  /** A copy of what was typed; here it is overwritten. */
  take(): Buffer {
    const line = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#bytes.fill(0);
    this.#length = 0;
    return line;
  }

  #take(byte: number): void {
    switch (byte) {
      case 0x0a:
      case 0x0d:
        this.state = 'done';
        return;
      case 0x03:
        this.state = 'interrupted';
        return;
      case 0x04:
        this.end();
        return;
      case 0x15:
        this.#length = 0;
        return;
      case 0x08:
      case 0x7f:
        this.#eraseCharacter();
        return;
      default:
        if (this.#length < bytesMax) this.#bytes[this.#length++] = byte;
    }
  }

  /** One character of UTF-8, so that a letter with an accent goes with one stroke. */
  #eraseCharacter(): void {
    do this.#length = Math.max(0, this.#length - 1);
    while (this.#length > 0 && ((this.#bytes[this.#length] ?? 0) & 0xc0) === 0x80);
  }
}

/**
 * Feeds the line until it has ended. With listeners, since leaving a loop over the stream would end it,
 * and a second question may follow.
 */
export function typeInto(line: SecretLine, keys: Keys): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      if (line.state === 'typing') return;
      keys.off('data', take).off('end', end);
      resolve();
    };
    const take = (typed: Buffer): void => {
      line.push(typed);
      finish();
    };
    const end = (): void => {
      line.end();
      finish();
    };
    keys.on('data', take).on('end', end);
  });
}
