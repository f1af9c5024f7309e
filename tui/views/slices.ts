/** The names of all views, and of each the type of its part of the state and of its messages. */
import type { ActivityMessage, ActivitySlice } from './activity/slice.ts';
import type { CopiesMessage, CopiesSlice } from './copies/slice.ts';
import type { DevicesMessage, DevicesSlice } from './devices/slice.ts';
import type { FilesMessage, FilesSlice } from './files/slice.ts';
import type { OverviewMessage, OverviewSlice } from './overview/slice.ts';
import type { SettingsMessage, SettingsSlice } from './settings/slice.ts';
import type { TransfersMessage, TransfersSlice } from './transfers/slice.ts';

/** In the order of their numbers. */
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

export interface Slices {
  readonly overview: OverviewSlice;
  readonly files: FilesSlice;
  readonly devices: DevicesSlice;
  readonly transfers: TransfersSlice;
  readonly copies: CopiesSlice;
  readonly activity: ActivitySlice;
  readonly settings: SettingsSlice;
}

export interface ViewMessages {
  readonly overview: OverviewMessage;
  readonly files: FilesMessage;
  readonly devices: DevicesMessage;
  readonly transfers: TransfersMessage;
  readonly copies: CopiesMessage;
  readonly activity: ActivityMessage;
  readonly settings: SettingsMessage;
}

export type ViewMessage = {
  readonly [Id in ViewId]: {
    readonly type: 'view';
    readonly view: Id;
    readonly message: ViewMessages[Id];
  };
}[ViewId];
