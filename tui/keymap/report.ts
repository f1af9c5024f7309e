/** Shows what a command of the command line writes for people: a report is written once, there. */
import { row, wrap } from '../screen/span.ts';
import type { Row } from '../screen/span.ts';
import { linesOf } from '../state/text-lines.ts';
import type { ActionIo, Outcome } from './action.ts';

/** Of the dialog, around its rows. */
const frameColumns = 4;
const columnsMax = 120;

/** @param words a command that only reads */
export async function showReport(
  io: ActionIo,
  title: string,
  words: readonly string[],
): Promise<Outcome> {
  const text = await io.task(title, ({ signal }) => io.read(words, signal));
  const width = Math.min(io.state().size.columns - 2, columnsMax) - frameColumns;
  const rows = linesOf(text).flatMap((line): Row[] =>
    line === '' ? [row()] : wrap(line, width).map((part) => row(` ${part}`)),
  );
  io.dispatch({ type: 'open-modal', modal: { type: 'document', title, rows, top: 0 } });
  return undefined;
}
