/**
 * The joiner's side of joining (SPEC.md, "Members", "Joining"). That the other end has the Noise key of
 * the ticket was checked by the channel. Here: it knows the ticket's secret, its log begins with the
 * genesis of the ticket's vault, is not older than the ticket, and admits us with keys that open.
 */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { VaultId } from '../../protocol/ids.ts';
import { members as limits } from '../../protocol/limits.ts';
import type { JoinReply } from '../../protocol/messages/peer.ts';
import {
  checkTicketProof,
  ticketIdOf,
  ticketProof,
  type Ticket,
} from '../../protocol/messages/ticket.ts';
import { evaluateMembership } from './evaluate.ts';
import type { DeviceIdentity } from './identity.ts';
import { joinSigningBytes, type JoinAsk } from './join-messages.ts';
import { openKeyring, type DeviceKeyring } from './keyring.ts';
import { MembershipLog } from './membership-log.ts';
import { capabilities, type Member, type Membership } from './membership.ts';

/** What a joiner holds against the answers. */
export interface Joining {
  readonly ticket: Ticket;
  readonly identity: DeviceIdentity;
  /** Of the connection that the answers come over. */
  readonly handshakeHash: Uint8Array;
}

export interface Joined {
  readonly log: MembershipLog;
  readonly membership: Membership;
  readonly member: Member;
  readonly keyring: DeviceKeyring;
  /** Records of where members are to be found, as they came: each is checked where it is used. */
  readonly addresses: readonly Buffer[];
}

const noProof = Buffer.alloc(0);

/** Asks to be admitted. @param name of this device, for people */
export function makeJoinAsk({ ticket, identity, handshakeHash }: Joining, name: string): JoinAsk {
  const noiseKey = identity.noisePublicKey;
  return {
    ticket: ticketIdOf(ticket.secret),
    proof: ticketProof(ticket.secret, handshakeHash, 'joiner'),
    signKey: identity.signKey.publicKey,
    signature: identity.signKey.sign(joinSigningBytes(ticket.vault, { noiseKey, handshakeHash })),
    name,
  };
}

/**
 * Checks that an answer comes from somebody who knows the ticket's secret. Every one is checked before
 * anything in it is looked at.
 * @throws VaultError `peer-untrusted`
 */
export function checkAnswerer(
  { ticket, handshakeHash }: Joining,
  answer: Pick<JoinReply, 'proof'>,
): void {
  const { secret } = ticket;
  if (!checkTicketProof(answer.proof ?? noProof, { secret, handshakeHash, side: 'issuer' })) {
    throw untrusted('it does not know the secret of the ticket');
  }
}

/**
 * Checks all answers together and takes from them what a member needs.
 * @throws VaultError `peer-untrusted` with the reason, `wrong-vault`
 */
export function acceptAnswers(joining: Joining, answers: readonly JoinReply[]): Joined {
  for (const answer of answers) checkAnswerer(joining, answer);
  const log = readLog(
    joining.ticket.vault,
    answers.flatMap(({ statements }) => statements),
  );
  checkNotOlder(log, joining.ticket);
  const statements = log.statements();
  const membership = evaluateMembership(statements);
  const member = ownMember(membership, joining.identity);
  checkIssuer(membership, joining.ticket);
  const keyring = openKeyring(statements, {
    device: joining.identity.device,
    noiseSecretKey: joining.identity.secrets.noiseSecretKey.reveal(),
  });
  checkKeys(keyring, membership, member);
  const addresses = answers.flatMap((answer) => answer.addresses).slice(0, limits.devicesMax);
  return { log, membership, member, keyring, addresses };
}

function readLog(vault: VaultId, signed: readonly Uint8Array[]): MembershipLog {
  const log = new MembershipLog(vault);
  try {
    log.add(signed);
  } catch (error) {
    if (!isVaultError(error) || error.code === 'wrong-vault') throw error;
    throw untrusted('its membership log does not verify', error);
  }
  if (log.size === 0) throw untrusted('its membership log has no genesis');
  if (log.heldCount > 0) throw untrusted('its membership log has gaps');
  return log;
}

function checkNotOlder(log: MembershipLog, ticket: Ticket): void {
  if (ticket.heads.every((head) => log.has(head))) return;
  throw untrusted('its membership log is older than the ticket');
}

function ownMember(membership: Membership, identity: DeviceIdentity): Member {
  const member = membership.members.get(identity.device);
  if (member?.active !== true || !member.noiseKey.equals(identity.noisePublicKey)) {
    throw untrusted('its membership log does not admit this device');
  }
  return member;
}

/** The log has to agree that whoever answers belongs to the vault. */
function checkIssuer(membership: Membership, ticket: Ticket): void {
  for (const { active, noiseKey } of membership.members.values()) {
    if (active && noiseKey.equals(ticket.issuerNoiseKey)) return;
  }
  throw untrusted('the issuer is no member of the vault');
}

function checkKeys(keyring: DeviceKeyring, membership: Membership, member: Member): void {
  if (keyring.memberKeys.length === 0) throw untrusted('it gave no member key that opens');
  if ((member.capabilities & capabilities.receive) === 0) return;
  if (keyring.vault === undefined || keyring.epoch(membership.currentEpoch) === undefined) {
    throw untrusted('it gave no epoch key that opens');
  }
}

function untrusted(detail: string, cause?: unknown): VaultError {
  return new VaultError('peer-untrusted', {
    op: 'members.acceptAnswers',
    subject: 'issuer of the ticket',
    detail,
    cause,
  });
}
