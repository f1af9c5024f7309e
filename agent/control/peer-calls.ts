/** Adding and removing addresses of other devices by hand. */
import { VaultError } from '../../protocol/errors.ts';
import type { PeerChangeReport } from '../../protocol/control/reports.ts';
import type { PeerAddRequest, PeerRemoveRequest } from '../../protocol/messages/control.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { PeerSet } from '../peer/peer.ts';
import { findDevice } from '../vault/find-device.ts';
import type { ControlContext } from './context.ts';

export async function addPeer(
  { members, peers }: ControlContext,
  { address, device: named }: PeerAddRequest,
): Promise<PeerChangeReport> {
  return addAddress(peers, address, named === undefined ? undefined : findDevice(members, named));
}

export async function addAddress(
  peers: PeerSet,
  address: string,
  device?: DeviceId,
): Promise<PeerChangeReport> {
  await peers.addAddress(address, device);
  return reportOn(peers, address);
}

/** @throws VaultError `not-found` */
export async function removePeer(
  { peers }: Pick<ControlContext, 'peers'>,
  { address }: PeerRemoveRequest,
): Promise<PeerChangeReport> {
  const before = reportOn(peers, address);
  if (!peers.book().some(({ addresses }) => addresses.includes(address))) {
    throw new VaultError('not-found', {
      op: 'control.removePeer',
      subject: address,
      detail: 'no device is looked for at this address',
      next: 'vault peers lists the known ones',
    });
  }
  await peers.removeAddress(address);
  return before;
}

function reportOn(peers: PeerSet, address: string): PeerChangeReport {
  const row = peers.book().find(({ addresses }) => addresses.includes(address));
  return {
    address,
    deviceId: row?.device ?? null,
    online: row?.online === true && row.address === address,
  };
}
