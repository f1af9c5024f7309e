/** What a key or a click leads to: a change of the state, or an action that the dispatcher runs. */
import type { Message } from '../state/message.ts';
import type { Choice } from '../state/modal.ts';

export type Intent =
  | { readonly type: 'message'; readonly message: Message }
  | {
      readonly type: 'action';
      readonly id: string;
      readonly args?: readonly string[] | undefined;
      readonly from?: FromDialog | undefined;
    }
  | { readonly type: 'secret'; readonly field: number; readonly edit: SecretEdit }
  | { readonly type: 'sequence'; readonly intents: readonly Intent[] };

/** What a dialog says of the action that it leads to; nothing that is typed can say it. */
export interface FromDialog {
  /** What it was opened for: the action is done to this, or not at all. */
  readonly subject?: string | undefined;
  /** It has asked, and the answer was yes. */
  readonly confirmed?: boolean | undefined;
}

/** Typed into a field that hides it. */
export type SecretEdit =
  | { readonly type: 'insert'; readonly text: string }
  | { readonly type: 'erase' }
  | { readonly type: 'clear' };

export function change(message: Message): Intent {
  return { type: 'message', message };
}

export function act(id: string, ...args: readonly string[]): Intent {
  return { type: 'action', id, args: args.length === 0 ? undefined : args };
}

export function inOrder(...intents: readonly Intent[]): Intent {
  return { type: 'sequence', intents };
}

/** Runs what was chosen; the dialog is closed. */
export function choiceOf({ action: id, args, subject }: Choice): Intent {
  const run: Intent = { type: 'action', id, args, from: { subject } };
  return inOrder(change({ type: 'close-modal' }), run);
}
