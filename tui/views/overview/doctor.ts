/** What `vault doctor` finds, to read. */
import { escapeText } from '../../../protocol/text/escape.ts';
import type { ActionIo } from '../../keymap/action.ts';
import { row, span, wrap } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';

const results = { ok: 'ok', warning: 'warn', failed: 'bad' } as const;

export async function showDoctor(io: ActionIo): Promise<undefined> {
  const report = await io.task('Checking', ({ client }) => client.doctor());
  const width = Math.min(io.state().size.columns - 8, 112);
  const rows = report.checks.flatMap(({ name, result, message, next }): Row[] => [
    row(span(results[result], ` ${result.padEnd(8)}`), ` ${escapeText(name)}`),
    ...wrap(escapeText(message), width - 11).map((line) => row(`          ${line}`)),
    ...(next === undefined
      ? []
      : wrap(`try: ${escapeText(next)}`, width - 11).map((line) =>
          row(span('dim', `          ${line}`)),
        )),
  ]);
  io.dispatch({
    type: 'open-modal',
    modal: { type: 'document', title: 'Doctor', rows, top: 0 },
  });
  return undefined;
}
