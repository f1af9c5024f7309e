/**
 * Sends this device's beacon every half minute and listens to those of others. What is heard only
 * suggests an address; a flood of datagrams costs a bounded number of MACs.
 */
import { time } from '../../protocol/limits.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { joinAddress, splitAddress } from '../../protocol/messages/address.ts';
import type { Beacon, Clock, Network, Random, Timer } from '../ports.ts';
import { openBeacon, sealBeacon } from './beacon.ts';
import type { PeerAuthority } from './peer.ts';
import { TokenBuckets } from './token-buckets.ts';

const datagramsPerSecond = 50;
const nonceBytes = 8;

export interface BeaconerParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: PeerAuthority;
  readonly listening: string;
  onHeard(device: DeviceId, address: string): void;
}

/** Starts; undefined where there is no beacon. */
export async function startBeacon(parts: BeaconerParts): Promise<{ close(): void } | undefined> {
  const limit = new TokenBuckets(datagramsPerSecond, 1);
  const beacon = await parts.network.openBeacon((datagram, from) => {
    if (limit.take('', parts.clock.monotonicMs())) hear(parts, datagram, from);
  });
  return beacon === undefined ? undefined : repeat(parts, beacon);
}

function hear(parts: BeaconerParts, datagram: Buffer, from: string): void {
  const { authority, clock } = parts;
  const content = openBeacon(datagram, authority.memberKeys(), clock.nowMs());
  if (content === undefined || content.device === authority.device) return;
  parts.onHeard(content.device, joinAddress(from, content.port));
}

function repeat(parts: BeaconerParts, beacon: Beacon): { close(): void } {
  const { authority, clock, random } = parts;
  const { port } = splitAddress(parts.listening);
  let timer: Timer | undefined;
  const send = (): void => {
    const [key] = authority.memberKeys();
    if (key !== undefined) {
      const at = { nonce: random.bytes(nonceBytes), nowMs: clock.nowMs() };
      beacon.send(sealBeacon({ device: authority.device, port }, key, at));
    }
    timer = clock.after(time.beaconMs * (0.9 + 0.2 * random.fraction()), send);
  };
  send();
  return {
    close() {
      timer?.cancel();
      beacon.close();
    },
  };
}
