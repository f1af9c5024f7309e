/** A state of the console and its screen as text, without a terminal and without an agent. */
import { compose } from '../../tui/screen/compose.ts';
import { paintPanel } from '../../tui/screen/panel.ts';
import { reduce } from '../../tui/state/reducer.ts';
import { initialState } from '../../tui/state/state.ts';
import type { Size, State } from '../../tui/state/state.ts';
import type { Message } from '../../tui/state/message.ts';
import { createTheme } from '../../tui/theme/theme.ts';
import type { GlyphSetName } from '../../tui/theme/glyphs.ts';
import { displayWidth } from '../../protocol/text/width.ts';
import { initialSlices } from '../../tui/views/all.ts';
import type { ViewId } from '../../tui/views/slices.ts';

export const consoleNowMs = Date.parse('2026-11-21T07:00:00Z');

export function consoleState(view: ViewId, ...messages: readonly Message[]): State {
  const size: Size = { columns: 80, rows: 24 };
  const settings = { size, nowMs: consoleNowMs, view, readOnly: false, mouse: false };
  const link = { state: 'online', sinceMs: consoleNowMs, heardMs: consoleNowMs } as const;
  return [{ type: 'link', link } as const, ...messages].reduce(
    reduce,
    initialState(settings, initialSlices()),
  );
}

/** The lines of the screen, without colours. */
export function drawn(state: State, glyphs: GlyphSetName = 'braille'): readonly string[] {
  const theme = { ...createTheme({ name: 'mono', glyphs, asciiText: false }) };
  const plain = {
    ...theme,
    sgr: Object.fromEntries(Object.keys(theme.sgr).map((role) => [role, ''])) as typeof theme.sgr,
  };
  const { columns, rows } = state.size;
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
  for (const panel of compose(state, plain)) {
    for (const [down, line] of paintPanel(panel, plain).entries()) {
      let x = panel.rect.x;
      for (const character of line) {
        const row = cells[panel.rect.y + down];
        if (row?.[x] !== undefined) row[x] = character;
        // The cell behind a wide character belongs to it.
        if (displayWidth(character) === 2 && row?.[x + 1] !== undefined) row[x + 1] = '';
        x += displayWidth(character);
      }
    }
  }
  return cells.map((row) => row.join('').trimEnd());
}
