/** The devices: who belongs to the vault, how they are reached, inviting, confirming, sending away. */
import type { View } from '../view.ts';
import { deviceActions } from './actions.ts';
import { devicesPanes, layoutOf } from './layout.ts';
import { devicePanel, devicesPanel, topologyPanel } from './panes.ts';
import { listedDevices } from './rows.ts';
import { initialDevices, observeDevices, reduceDevices } from './slice.ts';
import { awaySince } from './standing.ts';

export const devices: View<'devices'> = {
  id: 'devices',
  title: 'Devices',
  about: 'who belongs to the vault, and how each is reached; inviting, roles',
  initial: initialDevices,
  panes: devicesPanes,
  pictures: ['topology'],
  actions: deviceActions,
  reduce: reduceDevices,
  observe: observeDevices,
  needs: () => ['members', 'peers', 'approvals'],
  ages: (state) => awaySince(listedDevices(state)),
  panels(state, frame) {
    const { list, details, topology } = layoutOf(state, frame.rect);
    return [
      ...(list === undefined ? [] : [devicesPanel(state, list, frame)]),
      ...(details === undefined ? [] : [devicePanel(state, details)]),
      ...(topology === undefined ? [] : [topologyPanel(state, topology, frame)]),
    ];
  },
};
