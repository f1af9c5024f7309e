/** What a view is: a part of the state, what it needs from the agent, what it shows and what it can do. */
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { WatchedReport } from '../../protocol/messages/control-watch.ts';
import type { Action } from '../keymap/action.ts';
import type { Panel, Rect } from '../screen/panel.ts';
import type { Message } from '../state/message.ts';
import type { Failure, ResourceName } from '../state/resources.ts';
import type { State } from '../state/state.ts';
import type { Theme } from '../theme/theme.ts';
import type { Slices, ViewId, ViewMessages } from './slices.ts';

/** Where a view may draw, and with what. */
export interface Frame {
  readonly rect: Rect;
  readonly theme: Theme;
}

/**
 * Something that a view reads for itself while it is shown. It runs when its key appears, again when the
 * agent says that one of `watched` has changed, and is cancelled when its key is gone. An agent that does
 * not say so, and what has no `watched`, is asked again after `everyMs` and after events that `after` fits.
 */
export interface Watch {
  /** Names it with all that it depends on, for example `list:/docs`. */
  readonly key: string;
  readonly everyMs?: number | undefined;
  /** Reports of the agent that it depends on. */
  readonly watched?: readonly WatchedReport[] | undefined;
  /** Another one means that what it reads has changed: it runs again. */
  readonly token?: string | undefined;
  readonly after?: ((event: EventRecord) => boolean) | undefined;
  /**
   * @throws VaultError what the agent fails with
   */
  run(client: ControlClient, io: WatchIo): Promise<void>;
  /** What its failure means for the state; not asked when the connection is gone. */
  failed?: ((failure: Failure, atMs: number) => Message) | undefined;
}

export interface WatchIo {
  /** Arrives in the state with the next batch. */
  emit(message: Message): void;
  nowMs(): number;
  /** It has not run since it appeared. */
  readonly first: boolean;
  /** @throws VaultError `cancelled` when it is over before */
  sleep(delayMs: number): Promise<void>;
  readonly signal: AbortSignal;
}

export interface View<Id extends ViewId = ViewId> {
  readonly id: Id;
  readonly title: string;
  /** One line for the help and the manual. */
  readonly about: string;
  readonly initial: Slices[Id];
  /** Names of the panes, in the order of Tab. */
  readonly panes: readonly string[];
  /** Panes that only draw what others say in words. */
  readonly pictures?: readonly string[] | undefined;
  readonly actions: readonly Action[];
  reduce(slice: Slices[Id], message: ViewMessages[Id], context: ReduceContext): Slices[Id];
  /** After data that it needs has changed; returns the same slice when nothing follows. */
  observe?(slice: Slices[Id], context: ReduceContext): Slices[Id];
  needs(state: State): readonly ResourceName[];
  watches?(state: State): readonly Watch[];
  /** What it reads also while it is not shown. */
  background?(state: State): readonly Watch[];
  /** How much there is that nobody has looked at: it is marked beside its name. */
  unread?(state: State): number;
  /** Unix times whose age is told on the screen. */
  ages?(state: State): readonly number[];
  panels(state: State, frame: Frame): readonly Panel[];
}

export interface ReduceContext {
  readonly state: State;
  /** Where the view is drawn. */
  readonly rect: Rect;
}
