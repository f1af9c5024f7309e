/**
 * One thing that a person can do. The list of actions is the key bar, the help, the palette, the
 * targets of the mouse and the keys in the manual.
 */
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Message } from '../state/message.ts';
import type { Choice, Field } from '../state/modal.ts';
import type { State } from '../state/state.ts';
import type { ViewId } from '../views/slices.ts';

export const actionGroups = ['go', 'move', 'select', 'show', 'change', 'console'] as const;
export type ActionGroup = (typeof actionGroups)[number];

/** Where its keys count: with a view shown, in a dialog, in a line of text, or everywhere. */
export type Place = ViewId | 'everywhere' | 'dialog';

export interface Action {
  /** `files.rename`; the part behind the dot is its word in the palette. */
  readonly id: string;
  readonly title: string;
  /** For example `j`, `ctrl+d`, `g g`, `shift+tab`. */
  readonly keys: readonly string[];
  readonly place: Place;
  /** Only with this pane focused. */
  readonly pane?: string | undefined;
  readonly group: ActionGroup;
  /** Its words in the key bar; undefined: it is not there. */
  readonly bar?: string | undefined;
  /** Something in the vault or the agent is changed: refused in a console that may only look. */
  readonly changes?: boolean | undefined;
  /** Why it cannot be done now; undefined: it can. */
  readonly unless?: ((state: State) => string | undefined) | undefined;
  /** Arguments that are asked for when they are not given. */
  readonly fields?: ((state: State) => readonly Field[]) | undefined;
  /** What has to be confirmed, where that has to be looked up first. */
  readonly look?:
    ((io: ActionIo, args: readonly string[]) => Promise<Confirmation | undefined>) | undefined;
  /** What has to be confirmed; undefined: nothing, since it can be undone. */
  readonly confirm?:
    ((state: State, args: readonly string[]) => Confirmation | undefined) | undefined;
  /** Words of the command line that does the same. */
  readonly command?:
    ((state: State, args: readonly string[]) => readonly string[] | undefined) | undefined;
  run(io: ActionIo, args: readonly string[]): Promise<Outcome> | Outcome;
}

export interface Confirmation {
  readonly title: string;
  readonly detail: readonly string[];
  /** Has to be typed, because it cannot be undone. */
  readonly word?: string | undefined;
  /** What was looked at: with these it is run, whatever is selected by then. */
  readonly args?: readonly string[] | undefined;
}

/** What an action did, where that is not seen anyway. */
export type Outcome = OutcomeText | undefined;

export interface OutcomeText {
  readonly text: string;
  readonly kind?: 'done' | 'warning' | undefined;
  readonly undo?: Undo | undefined;
}

export interface Undo {
  readonly title: string;
  readonly command?: readonly string[] | undefined;
  run(client: ControlClient): Promise<void>;
}

/** What an action may do to the world. */
export interface ActionIo {
  state(): State;
  dispatch(message: Message): void;
  /** Runs another action. */
  perform(id: string, args?: readonly string[]): void;
  /** Lets one of several actions be chosen: each is done to what is selected now, or not at all. */
  choose(title: string, options: readonly Choice[]): void;
  /**
   * @param signal cancels the calls
   * @throws VaultError `no-agent` while there is no connection
   */
  client(signal?: AbortSignal): ControlClient;
  /** Runs work that takes a while as a task that is shown and can be cancelled. */
  task<Result>(title: string, work: (task: TaskIo) => Promise<Result>): Promise<Result>;
  /**
   * Runs the command line with these words, for what reads or writes files of this machine.
   * @param input for its standard input; overwritten
   * @returns what it says with `--json`
   * @throws VaultError what it fails with
   */
  vault(words: readonly string[], signal: AbortSignal, input?: Buffer): Promise<unknown>;
  /**
   * Runs the command line with words that only read.
   * @returns what it writes for people
   * @throws VaultError what it fails with
   */
  read(words: readonly string[], signal: AbortSignal): Promise<string>;
  /** What was typed into a field that hides it; overwritten when the action is over. */
  secret(field: number): Buffer;
  readonly terminal: Terminal;
  nowMs(): number;
  /** Takes the latest undoable thing back. */
  undo(): Promise<Outcome>;
  cancelTasks(): number;
}

export interface TaskIo {
  readonly client: ControlClient;
  readonly signal: AbortSignal;
  progress(done: number, total?: number): void;
}

export interface Terminal {
  /** It shows nothing but ASCII. */
  readonly asciiOnly: boolean;
  copy(text: string): void;
  redraw(): void;
  mouse(on: boolean): void;
  quit(): void;
}
