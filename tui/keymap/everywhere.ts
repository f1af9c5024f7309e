/** The actions that every view has: going places, moving, the console itself. */
import { inputOf, emptyInput } from '../state/text-input.ts';
import { atStart } from '../state/list-cursor.ts';
import type { Move } from '../state/list-cursor.ts';
import { isLocked } from '../state/locked.ts';
import type { State } from '../state/state.ts';
import { anyView, viewTitles } from '../views/all.ts';
import { viewIds } from '../views/slices.ts';
import type { ViewMessage } from '../views/slices.ts';
import type { Action, ActionIo } from './action.ts';

const goActions: readonly Action[] = viewIds.map((view, index) => ({
  id: `go.${view}`,
  title: `Go to ${viewTitles[view]}`,
  keys: [String(index + 1)],
  place: 'everywhere',
  group: 'go',
  run({ dispatch }) {
    dispatch({ type: 'go', view });
    return undefined;
  },
}));

function move(
  id: string,
  title: string,
  keys: readonly string[],
  step: Omit<Move, 'type'>,
): Action {
  return {
    id: `move.${id}`,
    title,
    keys,
    place: 'everywhere',
    group: 'move',
    run({ state, dispatch }) {
      dispatch(toView(state(), { type: 'move', ...step }));
      return undefined;
    },
  };
}

/** Every view understands moves. */
function toView(state: State, message: Move): ViewMessage {
  return { type: 'view', view: state.view, message } as ViewMessage;
}

const moveActions: readonly Action[] = [
  move('down', 'Down', ['j', 'down'], { unit: 'line', by: 1 }),
  move('up', 'Up', ['k', 'up'], { unit: 'line', by: -1 }),
  move('page-down', 'A page down', ['pagedown', 'ctrl+f'], { unit: 'page', by: 1 }),
  move('page-up', 'A page up', ['pageup', 'ctrl+b'], { unit: 'page', by: -1 }),
  move('half-down', 'Half a page down', ['ctrl+d'], { unit: 'half', by: 1 }),
  move('half-up', 'Half a page up', ['ctrl+u'], { unit: 'half', by: -1 }),
  move('top', 'To the first row', ['g g', 'home'], { unit: 'end', by: -1 }),
  move('bottom', 'To the last row', ['G', 'end'], { unit: 'end', by: 1 }),
];

function focusBy(by: number) {
  return ({ state, dispatch }: ActionIo): undefined => {
    const { view, focus } = state();
    const count = anyView(view).panes.length;
    if (count > 1) {
      dispatch({ type: 'focus', pane: ((focus[view] ?? 0) + by + count) % count });
    }
    return undefined;
  };
}

const consoleActions: readonly Action[] = [
  {
    id: 'focus.next',
    title: 'To the next pane',
    keys: ['tab'],
    place: 'everywhere',
    group: 'move',
    run: focusBy(1),
  },
  {
    id: 'focus.previous',
    title: 'To the pane before',
    keys: ['shift+tab'],
    place: 'everywhere',
    group: 'move',
    run: focusBy(-1),
  },
  {
    id: 'go.back',
    title: 'Back: close what is open, drop the filter, then the view before',
    keys: ['esc', '['],
    place: 'everywhere',
    group: 'go',
    run({ state, dispatch }) {
      const { filters, view, zoomed, notice } = state();
      if (notice !== undefined) dispatch({ type: 'notice', notice: undefined });
      else if ((filters[view] ?? '') !== '') dispatch({ type: 'filter', text: '' });
      else if (zoomed) dispatch({ type: 'zoom' });
      else dispatch({ type: 'travel', by: -1 });
      return undefined;
    },
  },
  {
    id: 'go.forward',
    title: 'Forward to the view after',
    keys: [']'],
    place: 'everywhere',
    group: 'go',
    run({ dispatch }) {
      dispatch({ type: 'travel', by: 1 });
      return undefined;
    },
  },
  {
    id: 'show.help',
    title: 'All keys that count here; Enter runs one',
    keys: ['?', 'f1'],
    place: 'everywhere',
    group: 'console',
    bar: 'help',
    run({ dispatch }) {
      dispatch({
        type: 'open-modal',
        modal: { type: 'help', input: emptyInput, cursor: atStart },
      });
      return undefined;
    },
  },
  {
    id: 'show.palette',
    title: 'Find an action by its name, or by its command',
    keys: [':', 'ctrl+p'],
    place: 'everywhere',
    group: 'console',
    bar: 'command',
    run({ dispatch }) {
      dispatch({
        type: 'open-modal',
        modal: { type: 'palette', input: emptyInput, cursor: atStart },
      });
      return undefined;
    },
  },
  {
    id: 'show.filter',
    title: 'Show only rows with a text; !text: rows without it',
    keys: ['/'],
    place: 'everywhere',
    group: 'show',
    bar: 'filter',
    run({ state, dispatch }) {
      const { filters, view } = state();
      dispatch({ type: 'filter-input', input: inputOf(filters[view] ?? '') });
      return undefined;
    },
  },
  {
    id: 'show.zoom',
    title: 'The focused pane alone, and back',
    keys: ['z'],
    place: 'everywhere',
    group: 'show',
    run({ dispatch }) {
      dispatch({ type: 'zoom' });
      return undefined;
    },
  },
  {
    id: 'show.freeze',
    title: 'Hold the figures still, and let them go on',
    keys: ['f'],
    place: 'everywhere',
    group: 'show',
    run({ state, dispatch }) {
      dispatch({ type: 'freeze' });
      return { text: state().frozen ? 'The figures stand still' : 'The figures go on' };
    },
  },
  {
    id: 'console.undo',
    title: 'Take the latest change back',
    keys: ['u'],
    place: 'everywhere',
    group: 'change',
    changes: true,
    unless: ({ undo }) => (undo.length === 0 ? 'there is nothing to take back' : undefined),
    run: (io) => io.undo(),
  },
  {
    id: 'console.unlock',
    title: 'Give the agent the passphrase of its keys',
    keys: ['!'],
    place: 'everywhere',
    group: 'change',
    bar: 'unlock',
    changes: true,
    unless: (state) => (isLocked(state) ? undefined : 'the keys are not locked'),
    fields: () => [{ label: 'passphrase of the keys', secret: true }],
    command: () => ['unlock'],
    async run(io) {
      const passphrase = io.secret(0);
      await io.task('Unlocking the keys', ({ client }) => client.unlock({ passphrase }));
      return { text: 'The keys are unlocked' };
    },
  },
  {
    id: 'console.copy-command',
    title: 'Copy the latest command line',
    keys: ['Y'],
    place: 'everywhere',
    group: 'console',
    unless: ({ commands }) => (commands.length === 0 ? 'no command was shown yet' : undefined),
    run({ state, terminal }) {
      terminal.copy(state().commands.at(-1) ?? '');
      return { text: 'The command line is copied' };
    },
  },
  {
    id: 'console.cancel',
    title: 'Stop what runs in this console',
    keys: ['X'],
    place: 'everywhere',
    group: 'console',
    unless: ({ tasks }) => (tasks.length === 0 ? 'nothing runs' : undefined),
    run({ cancelTasks }) {
      return { text: `Stopped: ${String(cancelTasks())}`, kind: 'warning' };
    },
  },
  {
    id: 'console.mouse',
    title: 'Give the mouse to the console, and back to the terminal',
    keys: ['m'],
    place: 'everywhere',
    group: 'console',
    run({ state, dispatch, terminal }) {
      const on = !state().mouse;
      terminal.mouse(on);
      dispatch({ type: 'mouse', on });
      return { text: on ? 'Clicks and the wheel work' : 'The terminal has the mouse: select text' };
    },
  },
  {
    id: 'console.redraw',
    title: 'Draw the screen anew',
    keys: ['ctrl+l'],
    place: 'everywhere',
    group: 'console',
    run({ terminal }) {
      terminal.redraw();
      return undefined;
    },
  },
  {
    id: 'console.quit',
    title: 'Leave',
    keys: ['q', 'ctrl+c'],
    place: 'everywhere',
    group: 'console',
    bar: 'quit',
    confirm({ tasks }) {
      if (tasks.length === 0) return undefined;
      return {
        title: 'Leave, and stop what runs?',
        detail: tasks.map(({ title }) => title),
      };
    },
    run({ terminal }) {
      terminal.quit();
      return undefined;
    },
  },
];

export const everywhere: readonly Action[] = [...goActions, ...moveActions, ...consoleActions];
