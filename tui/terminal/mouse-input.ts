/**
 * Standard input with the reports of the mouse taken out: the terminal library gets the rest. Reports
 * are `CSI < button ; column ; row M` (press) or `m` (release), also when they come in two pieces; of old
 * terminals `CSI M` and three characters.
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

/** Of terminals that know the reports with numbers, and of those that know only three characters behind `M`. */
const report = /\u001b\[(?:<(\d{1,4});(\d{1,4});(\d{1,4})([Mm])|M([\s\S]{3}))/g;
/** Of these, and of what begins a paste; not a lone Esc, which is a key. */
const begun = /\u001b\[(?:<[\d;]{0,14}|M[\s\S]{0,2}|20{0,2})$/;
const pasteBegin = '\u001b[200~';
const pasteEnd = '\u001b[201~';

export interface Taken {
  readonly text: string;
  readonly events: readonly MouseEvent[];
  /** The beginning of a report, or of the end of a paste. */
  readonly rest: string;
  /** The end of what is pasted has not come: nothing in it is a report. */
  readonly pasting: boolean;
}

/** Splits what came into text and events. @param pasting of what came before */
export function takeMouse(input: string, pasting = false): Taken {
  if (pasting) {
    const end = input.indexOf(pasteEnd);
    if (end < 0) return takePasted(input);
    return behind(
      input.slice(0, end + pasteEnd.length),
      takeMouse(input.slice(end + pasteEnd.length)),
    );
  }
  const begin = input.indexOf(pasteBegin);
  if (begin < 0) return takeTyped(input);
  const typed = takeTyped(input.slice(0, begin));
  const pasted = takeMouse(input.slice(begin + pasteBegin.length), true);
  const text = typed.text + typed.rest + pasteBegin;
  return behind(text, { ...pasted, events: [...typed.events, ...pasted.events] });
}

function takePasted(input: string): Taken {
  const endings = Array.from({ length: pasteEnd.length }, (_, at) => pasteEnd.slice(0, -at - 1));
  const rest = endings.find((ending) => input.endsWith(ending)) ?? '';
  const text = input.slice(0, input.length - rest.length);
  return { text, events: [], rest, pasting: true };
}

function behind(text: string, taken: Taken): Taken {
  return { ...taken, text: text + taken.text };
}

function takeTyped(input: string): Taken {
  const events: MouseEvent[] = [];
  for (const [, button, x, y, end, letters] of input.matchAll(report)) {
    const [code, column, row] =
      letters === undefined
        ? [Number(button), Number(x), Number(y)]
        : [...letters].map((letter) => letter.charCodeAt(0) - 0x20);
    const event = eventOf(code ?? 0, (column ?? 0) - 1, (row ?? 0) - 1);
    if (event !== undefined && end !== 'm') events.push(event);
  }
  const without = input.replace(report, '');
  const at = begun.exec(without)?.index ?? without.length;
  return { text: without.slice(0, at), events, rest: without.slice(at), pasting: false };
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
  #pasting = false;

  constructor(source: ReadStream, onMouse: (event: MouseEvent) => void) {
    super();
    this.#source = source;
    source.setEncoding('utf8');
    source.on('data', (chunk: string | Buffer) => {
      const taken = takeMouse(this.#rest + chunk.toString(), this.#pasting);
      this.#rest = taken.rest;
      this.#pasting = taken.pasting;
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
