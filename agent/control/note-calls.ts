/** The calls about notes: saying one, and those that were said, with `follow` also those that come. */
import { notes as limits } from '../../protocol/limits.ts';
import {
  noteRow,
  notesRequest,
  sayRequest,
  type NoteRow,
} from '../../protocol/messages/control-notes.ts';
import type { Call, ControlContext } from './context.ts';
import { sendAndFollow } from './follow.ts';

export async function handleSay(
  { notes }: ControlContext,
  { request, stream }: Call,
): Promise<void> {
  const said = await notes.say(sayRequest.fromWire(request));
  await stream.sendMessage(noteRow.toWire(said));
}

export async function handleNotes({ notes }: ControlContext, call: Call): Promise<void> {
  const { path, follow } = notesRequest.fromWire(call.request);
  const sent = new Set<string>();
  await sendAndFollow<NoteRow>(call.stream, {
    past: notes.rows({ path }),
    subscribe: (onRow) => notes.follow({ path }, onRow),
    sent: (row) => sent.add(keyOf(row)),
    wasSent: (row) => sent.delete(keyOf(row)),
    toWire: (row) => noteRow.toWire(row),
    follow,
    queuedMax: limits.followQueueMax,
    tooSlow: {
      op: 'control.notes',
      subject: 'notes',
      next: 'start anew: vault notes shows those that are kept',
    },
  });
}

function keyOf({ deviceId, id }: NoteRow): string {
  return `${deviceId} ${id}`;
}
