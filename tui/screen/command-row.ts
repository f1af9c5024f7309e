/** The row with the command line that does the same as an action. Pure. */
import { displayWidth } from '../../protocol/text/width.ts';
import { commandLine } from '../keymap/words.ts';
import type { State } from '../state/state.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import { row, span } from './span.ts';
import type { Row } from './span.ts';

export interface CommandRoom {
  readonly width: number;
  readonly glyphs: Glyphs;
}

/** Where it does not fit, the way to the agent makes room: it is always the same, and `Y` copies all of it. */
export function commandRow({ reach }: State, line: string, { width, glyphs }: CommandRoom): Row {
  const whole = ` $ ${line}`;
  const head = commandLine(reach);
  const isShortened = reach.length > 0 && displayWidth(whole) > width && line.startsWith(head);
  const shown = isShortened ? ` $ vault ${glyphs.ellipsis}${line.slice(head.length)}` : whole;
  return row(span('dim', shown));
}
