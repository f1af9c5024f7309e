/** The panels of a screen as the bytes of each of its rows, every part at its column. Pure. */
import { toColumn } from '../terminal/sequences.ts';
import type { Theme } from '../theme/theme.ts';
import type { Panel } from './panel.ts';
import { paintPanel } from './panel.ts';

/**
 * One string a row; a row that is the same string looks the same. Parts that lie above come later. Each is
 * put at its column: where a terminal takes another width for a character than we do, no other part moves.
 */
export function screenLines(panels: readonly Panel[], rows: number, theme: Theme): string[] {
  const lines = Array.from({ length: rows }, () => '');
  for (const panel of panels) {
    const begin = toColumn(panel.rect.x);
    for (const [down, text] of paintPanel(panel, theme, toColumn).entries()) {
      const at = panel.rect.y + down;
      if (at < rows) lines[at] += begin + text;
    }
  }
  return lines;
}
