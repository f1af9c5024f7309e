import test from 'ava';
import { startDrawing } from '../../tui/drawing.ts';
import { createTheme } from '../../tui/theme/theme.ts';
import { consoleState } from '../helpers/console-state.ts';

test('what became due before it was ended is not drawn on the terminal that was given back', async (t) => {
  let changed = (): void => undefined;
  let drawn = 0;
  const stop = startDrawing({
    runtime: {
      state: () => consoleState('overview'),
      subscribe(listener) {
        changed = listener;
        return () => undefined;
      },
    },
    painter: { draw: () => (drawn += 1), forget: () => undefined },
    theme: createTheme({ name: 'mono', glyphs: 'braille', asciiText: false }),
    failed: (error) => t.fail(String(error)),
  });
  t.is(drawn, 1);
  changed();
  changed();
  await Promise.resolve();
  t.is(drawn, 2, 'once for all changes of one turn');
  changed();
  stop();
  await Promise.resolve();
  t.is(drawn, 2);
});
