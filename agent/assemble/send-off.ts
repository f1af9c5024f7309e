/** Ends the connections of devices that were sent away: a moment after the news, so that they hear it too. */
import type { DeviceId } from '../../protocol/ids.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Clock } from '../ports.ts';

/** From hearing that a device was sent away to the end of its connection. */
const farewellMs = 500;

export interface SendOffParts {
  readonly clock: Clock;
  readonly isMember: (device: DeviceId) => boolean;
  readonly peers: Pick<PeerSet, 'peers' | 'drop'>;
}

/** To be called at every change of the members. */
export function sendOffFormer({ clock, isMember, peers }: SendOffParts): void {
  for (const { device } of peers.peers()) {
    if (isMember(device)) continue;
    clock.after(farewellMs, () => {
      if (!isMember(device)) void peers.drop(device, 'not-member', 'it was sent away');
    });
  }
}
