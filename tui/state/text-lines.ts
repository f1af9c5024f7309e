/** A text that somebody else has written, as lines that may be shown. Pure. */
import { escapeText } from '../../protocol/text/escape.ts';

/** More is not read by a person. */
const linesMax = 10_000;

export function linesOf(text: string): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  // What is escaped already has backslashes of its own.
  return lines.slice(0, linesMax).map((line) => line.split('\\').map(escapeText).join('\\'));
}
