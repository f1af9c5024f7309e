/** Everything that can change the state. */
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { ViewId, ViewMessage } from '../views/slices.ts';
import type { Modal } from './modal.ts';
import type { Failure, ResourceName, Resources } from './resources.ts';
import type { Link, Notice, Size, Task, Undoable } from './state.ts';
import type { TextInput } from './text-input.ts';

export type Message =
  | { readonly type: 'resized'; readonly size: Size }
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'go'; readonly view: ViewId }
  | { readonly type: 'travel'; readonly by: -1 | 1 }
  | { readonly type: 'focus'; readonly pane: number }
  | { readonly type: 'zoom' }
  | { readonly type: 'freeze' }
  | { readonly type: 'mouse'; readonly on: boolean }
  | { readonly type: 'open-modal'; readonly modal: Modal }
  | { readonly type: 'change-modal'; readonly modal: Modal }
  | { readonly type: 'close-modal' }
  | { readonly type: 'filter-input'; readonly input: TextInput | undefined }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'pending-keys'; readonly keys: string }
  | { readonly type: 'notice'; readonly notice: Notice | undefined }
  | { readonly type: 'task'; readonly task: Task }
  | { readonly type: 'task-over'; readonly id: number }
  | { readonly type: 'undoable'; readonly undoable: Undoable }
  | { readonly type: 'undone'; readonly id: number }
  | { readonly type: 'command'; readonly line: string }
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'events'; readonly events: readonly EventRecord[] }
  | DataMessage
  | DataFailedMessage
  | ViewMessage;

export type DataMessage = {
  readonly [Name in ResourceName]: {
    readonly type: 'data';
    readonly name: Name;
    readonly value: Resources[Name];
    readonly atMs: number;
    /** Nobody has asked for it lately. */
    readonly first?: boolean | undefined;
  };
}[ResourceName];

export interface DataFailedMessage {
  readonly type: 'data-failed';
  readonly name: ResourceName;
  readonly error: Failure;
  readonly atMs: number;
}
