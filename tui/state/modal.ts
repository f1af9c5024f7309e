/** What lies over the view and has the keys until it is closed. */
import type { Row } from '../screen/span.ts';
import type { ListCursor } from './list-cursor.ts';
import type { TextInput } from './text-input.ts';

/** An argument that an action asks for. */
export interface Field {
  readonly label: string;
  readonly initial?: string | undefined;
  /** One clause below the field. */
  readonly hint?: string | undefined;
  /** Where its word is picked from instead of typed. */
  readonly options?: readonly string[] | undefined;
  /** What is typed is not shown, and is no part of the state: `keymap/secrets.ts` has it. */
  readonly secret?: boolean | undefined;
}

/** In each dialog, `subject` is what the action was to be done to when it was opened; the dispatcher compares it. */
export interface PromptModal {
  readonly type: 'prompt';
  readonly title: string;
  readonly action: string;
  readonly fields: readonly Field[];
  readonly inputs: readonly TextInput[];
  readonly at: number;
  readonly subject?: string | undefined;
}

export interface ConfirmModal {
  readonly type: 'confirm';
  readonly title: string;
  readonly action: string;
  readonly args: readonly string[];
  /** What will happen, in lines. */
  readonly detail: readonly string[];
  /** The command line that does the same. */
  readonly command: string | undefined;
  /** What has to be typed, because it cannot be undone. */
  readonly word: string | undefined;
  readonly input: TextInput;
  readonly subject?: string | undefined;
  /** What was typed into hidden fields waits for the answer. */
  readonly secret?: boolean | undefined;
}

/** Every action that can be run now: the help and the palette are the same list. */
export interface ActionsModal {
  readonly type: 'help' | 'palette';
  readonly input: TextInput;
  readonly cursor: ListCursor;
}

export interface ChoiceModal {
  readonly type: 'choice';
  readonly title: string;
  readonly options: readonly Choice[];
  readonly cursor: ListCursor;
}

export interface Choice {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly action: string;
  readonly args: readonly string[];
  readonly subject?: string | undefined;
}

/** Text to read: why something is so, a difference. */
export interface DocumentModal {
  readonly type: 'document';
  readonly title: string;
  readonly rows: readonly Row[];
  readonly top: number;
}

/** Whether something that was typed and hidden is still needed. */
export function holdsSecret(modal: Modal): boolean {
  if (modal.type === 'prompt') return modal.fields.some(({ secret }) => secret === true);
  return modal.type === 'confirm' && modal.secret === true;
}

export type Modal = PromptModal | ConfirmModal | ActionsModal | ChoiceModal | DocumentModal;
