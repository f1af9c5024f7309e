/**
 * Rows as bytes for the terminal: the only place that writes escape sequences for text, and the last
 * door for what must not reach the terminal. Pure.
 */
import { displayWidth } from '../../protocol/text/width.ts';
import type { Theme } from '../theme/theme.ts';
import { fitRow } from './span.ts';
import type { Row } from './span.ts';

const printableAscii = /^[\x20-\x7e]*$/;
/** Controls, bidirectional signs, other format characters. */
const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
/** As a picture, or as a letter: they take no cell themselves, and terminals differ in what they make of the width. */
const variants = /[\ufe0e\ufe0f]/g;
const outsideAscii = /[^\x20-\x7e]/gu;

/** A row of exactly `width` cells, with its colours. */
export function paintRow(spans: Row, width: number, theme: Theme): string {
  let painted = '';
  for (const { text, role } of fitRow(spans, width, theme.glyphs.ellipsis)) {
    const sgr = theme.sgr[role];
    const safe = safeText(text, theme);
    painted += sgr === '' ? safe : `\u001b[${sgr}m${safe}\u001b[0m`;
  }
  return painted;
}

/** What may reach a terminal or a pipe of it. */
export function safeText(text: string, theme: Theme): string {
  if (printableAscii.test(text)) return text;
  const safe = text.replace(variants, '').replace(unwanted, '?');
  if (!theme.asciiText) return safe;
  return safe.replace(outsideAscii, (character) => '?'.repeat(displayWidth(character)));
}
