/** The views that there are, by name. The one place where a new view is added. */
import { activity } from './activity/view.ts';
import { copies } from './copies/view.ts';
import { devices } from './devices/view.ts';
import { files } from './files/view.ts';
import { overview } from './overview/view.ts';
import { settings } from './settings/view.ts';
import { transfers } from './transfers/view.ts';
import { viewIds } from './slices.ts';
import type { Slices, ViewId } from './slices.ts';
import type { View } from './view.ts';

type Views = { readonly [Id in ViewId]: View<Id> };

const views: Views = {
  overview,
  files,
  devices,
  transfers,
  copies,
  activity,
  settings,
};

export const viewTitles: Readonly<Record<ViewId, string>> = {
  overview: 'Overview',
  files: 'Files',
  devices: 'Devices',
  transfers: 'Transfers',
  copies: 'Copies',
  activity: 'Activity',
  settings: 'Settings',
};

/** A view whose slice and messages are handed on without a look into them. */
export function anyView(id: ViewId): View {
  return views[id] as unknown as View;
}

export function initialSlices(): Slices {
  return Object.fromEntries(viewIds.map((id) => [id, views[id].initial])) as unknown as Slices;
}
