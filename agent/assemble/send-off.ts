/** Ends the connections of devices that were sent away: a moment after the news, so that they hear it too. */
import type { DeviceId } from '../../protocol/ids.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Clock } from '../ports.ts';
import type { MembersService } from '../vault/members-service.ts';

/** From hearing that a device was sent away to the end of its connection. */
const farewellMs = 500;

export interface SendOffParts {
  readonly clock: Clock;
  readonly members: Pick<MembersService, 'current'>;
  readonly peers: Pick<PeerSet, 'peers' | 'drop'>;
}

/** To be called at every change of the members. */
export function sendOffFormer({ clock, members, peers }: SendOffParts): void {
  const isFormer = (device: DeviceId): boolean =>
    members.current().members.get(device)?.active !== true;
  for (const { device } of peers.peers()) {
    if (!isFormer(device)) continue;
    clock.after(farewellMs, () => {
      if (isFormer(device)) void peers.drop(device, 'not-member', 'it was sent away');
    });
  }
}
