/** Draws the state whenever it has changed: once for all changes of one turn. */
import type { Runtime } from './runtime.ts';
import { compose } from './screen/compose.ts';
import { screenLines } from './screen/lines.ts';
import type { Painter } from './terminal/painter.ts';
import type { Theme } from './theme/theme.ts';

export interface ScreenParts {
  readonly runtime: Pick<Runtime, 'state' | 'subscribe'>;
  readonly painter: Painter;
  readonly theme: Theme;
  /** It could not be drawn; nothing is drawn any more. */
  failed(error: unknown): void;
}

/** @returns what ends it */
export function startDrawing({ runtime, painter, theme, failed }: ScreenParts): () => void {
  let due = false;
  let over = false;

  function draw(): void {
    due = false;
    // The terminal may have been given back since it became due.
    if (over) return;
    try {
      const state = runtime.state();
      painter.draw(screenLines(compose(state, theme), state.size.rows, theme));
    } catch (error) {
      stop();
      failed(error);
    }
  }

  const unsubscribe = runtime.subscribe(() => {
    if (due) return;
    due = true;
    queueMicrotask(draw);
  });

  function stop(): void {
    over = true;
    unsubscribe();
  }

  draw();
  return stop;
}
