/** Dialogs as panels over the view. Pure. */
import { escapeText } from '../../protocol/text/escape.ts';
import type { Action } from '../keymap/action.ts';
import { change, choiceOf, inOrder } from '../keymap/intent.ts';
import { dialogRows, foundIn, runFound } from '../keymap/interpret.ts';
import { keyText } from '../keymap/keys.ts';
import { commandLine } from '../keymap/words.ts';
import { wordOf } from '../keymap/action-list.ts';
import { shownRange } from '../state/list-cursor.ts';
import type {
  ActionsModal,
  ChoiceModal,
  ConfirmModal,
  DocumentModal,
  Modal,
  PromptModal,
} from '../state/modal.ts';
import type { State } from '../state/state.ts';
import type { Theme } from '../theme/theme.ts';
import { viewTitles } from '../views/all.ts';
import type { ViewId } from '../views/slices.ts';
import { inputSpans } from './chrome.ts';
import { commandRow } from './command-row.ts';
import { centred } from './geometry.ts';
import type { Panel } from './panel.ts';
import { fit, row, span, wrap } from './span.ts';
import type { Row } from './span.ts';

export function dialogPanel(state: State, modal: Modal, theme: Theme): Panel {
  switch (modal.type) {
    case 'prompt':
      return promptPanel(state, modal, theme);
    case 'confirm':
      return confirmPanel(state, modal, theme);
    case 'help':
    case 'palette':
      return actionsPanel(state, modal, theme);
    case 'choice':
      return choicePanel(state, modal, theme);
    case 'document':
      return documentPanel(state, modal);
  }
}

function boxOf(state: State, width: number, rows: readonly Row[], title: string): Panel {
  return {
    id: `dialog:${String(state.modals.length)}`,
    rect: centred(state.size, width, rows.length + 2),
    rows,
    title,
    focused: true,
    // A click that means nothing must not reach what lies below.
    click: () => undefined,
  };
}

function widthOf(state: State): number {
  return Math.min(76, state.size.columns - 2);
}

function promptPanel(state: State, modal: PromptModal, { glyphs }: Theme): Panel {
  const width = widthOf(state);
  const line = { width: width - 3, glyphs };
  const rows = modal.fields.flatMap((field, at) => {
    const input = modal.inputs[at];
    const focused = at === modal.at;
    const typed =
      input === undefined ? [] : focused ? inputSpans(input, line) : [escapeText(input.text)];
    const hint =
      field.options === undefined ? field.hint : `Left, Right: ${field.options.join(', ')}`;
    return [
      row(span(focused ? 'accent' : 'dim', ` ${field.label}`)),
      row(' ', ...typed),
      ...(hint === undefined
        ? []
        : wrap(hint, width - 4).map((line) => row(span('dim', ` ${line}`)))),
    ];
  });
  const help = row(span('key', ' Enter'), ' go on  ', span('key', 'Esc'), ' leave it');
  return boxOf(state, width, [...rows, [], help], modal.title);
}

function confirmPanel(state: State, modal: ConfirmModal, { glyphs }: Theme): Panel {
  const width = widthOf(state);
  const detail = modal.detail.flatMap((line) => wrap(line, width - 4));
  const command =
    modal.command === undefined
      ? []
      : [[], ...wrap(`$ ${modal.command}`, width - 4).map((line) => row(span('dim', ` ${line}`)))];
  const answer =
    modal.word === undefined
      ? [row(span('key', ' y'), ' yes  ', span('key', 'n'), ' no')]
      : [
          row(' It cannot be undone. To go on, type ', span('strong', modal.word)),
          row(' ', ...inputSpans(modal.input, { width: width - 3, glyphs })),
          row(span('key', ' Enter'), ' go on  ', span('key', 'Esc'), ' leave it'),
        ];
  // However much is said, how to answer it is seen.
  const room = Math.max(0, state.size.rows - answer.length - 3);
  const said = [...detail.map((line) => row(` ${line}`)), ...command].slice(0, room);
  return boxOf(state, width, [...said, [], ...answer], modal.title);
}

function actionsPanel(state: State, modal: ActionsModal, theme: Theme): Panel {
  const width = widthOf(state);
  const found = foundIn(state, modal);
  const height = Math.max(1, Math.min(dialogRows, state.size.rows - 6));
  const { start, end } = shownRange(modal.cursor, found.length, height);
  const listed = found.slice(start, end).map(({ action }, at) => {
    const selected = start + at === modal.cursor.index;
    const text = actionLine(action, modal.type, { width: width - 4, theme, view: state.view });
    const line = `${selected ? theme.glyphs.pointer : ' '}${text}`;
    return row(span(selected ? 'selected' : 'text', line));
  });
  const none = found.length === 0 ? [row(span('dim', ' Nothing fits'))] : [];
  const chosen = found[modal.cursor.index];
  const command = chosen === undefined ? undefined : commandOf(state, chosen.action, chosen.args);
  const rows = [
    row(
      span('key', modal.type === 'palette' ? ' :' : ' ?'),
      ...inputSpans(modal.input, { width: width - 4, glyphs: theme.glyphs }),
    ),
    ...listed,
    ...none,
    ...Array.from({ length: Math.max(0, height - listed.length - none.length) }, () => []),
    command === undefined
      ? []
      : commandRow(state, command, { width: width - 2, glyphs: theme.glyphs }),
  ];
  const title = modal.type === 'palette' ? 'Do' : 'Keys';
  const panel = boxOf(state, width, rows, title);
  return {
    ...panel,
    note: `${String(found.length)} actions, Enter runs one`,
    click(at) {
      const chosen = found[start + at - 1];
      if (chosen === undefined || at === 0) return undefined;
      return inOrder(change({ type: 'close-modal' }), ...runFound(state, chosen));
    },
  };
}

function actionLine(
  action: Action,
  type: ActionsModal['type'],
  { width, theme, view }: { width: number; theme: Theme; view: ViewId },
): string {
  const keys = action.keys.map(keyText).join(' ');
  const { ellipsis } = theme.glyphs;
  const first = type === 'palette' ? wordOf(action) : keys;
  const last = type === 'palette' ? keys : wordOf(action);
  const { place } = action;
  const elsewhere = place !== 'everywhere' && place !== 'dialog' && place !== view;
  const where = elsewhere ? `${viewTitles[place]}: ` : '';
  const title = where + action.title;
  // What it does is what it is chosen by: the other name of it goes first.
  if (width < 60) {
    const firstWidth = Math.floor(width / 3);
    return `${fit(first, firstWidth, { ellipsis })} ${fit(title, width - firstWidth - 1, { ellipsis })}`;
  }
  return `${fit(first, 16, { ellipsis })} ${fit(title, width - 32, { ellipsis })} ${fit(last, 14, { ellipsis })}`;
}

function commandOf(state: State, action: Action, args: readonly string[]): string | undefined {
  const fields = action.fields?.(state) ?? [];
  const blanks = fields.map(({ label }) => `<${label}>`);
  const given = blanks.map((blank, at) => args[at] ?? blank);
  const words = action.unless?.(state) === undefined ? action.command?.(state, given) : undefined;
  return words === undefined ? undefined : commandLine([...state.reach, ...words], blanks);
}

function choicePanel(state: State, modal: ChoiceModal, theme: Theme): Panel {
  const width = widthOf(state);
  const height = Math.max(1, Math.min(dialogRows, state.size.rows - 4));
  const { start, end } = shownRange(modal.cursor, modal.options.length, height);
  const rows = modal.options.slice(start, end).map(({ label, hint }, at) => {
    const index = start + at;
    const selected = index === modal.cursor.index;
    const number = index < 9 ? String(index + 1) : ' ';
    const text = `${selected ? theme.glyphs.pointer : ' '}${number} ${label}`;
    const line = hint === undefined ? text : `${text}  ${hint}`;
    return row(span(selected ? 'selected' : 'text', fit(line, width - 2, theme.glyphs)));
  });
  return {
    ...boxOf(state, width, rows, modal.title),
    click(at) {
      const option = modal.options[start + at];
      return option === undefined ? undefined : choiceOf(option);
    },
  };
}

function documentPanel(state: State, modal: DocumentModal): Panel {
  const { columns, rows } = state.size;
  const height = Math.min(rows - 2, Math.max(3, modal.rows.length + 2));
  const top = Math.min(modal.top, Math.max(0, modal.rows.length - (height - 2)));
  return {
    id: `dialog:${String(state.modals.length)}`,
    rect: centred(state.size, Math.min(columns - 2, 120), height),
    rows: modal.rows.slice(top, top + height - 2),
    title: modal.title,
    note: 'Esc closes',
    focused: true,
    scroll: { top, count: modal.rows.length },
    click: () => change({ type: 'close-modal' }),
  };
}
