/** What a key or a click leads to: a change of the state, or an action that the dispatcher runs. */
import type { Message } from '../state/message.ts';

export type Intent =
  | { readonly type: 'message'; readonly message: Message }
  | {
      readonly type: 'action';
      readonly id: string;
      readonly args?: readonly string[] | undefined;
      /** Of the dialog that it comes from. */
      readonly subject?: string | undefined;
    }
  | { readonly type: 'secret'; readonly field: number; readonly edit: SecretEdit }
  | { readonly type: 'sequence'; readonly intents: readonly Intent[] };

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

/** Runs an action out of a dialog, which is closed. */
export function actFromDialog(id: string, ...args: readonly string[]): Intent {
  return inOrder(change({ type: 'close-modal' }), act(id, ...args));
}
