/** What the peer layer may ask about the vault, answered by the members, or by the anchor of a lost log. */
import type { DeviceId } from '../../protocol/ids.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { noiseKeyOf } from '../members/identity.ts';
import type { AnchoredDevice, LogAnchor } from '../members/log-anchor.ts';
import { verifySignature } from '../members/sign-key.ts';
import type { PeerAuthority } from '../peer/peer.ts';
import type { AnchorKeeper } from '../vault/anchor-keeper.ts';
import type { Invitations } from '../vault/invitations.ts';
import type { MembersService } from '../vault/members-service.ts';

export interface PeerAuthorityParts {
  readonly identity: DeviceIdentity;
  readonly members: MembersService;
  readonly anchor: AnchorKeeper;
  readonly invitations: Invitations;
}

/** Of a running agent: as long as its log has gaps, the anchor knows better who the members are. */
export function createPeerAuthority({
  identity,
  members,
  anchor,
  invitations,
}: PeerAuthorityParts): Required<PeerAuthority> {
  const remembered = (): LogAnchor | undefined => anchor.insteadOf(members.log());
  const memberOf = (device: DeviceId): AnchoredDevice | undefined => {
    const known = remembered();
    if (known !== undefined) return anchored(known, device);
    const member = members.current().members.get(device);
    return member?.active === true ? member : undefined;
  };
  return {
    vault: members.current().vault,
    device: identity.device,
    noiseKey: noiseKeyOf(identity),
    memberKeys: () => [...(remembered()?.memberKeys ?? []), ...members.keyring().memberKeys],
    memberByNoiseKey: (noiseKey) => {
      const known = remembered();
      return known === undefined
        ? members.memberByNoiseKey(noiseKey)
        : anchoredByNoiseKey(known, noiseKey);
    },
    isMember: (device) => memberOf(device) !== undefined,
    inviteKey: (ticket) => invitations.prefaceKey(ticket),
    sign: (bytes) => identity.signKey.sign(bytes),
    verify: (device, bytes, signature) => isSignedBy(memberOf(device), bytes, signature),
  };
}

/** Of an agent that knows nothing but the anchor. */
export function createAnchoredAuthority(
  identity: DeviceIdentity,
  anchor: LogAnchor,
): PeerAuthority {
  return {
    vault: anchor.vault,
    device: identity.device,
    noiseKey: noiseKeyOf(identity),
    memberKeys: () => anchor.memberKeys,
    memberByNoiseKey: (noiseKey) => anchoredByNoiseKey(anchor, noiseKey),
    isMember: (device) => anchored(anchor, device) !== undefined,
    inviteKey: () => undefined,
    sign: (bytes) => identity.signKey.sign(bytes),
    verify: (device, bytes, signature) => isSignedBy(anchored(anchor, device), bytes, signature),
  };
}

function anchored({ devices }: LogAnchor, device: DeviceId): AnchoredDevice | undefined {
  return devices.find((each) => each.device === device);
}

function anchoredByNoiseKey({ devices }: LogAnchor, noiseKey: Buffer): AnchoredDevice | undefined {
  return devices.find((each) => each.noiseKey.equals(noiseKey));
}

function isSignedBy(
  member: Pick<AnchoredDevice, 'signKey'> | undefined,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return member !== undefined && verifySignature(member.signKey, bytes, signature);
}
