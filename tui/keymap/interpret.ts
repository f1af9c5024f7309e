/** What a key means in a state: dialogs first, then the filter line, then the actions. Pure. */
import type { ActionsModal, Modal } from '../state/modal.ts';
import { moved } from '../state/list-cursor.ts';
import type { ListCursor, Move } from '../state/list-cursor.ts';
import type { State } from '../state/state.ts';
import { edit, emptyInput, insert } from '../state/text-input.ts';
import type { TextInput } from '../state/text-input.ts';
import { act, change, choiceOf } from './intent.ts';
import type { Intent } from './intent.ts';
import { characterOf } from './keys.ts';
import { anyView } from '../views/all.ts';
import { actionOfKey, findActions } from './action-list.ts';
import type { Found } from './action-list.ts';

/** Rows of lists in dialogs that are surely shown. */
export const dialogRows = 12;

export function interpret(state: State, key: string): readonly Intent[] {
  const modal = state.modals.at(-1);
  // Whatever is open, this leaves.
  if (key === 'ctrl+c' && modal?.type !== 'confirm') return [act('console.quit')];
  if (modal !== undefined) return inModal(state, modal, key);
  if (state.filterInput !== undefined) return inFilter(state.filterInput, key);
  const { action, begins } = actionOfKey(state, key);
  if (begins) {
    return [change({ type: 'pending-keys', keys: joined(state.pendingKeys, key) })];
  }
  const reset = state.pendingKeys === '' ? [] : [change({ type: 'pending-keys', keys: '' })];
  return action === undefined ? reset : [...reset, act(action.id)];
}

/** What pasted text means: text where text is typed, nothing elsewhere. */
export function interpretPaste(state: State, text: string): readonly Intent[] {
  const modal = state.modals.at(-1);
  if (modal !== undefined) {
    const field = secretField(modal);
    if (field !== undefined) return [{ type: 'secret', field, edit: { type: 'insert', text } }];
    const typed = typedInto(modal, (input) => insert(input, text));
    return typed === undefined ? [] : [change({ type: 'change-modal', modal: typed })];
  }
  if (state.filterInput === undefined) return [];
  return filterTyped(insert(state.filterInput, text));
}

function joined(before: string, key: string): string {
  return before === '' ? key : `${before} ${key}`;
}

function inFilter(input: TextInput, key: string): readonly Intent[] {
  if (key === 'enter') return [change({ type: 'filter-input', input: undefined })];
  if (key === 'esc') {
    return [
      change({ type: 'filter-input', input: undefined }),
      change({ type: 'filter', text: '' }),
    ];
  }
  const next = typing(input, key);
  return next === undefined ? [] : filterTyped(next);
}

function filterTyped(input: TextInput): readonly Intent[] {
  return [change({ type: 'filter-input', input }), change({ type: 'filter', text: input.text })];
}

function typing(input: TextInput, key: string): TextInput | undefined {
  const edited = edit(input, key);
  if (edited !== undefined) return edited;
  const character = characterOf(key);
  return character === undefined ? undefined : insert(input, character);
}

const close: Intent = { type: 'message', message: { type: 'close-modal' } };

function inModal(state: State, modal: Modal, key: string): readonly Intent[] {
  if (key === 'esc' || (key === 'ctrl+c' && modal.type === 'confirm')) return [close];
  const chosen = inModalOf(state, modal, key);
  if (chosen !== undefined) return chosen;
  const typed = typedInto(modal, (input) => typing(input, key));
  return typed === undefined ? [] : [change({ type: 'change-modal', modal: typed })];
}

/** Keys that are no text; undefined: it may be text. */
function inModalOf(state: State, modal: Modal, key: string): readonly Intent[] | undefined {
  switch (modal.type) {
    case 'prompt': {
      const last = modal.at === modal.inputs.length - 1;
      if (key === 'enter' && last) {
        const args = modal.inputs.map(({ text }) => text);
        const { action: id, subject } = modal;
        return [close, { type: 'action', id, args, from: { subject } }];
      }
      const by = { enter: 1, tab: 1, down: 1, 'shift+tab': -1, up: -1 }[key];
      if (by === undefined) return secretTyped(modal, key) ?? optionPicked(modal, key);
      const at = (modal.at + by + modal.inputs.length) % modal.inputs.length;
      return [change({ type: 'change-modal', modal: { ...modal, at } })];
    }
    case 'confirm': {
      const agreed = modal.word === undefined ? key === 'y' || key === 'enter' : key === 'enter';
      if (agreed && (modal.word === undefined || modal.input.text === modal.word)) {
        const { action: id, args, subject } = modal;
        return [close, { type: 'action', id, args, from: { subject, confirmed: true } }];
      }
      return modal.word === undefined && key === 'n' ? [close] : undefined;
    }
    case 'help':
    case 'palette': {
      const found = foundIn(state, modal);
      if (key === 'enter') {
        const chosen = found[modal.cursor.index];
        return chosen === undefined ? [] : [close, ...runFound(state, chosen)];
      }
      return listKey(modal, key, found.length);
    }
    case 'choice': {
      const option = modal.options[modal.cursor.index];
      if (key === 'enter' && option !== undefined) return [choiceOf(option)];
      const direct = modal.options[Number(key) - 1];
      if (direct !== undefined) return [choiceOf(direct)];
      return listKey(modal, key === 'j' ? 'down' : key === 'k' ? 'up' : key, modal.options.length);
    }
    case 'document': {
      if (key === 'q' || key === 'enter') return [close];
      const by = documentStep(key, state.size.rows);
      if (by === undefined) return [];
      const last = Math.max(0, modal.rows.length - 1);
      const top = Math.min(Math.max(0, modal.top + by), last);
      return [change({ type: 'change-modal', modal: { ...modal, top } })];
    }
  }
}

/** What such a dialog lists: the help only what has a key here. */
export function foundIn(state: State, { type, input }: ActionsModal): readonly Found[] {
  return findActions(state, input.text, type === 'help' ? 'here' : 'all');
}

/** An action of another view is run there: what it does is seen, and what it needs is read. */
export function runFound(state: State, { action, args }: Found): readonly Intent[] {
  const { place, pane } = action;
  const run = act(action.id, ...args);
  if (place === 'everywhere' || place === 'dialog') return [run];
  const go = place === state.view ? [] : [change({ type: 'go', view: place })];
  const at = pane === undefined ? -1 : anyView(place).panes.indexOf(pane);
  return [...go, ...(at < 0 ? [] : [change({ type: 'focus', pane: at })]), run];
}

/** Number of the field that has the keys, if it hides what is typed. */
function secretField(modal: Modal): number | undefined {
  return modal.type === 'prompt' && modal.fields[modal.at]?.secret === true ? modal.at : undefined;
}

function secretTyped(modal: Modal, key: string): readonly Intent[] | undefined {
  const field = secretField(modal);
  if (field === undefined) return undefined;
  if (key === 'backspace') return [{ type: 'secret', field, edit: { type: 'erase' } }];
  if (key === 'ctrl+u') return [{ type: 'secret', field, edit: { type: 'clear' } }];
  const text = characterOf(key);
  return text === undefined ? [] : [{ type: 'secret', field, edit: { type: 'insert', text } }];
}

/** Left and right, or the space bar, go through the words that a field allows. */
function optionPicked(
  modal: Extract<Modal, { type: 'prompt' }>,
  key: string,
): readonly Intent[] | undefined {
  const options = modal.fields[modal.at]?.options;
  if (options === undefined) return undefined;
  const by = { right: 1, space: 1, left: -1 }[key];
  if (by === undefined) return [];
  const current = options.indexOf(modal.inputs[modal.at]?.text ?? '');
  const text = options[(current + by + options.length) % options.length] ?? '';
  const inputs = modal.inputs.map((input, at) =>
    at === modal.at ? { text, cursor: [...text].length } : input,
  );
  return [change({ type: 'change-modal', modal: { ...modal, inputs } })];
}

const listMoves: Readonly<Record<string, Omit<Move, 'type'>>> = {
  down: { unit: 'line', by: 1 },
  up: { unit: 'line', by: -1 },
  'ctrl+n': { unit: 'line', by: 1 },
  tab: { unit: 'line', by: 1 },
  'shift+tab': { unit: 'line', by: -1 },
  pagedown: { unit: 'page', by: 1 },
  pageup: { unit: 'page', by: -1 },
};

function listKey<M extends Modal & { readonly cursor: ListCursor }>(
  modal: M,
  key: string,
  count: number,
): readonly Intent[] | undefined {
  const step = listMoves[key];
  if (step === undefined) return undefined;
  const shape = { count, height: dialogRows, keyAt: () => undefined };
  const cursor = moved(modal.cursor, { type: 'move', ...step }, shape);
  return [change({ type: 'change-modal', modal: { ...modal, cursor } as Modal })];
}

function documentStep(key: string, rows: number): number | undefined {
  const page = Math.max(1, rows - 6);
  const steps: Readonly<Record<string, number>> = {
    j: 1,
    down: 1,
    k: -1,
    up: -1,
    space: page,
    pagedown: page,
    'ctrl+d': Math.ceil(page / 2),
    'ctrl+u': -Math.ceil(page / 2),
    pageup: -page,
    home: -Infinity,
    g: -Infinity,
    end: Infinity,
    G: Infinity,
  };
  return steps[key];
}

function typedInto(
  modal: Modal,
  type: (input: TextInput) => TextInput | undefined,
): Modal | undefined {
  switch (modal.type) {
    case 'prompt': {
      const input = type(modal.inputs[modal.at] ?? emptyInput);
      if (input === undefined) return undefined;
      return { ...modal, inputs: modal.inputs.map((each, at) => (at === modal.at ? input : each)) };
    }
    case 'confirm': {
      const input = modal.word === undefined ? undefined : type(modal.input);
      return input === undefined ? undefined : { ...modal, input };
    }
    case 'help':
    case 'palette': {
      const input = type(modal.input);
      return input === undefined ? undefined : { ...modal, input, cursor: { index: 0, top: 0 } };
    }
    case 'choice':
    case 'document':
      return undefined;
  }
}
