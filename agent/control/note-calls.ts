/** The calls about notes: saying one, and those that were said, with `follow` also those that come. */
import { VaultError } from '../../protocol/errors.ts';
import { notes as limits } from '../../protocol/limits.ts';
import {
  noteRow,
  notesRequest,
  sayRequest,
  type NoteRow,
} from '../../protocol/messages/control-notes.ts';
import type { Call, ControlContext } from './context.ts';

export async function handleSay(
  { notes }: ControlContext,
  { request, stream }: Call,
): Promise<void> {
  const said = await notes.say(sayRequest.fromWire(request));
  await stream.sendMessage(noteRow.toWire(said));
}

export async function handleNotes({ notes }: ControlContext, call: Call): Promise<void> {
  const { path, follow } = notesRequest.fromWire(call.request);
  const { stream } = call;
  const { signal } = stream;
  const coming: NoteRow[] = [];
  let isTooSlow = false;
  let wake: () => void = () => undefined;
  // Followed before the past is sent, so that nothing falls between the two.
  const stop = notes.follow({ path }, (row) => {
    if (coming.length < limits.followQueueMax) coming.push(row);
    else isTooSlow = true;
    wake();
  });
  const aborted = (): void => {
    wake();
  };
  signal.addEventListener('abort', aborted);
  try {
    const sent = new Set<string>();
    for await (const row of notes.rows({ path })) {
      sent.add(`${row.deviceId} ${row.id}`);
      await stream.sendMessage(noteRow.toWire(row));
    }
    while (follow && !signal.aborted) {
      if (isTooSlow) throw tooSlow();
      const row = coming.shift();
      if (row === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (!sent.delete(`${row.deviceId} ${row.id}`)) {
        await stream.sendMessage(noteRow.toWire(row));
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}

function tooSlow(): VaultError {
  return new VaultError('overload', {
    op: 'control.notes',
    subject: 'notes',
    detail: 'they come faster than this client reads',
    next: 'start anew: vault notes shows those that are kept',
  });
}
