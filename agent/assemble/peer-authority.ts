/** What the peer layer may ask about the vault, answered by the members. */
import type { DeviceIdentity } from '../members/identity.ts';
import { noiseKeyOf } from '../members/identity.ts';
import { verifySignature } from '../members/sign-key.ts';
import type { PeerAuthority } from '../peer/peer.ts';
import type { Invitations } from '../vault/invitations.ts';
import type { MembersService } from '../vault/members-service.ts';

export function createPeerAuthority(
  identity: DeviceIdentity,
  members: MembersService,
  invitations: Invitations,
): PeerAuthority {
  return {
    vault: members.current().vault,
    device: identity.device,
    noiseKey: noiseKeyOf(identity),
    memberKeys: () => members.keyring().memberKeys,
    memberByNoiseKey: (noiseKey) => members.memberByNoiseKey(noiseKey),
    isMember: (device) => members.current().members.get(device)?.active === true,
    inviteKey: (ticket) => invitations.prefaceKey(ticket),
    sign: (bytes) => identity.signKey.sign(bytes),
    verify(device, bytes, signature) {
      const signKey = members.current().members.get(device)?.signKey;
      return signKey !== undefined && verifySignature(signKey, bytes, signature);
    },
  };
}
