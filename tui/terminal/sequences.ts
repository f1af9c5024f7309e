/** The escape sequences that the console writes itself. */
export const clearScreen = '\u001b[2J\u001b[H';
export const mouseOn = '\u001b[?1000h\u001b[?1002h\u001b[?1006h';
export const mouseOff = '\u001b[?1006l\u001b[?1002l\u001b[?1000l';

/** Terminals refuse more, and nobody wants it. */
const copiedBytesMax = 74_994;

/** Into the clipboard of the terminal (OSC 52); undefined: it is too much. */
export function copySequence(text: string): string | undefined {
  const bytes = Buffer.from(text);
  if (bytes.length > copiedBytesMax) return undefined;
  return `\u001b]52;c;${bytes.toString('base64')}\u0007`;
}

/** What stands between them is shown at once, by terminals that can. */
export const togetherBegin = '\u001b[?2026h';
export const togetherEnd = '\u001b[?2026l';
export const cursorHidden = '\u001b[?25l';

/** Whether what goes beyond the last cell of a row goes on in the next one. */
export const wrapOff = '\u001b[?7l';
export const wrapOn = '\u001b[?7h';

/** To a cell of the row that is written, from 0. */
export function toColumn(at: number): string {
  return `\u001b[${String(at + 1)}G`;
}

/** To the first cell of a row, from 0, which is wiped: what is narrower than we think leaves nothing of before. */
export function rowStart(at: number): string {
  return `\u001b[${String(at + 1)};1H\u001b[2K`;
}
