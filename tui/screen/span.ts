/**
 * What the console draws: rows of spans, a text with a meaning each. Views make rows, `paint.ts` makes
 * them bytes for the terminal. Pure; texts are escaped before they come here.
 */
import { displayWidth } from '../../protocol/text/width.ts';
import type { Role } from '../theme/theme.ts';

export interface Span {
  readonly text: string;
  readonly role: Role;
}

export type Row = readonly Span[];

/** What a row is written from: a plain string is of the role `text`. */
export type Part = string | Span | false | undefined;

export function span(role: Role, text: string): Span {
  return { text, role };
}

export function row(...parts: readonly Part[]): Row {
  return parts.flatMap((part) => {
    if (part === undefined || part === false || part === '') return [];
    return [typeof part === 'string' ? { text: part, role: 'text' as const } : part];
  });
}

export function rowText(spans: Row): string {
  return spans.map(({ text }) => text).join('');
}

export function rowWidth(spans: Row): number {
  return spans.reduce((width, { text }) => width + displayWidth(text), 0);
}

const printableAscii = /^[\x20-\x7e]*$/;

/** The beginning of a text that is no wider than `width`. */
export function cut(text: string, width: number): string {
  if (printableAscii.test(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += displayWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept;
}

/** Exactly `width` cells of text: cut with a sign that it is, or padded. */
export function fit(
  text: string,
  width: number,
  { ellipsis = '…', right = false }: { readonly ellipsis?: string; readonly right?: boolean } = {},
): string {
  if (width <= 0) return '';
  const wide = displayWidth(text);
  if (wide === width) return text;
  if (wide < width) {
    const padding = ' '.repeat(width - wide);
    return right ? padding + text : text + padding;
  }
  const shown = cut(text, width - displayWidth(ellipsis)) + ellipsis;
  return shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
}

/** The end of a text, which of a path says more than its beginning. */
export function fitEnd(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return fit(text, width);
  const characters = [...text];
  let used = displayWidth(ellipsis);
  let at = characters.length;
  while (at > 0) {
    used += displayWidth(characters[at - 1] ?? '');
    if (used > width) break;
    at -= 1;
  }
  return fit(ellipsis + characters.slice(at).join(''), width);
}

/** A row of exactly `width` cells. */
export function fitRow(spans: Row, width: number, ellipsis = '…'): Row {
  const whole = rowWidth(spans);
  if (whole === width) return spans;
  if (whole < width) return [...spans, { text: ' '.repeat(width - whole), role: 'text' }];
  const fitted: Span[] = [];
  let left = width;
  for (const each of spans) {
    const wide = displayWidth(each.text);
    // What follows does not fit either: this one shows that something is missing.
    if (wide > left || (wide === left && each !== spans.at(-1))) {
      fitted.push({ ...each, text: fit(`${each.text} `, left, { ellipsis }) });
      return fitted;
    }
    fitted.push(each);
    left -= wide;
  }
  return fitted;
}

/** Text in lines of at most `width` cells, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const part = cut(line, width);
      if (part === '') return lines;
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  lines.push(line);
  return lines;
}
