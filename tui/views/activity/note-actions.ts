/** Reading notes and leaving one. */
import { escapeText } from '../../../protocol/text/escape.ts';
import type { Action, ActionIo, Outcome } from '../../keymap/action.ts';
import { showReport } from '../../keymap/report.ts';
import { operandWords } from '../../keymap/words.ts';
import type { State } from '../../state/state.ts';

export const noteHint = 'at most 2048 bytes; it reaches the others when they are online';
const all = 'all';

/** @param device id, name, or undefined: all that read */
export async function say(io: ActionIo, text: string, device?: string): Promise<Outcome> {
  const { to } = await io.client().say({ text, device });
  return { text: to === undefined ? 'Said to all who read' : `Said to ${escapeText(to.name)}` };
}

/** A device that calls itself as all are called here is told in Devices, by its id. */
function namesOf(state: State): readonly string[] {
  const members = state.data.members?.value ?? [];
  const names = members
    .filter(({ self, state: standing }) => !self && standing === 'active')
    .map(({ name }) => name);
  return [...new Set(names)].filter((name) => name !== all);
}

export const noteActions: readonly Action[] = [
  {
    id: 'activity.notes',
    title: 'The notes, or the events',
    keys: ['n'],
    place: 'activity',
    group: 'show',
    bar: 'notes',
    command: ({ slices }) => (slices.activity.source === 'notes' ? ['events'] : ['notes']),
    run({ state, dispatch }) {
      const source = state().slices.activity.source === 'notes' ? 'events' : 'notes';
      dispatch({ type: 'view', view: 'activity', message: { type: 'source', source } });
      return undefined;
    },
  },
  {
    id: 'activity.say',
    title: 'Leave a note for a device or for all',
    keys: ['s'],
    place: 'activity',
    group: 'change',
    bar: 'say',
    changes: true,
    fields: (state) => [
      { label: 'to', initial: all, options: [all, ...namesOf(state)] },
      { label: 'note', hint: noteHint },
    ],
    command: (_state, [to = '', text = '']) => [
      'say',
      ...operandWords(...(to === all ? [] : [to]), text),
    ],
    run: (io, [to = '', text = '']) => say(io, text, to === all ? undefined : to),
  },
  {
    id: 'activity.verify',
    title: 'Is the audit log whole?',
    keys: ['v'],
    place: 'activity',
    group: 'show',
    command: () => ['audit', '--verify'],
    run: (io) => showReport(io, 'The audit log', ['audit', '--verify']),
  },
];
