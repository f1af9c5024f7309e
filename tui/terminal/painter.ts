/**
 * Brings rows to the terminal: those that are not there yet, in one write that the terminal shows at once
 * if it can. The library that holds the terminal would take every cell of every frame apart and measure it
 * again, which costs several times what a screen costs to make.
 */
import {
  clearScreen,
  cursorHidden,
  rowStart,
  togetherBegin,
  togetherEnd,
  wrapOff,
  wrapOn,
} from './sequences.ts';

export interface Painter {
  /** @param lines every row of the screen, each of them whole */
  draw(lines: readonly string[]): void;
  /** What is on the terminal is not known any more: it is wiped, and the next screen is written whole. */
  forget(): void;
}

export function createPainter(write: (text: string) => void): Painter {
  let shown: readonly string[] | undefined;

  return {
    draw(lines) {
      const changed = lines.flatMap((line, at) =>
        line === shown?.[at] ? [] : [rowStart(at) + line],
      );
      // What a terminal takes to be wider than we do must end with its row: the last one would scroll all of them.
      const begin = togetherBegin + cursorHidden + wrapOff;
      const wiped = shown === undefined ? clearScreen : '';
      shown = lines;
      if (changed.length > 0) write(begin + wiped + changed.join('') + wrapOn + togetherEnd);
    },
    forget() {
      shown = undefined;
    },
  };
}
