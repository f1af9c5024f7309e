/** Finds the moment that somebody has named: a snapshot or a time. */
import { VaultError } from '../../../protocol/errors.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { parseTime } from '../../../protocol/text/time.ts';
import type { ActionIo } from '../../keymap/action.ts';
import { operandWords, optionWords } from '../../keymap/words.ts';
import type { FilesSlice } from './slice.ts';

const op = 'tui.moment';

/** @param paths as `pathWords` writes them */
export function restoreAtWords(label: string, paths: readonly string[]): readonly string[] {
  const flags = paths.filter((word) => word.startsWith('-'));
  const operands = operandWords(label, ...paths.slice(flags.length));
  return ['snapshot', 'restore', ...flags, ...operands];
}

/** The option that names a moment. */
export function atWords(label: string): readonly string[] {
  return optionWords('--at', label);
}

/** A moment as somebody has typed it; spaces around it count only where a snapshot is called so. */
export function typedMoment(typed: string, { snapshots }: FilesSlice): string {
  return snapshots?.some(({ name }) => name === typed) === true ? typed : typed.trim();
}

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
