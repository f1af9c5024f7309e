/**
 * Devices as the console lists them: members with how they are reached, those that wait to be confirmed,
 * and addresses that nobody has answered at yet. Pure.
 */
import type { ApprovalRow } from '../../../protocol/control/member-reports.ts';
import type { MemberRow, PeerRow } from '../../../protocol/control/reports.ts';
import { filtered } from '../../state/filtered.ts';
import type { Rate } from '../../state/series.ts';
import type { State } from '../../state/state.ts';

export interface DeviceRow {
  /** Unique in the list. */
  readonly key: string;
  /** As it calls itself; of an address that is all. Not escaped. */
  readonly name: string;
  readonly member?: MemberRow | undefined;
  readonly peer?: PeerRow | undefined;
  readonly waiting?: ApprovalRow | undefined;
  readonly rate?: Rate | undefined;
}

/** undefined: they have not come yet. */
export function allDevices(state: State): readonly DeviceRow[] | undefined {
  const members = state.data.members?.value;
  if (members === undefined) return undefined;
  const peers = state.data.peers?.value ?? [];
  const byDevice = new Map(peers.map((peer) => [peer.deviceId, peer]));
  const waiting = state.data.approvals?.value ?? [];
  return [
    ...waiting.map((each) => ({ key: `waiting:${each.deviceId}`, name: each.name, waiting: each })),
    ...members
      .filter(({ state: standing }) => standing !== 'waiting')
      .map((member) => ({
        key: member.deviceId,
        name: member.name,
        member,
        peer: byDevice.get(member.deviceId),
        rate: state.series.devices.get(member.deviceId),
      })),
    ...peers
      .filter(({ deviceId }) => deviceId === null)
      .map((peer) => ({ key: `at:${peer.address ?? ''}`, name: peer.address ?? peer.name, peer })),
  ];
}

export function listedDevices(state: State): readonly DeviceRow[] {
  return filtered(state, 'devices', allDevices(state) ?? [], searchedText);
}

export function selectedDevice(state: State): DeviceRow | undefined {
  return listedDevices(state)[state.slices.devices.cursor.index];
}

function searchedText({ name, member, peer, waiting }: DeviceRow): string {
  const { role = '', state = '', deviceId = '' } = member ?? {};
  const reached = peer?.online === true ? 'online' : 'offline';
  const fixed = waiting === undefined ? reached : `waiting ${waiting.role} ${waiting.deviceId}`;
  return [name, role, state, deviceId, peer?.address ?? '', fixed].join(' ');
}
