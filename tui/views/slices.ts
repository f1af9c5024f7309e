/** The names of all views, and of each the type of its part of the state and of its messages. */
import type { FilesMessage, FilesSlice } from './files/slice.ts';
import type { OverviewMessage, OverviewSlice } from './overview/slice.ts';
import type { TransfersMessage, TransfersSlice } from './transfers/slice.ts';

/** In the order of their numbers. A view that has no folder yet says so when it is opened. */
export const viewIds = [
  'overview',
  'files',
  'devices',
  'transfers',
  'copies',
  'activity',
  'settings',
] as const;
export type ViewId = (typeof viewIds)[number];

/** Of a view that is not in this version. */
export type Missing = undefined;

export interface Slices {
  readonly overview: OverviewSlice;
  readonly files: FilesSlice;
  readonly devices: Missing;
  readonly transfers: TransfersSlice;
  readonly copies: Missing;
  readonly activity: Missing;
  readonly settings: Missing;
}

export interface ViewMessages {
  readonly overview: OverviewMessage;
  readonly files: FilesMessage;
  readonly devices: never;
  readonly transfers: TransfersMessage;
  readonly copies: never;
  readonly activity: never;
  readonly settings: never;
}

export type ViewMessage = {
  readonly [Id in ViewId]: {
    readonly type: 'view';
    readonly view: Id;
    readonly message: ViewMessages[Id];
  };
}[ViewId];
