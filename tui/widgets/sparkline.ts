/** A graph of numbers over time in a few cells: dots of braille, blocks, or ASCII. Pure. */
import type { GlyphSetName, GlyphsName } from '../theme/glyphs.ts';

/** Dots of a braille cell from the bottom up, of its left and its right column. */
const leftDots = [0x40, 0x04, 0x02, 0x01];
const rightDots = [0x80, 0x20, 0x10, 0x08];
const blocks = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const asciiLevels = [' ', '.', ':', '|'];

export interface GraphSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Lines from the top; the latest sample is on the right, one sample a column (braille: two).
 * @param highest value at the upper edge
 */
export function graphLines(
  samples: readonly number[],
  highest: number,
  { width, height }: GraphSize,
  glyphs: GlyphsName,
): string[] {
  if (glyphs === 'plain') return [];
  const columns = glyphs === 'braille' ? width * 2 : width;
  const steps = { braille: 4, block: 8, ascii: 3 }[glyphs];
  const shown = samples.slice(-columns);
  const empty = columns - shown.length;
  const levels = Array.from({ length: columns }, (_, at) => {
    const value = at < empty ? 0 : (shown[at - empty] ?? 0);
    return levelOf(value, highest, height * steps);
  });
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * steps;
    return lineOf(levels, below, glyphs);
  });
}

/** A sample that is not zero is seen, however small. */
function levelOf(value: number, highest: number, steps: number): number {
  if (value <= 0 || highest <= 0) return 0;
  return Math.min(steps, Math.max(1, Math.round((value / highest) * steps)));
}

function lineOf(levels: readonly number[], below: number, glyphs: GlyphSetName): string {
  if (glyphs === 'braille') return brailleLine(levels, below);
  const signs = glyphs === 'block' ? blocks : asciiLevels;
  const most = signs.length - 1;
  return levels.map((level) => signs[Math.min(most, Math.max(0, level - below))] ?? ' ').join('');
}

function brailleLine(levels: readonly number[], below: number): string {
  let line = '';
  for (let at = 0; at < levels.length; at += 2) {
    const bits =
      dots(leftDots, (levels[at] ?? 0) - below) | dots(rightDots, (levels[at + 1] ?? 0) - below);
    // A space costs the terminal library less than an empty braille cell.
    line += bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits);
  }
  return line;
}

function dots(column: readonly number[], level: number): number {
  return column.slice(0, Math.max(0, level)).reduce((bits, dot) => bits | dot, 0);
}

/** A round number at or above the largest sample, for the scale. */
export function scaleOf(samples: readonly number[], least: number): number {
  const largest = samples.reduce((most, each) => Math.max(most, each), least);
  let scale = least;
  while (scale < largest) scale *= 2;
  return scale;
}
