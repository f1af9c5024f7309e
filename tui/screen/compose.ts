/** The whole screen as panels, those that lie above last. A pure function of the state. */
import type { State } from '../state/state.ts';
import type { Theme } from '../theme/theme.ts';
import { anyView } from '../views/all.ts';
import { footerPanel, headerPanel } from './chrome.ts';
import { dialogPanel } from './dialogs.ts';
import { geometryOf, smallest } from './geometry.ts';
import type { Panel } from './panel.ts';
import { row, span } from './span.ts';

export function compose(state: State, theme: Theme): readonly Panel[] {
  const geometry = geometryOf(state.size);
  if (geometry.tooSmall) return [tooSmall(state)];
  return [
    headerPanel(state, geometry, theme),
    ...anyView(state.view).panels(state, { rect: geometry.body, theme }),
    footerPanel(state, geometry, theme),
    ...state.modals.map((modal) => dialogPanel(state, modal, theme)),
  ];
}

function tooSmall({ size }: State): Panel {
  const { columns, rows } = size;
  const need = `${String(smallest.columns)}x${String(smallest.rows)}`;
  return {
    id: 'too-small',
    rect: { x: 0, y: 0, width: columns, height: rows },
    rows: [
      row(span('warn', 'Too small')),
      row(`${String(columns)}x${String(rows)}, needs ${need}`),
    ],
  };
}
