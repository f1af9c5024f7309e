/** The desk for this device's keys, with what it tells. */
import type { StartOptions } from '../agent.types.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Ports } from '../ports.ts';
import { KeyDesk } from '../vault/key-desk.ts';
import type { MembersService } from '../vault/members-service.ts';
import { createKeySafe, stretchOn } from './stretch-port.ts';
import type { Teller } from './tell-events.ts';

export function createKeyDesk({
  ports,
  options,
  identity,
  members,
  peers,
  tell,
}: {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly identity: DeviceIdentity;
  readonly members: MembersService;
  readonly peers: PeerSet;
  readonly tell: Teller;
}): KeyDesk {
  return new KeyDesk({
    identity,
    safe: options.safe ?? createKeySafe(ports),
    members,
    disk: ports.disk,
    random: ports.random,
    stretch: stretchOn(ports.work),
    peers: () => peers.book(),
    onChange: (what) => {
      tell.keys(what, 'the passphrase of the keys of this device was changed');
    },
    onBackup: () => {
      tell.keys('keys-backup', 'a backup of the keys of this device was made');
    },
    onLock: () => {
      tell.keys('keys-locked', 'the keys of this device were locked');
    },
    onWrong: () => {
      tell.keys('passphrase-wrong', 'a wrong passphrase was given');
    },
  });
}
