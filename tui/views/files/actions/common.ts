/** What the actions of the files view share. */
import type { Action, ActionIo, Outcome } from '../../../keymap/action.ts';
import type { State } from '../../../state/state.ts';
import type { FilesMessage, FilesMode, FilesSlice } from '../slice.ts';

export function filesOf(state: State): FilesSlice {
  return state.slices.files;
}

/** What was looked for in one list means nothing in another; in the list of files it still counts afterwards. */
export function tell(io: ActionIo, message: FilesMessage): void {
  const before = filesOf(io.state());
  io.dispatch({ type: 'view', view: 'files', message });
  const { mode, keptFilter } = filesOf(io.state());
  const text = mode === 'browse' ? keptFilter : '';
  if (mode !== before.mode && text !== before.filter) io.dispatch({ type: 'filter', text });
}

/** What is the same in every action here. */
export function filesAction(action: Omit<Action, 'place'>): Action {
  return { ...action, place: 'files' };
}

const names: Readonly<Record<FilesMode, string>> = {
  browse: 'the list of files',
  history: 'a history',
  trash: 'the deleted ones',
  conflicts: 'the conflicts',
  snapshots: 'the snapshots',
};

/** Why an action of one list cannot be done in another; undefined: it can. */
export function only(mode: FilesMode, state: State): string | undefined {
  return filesOf(state).mode === mode ? undefined : `that is for ${names[mode]}`;
}

/** Why nothing can be changed now. */
export function onlyNow(state: State): string | undefined {
  return filesOf(state).at === undefined ? undefined : 'this is the past; N goes back to now';
}

/** Runs an operation for several things in order; the first failure ends it. */
export async function forEach<Item>(
  io: ActionIo,
  title: string,
  items: readonly Item[],
  run: (item: Item, client: ReturnType<ActionIo['client']>) => Promise<unknown>,
): Promise<void> {
  await io.task(title, async ({ client, signal, progress }) => {
    for (const [at, item] of items.entries()) {
      signal.throwIfAborted();
      await run(item, client);
      if (items.length > 1) progress(at + 1, items.length);
    }
  });
}

export function done(text: string, more: Partial<NonNullable<Outcome>> = {}): Outcome {
  return { text, ...more };
}
