/** Adding and removing addresses of other devices by hand. */
import { VaultError } from '../../protocol/errors.ts';
import type { PeerChangeReport } from '../../protocol/control/reports.ts';
import type { PeerAddRequest, PeerRemoveRequest } from '../../protocol/messages/control.ts';
import { findDevice } from '../vault/find-device.ts';
import type { ControlContext } from './context.ts';

export async function addPeer(
  context: ControlContext,
  { address, device: named }: PeerAddRequest,
): Promise<PeerChangeReport> {
  const device = named === undefined ? undefined : findDevice(context.members, named);
  await context.peers.addAddress(address, device);
  return reportOn(context, address);
}

/** @throws VaultError `not-found` */
export async function removePeer(
  context: ControlContext,
  { address }: PeerRemoveRequest,
): Promise<PeerChangeReport> {
  const before = reportOn(context, address);
  if (!context.peers.book().some(({ addresses }) => addresses.includes(address))) {
    throw new VaultError('not-found', {
      op: 'control.removePeer',
      subject: address,
      detail: 'this address is not known',
      next: 'vault peers lists the known ones',
    });
  }
  await context.peers.removeAddress(address);
  return before;
}

function reportOn({ peers }: ControlContext, address: string): PeerChangeReport {
  const row = peers.book().find(({ addresses }) => addresses.includes(address));
  return {
    address,
    deviceId: row?.device ?? null,
    online: row?.online === true && row.address === address,
  };
}
