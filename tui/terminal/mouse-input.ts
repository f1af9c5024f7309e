/**
 * Standard input with the reports of the mouse taken out: the terminal library gets the rest. Reports
 * are `CSI < button ; column ; row M` (press) or `m` (release), also when they come in two pieces.
 */
import { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';

export interface MouseEvent {
  readonly type: 'click' | 'wheel';
  /** From 0. */
  readonly x: number;
  readonly y: number;
  /** Of the wheel: -1 up, 1 down. */
  readonly by: -1 | 0 | 1;
}

const report = new RegExp(String.raw`\u001b\[<(\d{1,4});(\d{1,4});(\d{1,4})([Mm])`, 'g');
/** Not a lone Esc, which is a key. */
const begun = new RegExp(String.raw`\u001b\[<[\d;]{0,14}$`);

/** Splits what came into text and events; `rest` is the beginning of a report. */
export function takeMouse(text: string): {
  readonly text: string;
  readonly events: readonly MouseEvent[];
  readonly rest: string;
} {
  const events: MouseEvent[] = [];
  for (const [, button, x, y, end] of text.matchAll(report)) {
    const event = eventOf(Number(button), Number(x) - 1, Number(y) - 1);
    if (event !== undefined && end === 'M') events.push(event);
  }
  const without = text.replace(report, '');
  const at = begun.exec(without)?.index ?? without.length;
  return { text: without.slice(0, at), events, rest: without.slice(at) };
}

function eventOf(button: number, x: number, y: number): MouseEvent | undefined {
  if (button === 0) return { type: 'click', x, y, by: 0 };
  if (button === 64) return { type: 'wheel', x, y, by: -1 };
  return button === 65 ? { type: 'wheel', x, y, by: 1 } : undefined;
}

/** What the terminal library reads instead of standard input. */
export class MouseInput extends Readable {
  readonly isTTY = true;
  readonly #source: ReadStream;
  #rest = '';

  constructor(source: ReadStream, onMouse: (event: MouseEvent) => void) {
    super();
    this.#source = source;
    source.setEncoding('utf8');
    source.on('data', (chunk: string | Buffer) => {
      const taken = takeMouse(this.#rest + chunk.toString());
      this.#rest = taken.rest;
      for (const event of taken.events) onMouse(event);
      if (taken.text !== '') this.push(taken.text);
    });
    source.on('end', () => void this.push(null));
  }

  override _read(): void {
    // Standard input pushes.
  }

  setRawMode(on: boolean): this {
    this.#source.setRawMode(on);
    return this;
  }

  ref(): this {
    this.#source.ref();
    return this;
  }

  unref(): this {
    this.#source.unref();
    return this;
  }
}
