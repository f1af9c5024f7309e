/** Finds the moment that somebody has named: a snapshot or a time. */
import { VaultError } from '../../../protocol/errors.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { parseTime } from '../../../protocol/text/time.ts';
import type { ActionIo } from '../../keymap/action.ts';

const op = 'tui.moment';

/**
 * @param label as it was typed
 * @throws VaultError `usage` for what is still to come, and what the agent says
 */
export async function findMoment(io: ActionIo, label: string): Promise<Moment> {
  const timeMs = parseTime(label, io.nowMs());
  if (timeMs !== undefined && timeMs > io.nowMs()) {
    throw new VaultError('usage', { op, subject: label, detail: 'this time is still to come' });
  }
  return io.task(`The tree as it was: ${escapeText(label)}`, async ({ client, progress }) => {
    for await (const down of client.moment({ text: label, timeMs })) {
      if (down.type === 'ready') return down.moment;
      progress(down.batchesDone, down.batchesTotal);
    }
    throw new VaultError('malformed', { op, subject: label, detail: 'no moment came' });
  });
}
