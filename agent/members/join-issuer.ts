/**
 * The issuer's side of joining (SPEC.md, "Members", "Joining"): is it our ticket, does the other end know
 * its secret on this very connection, do its two keys belong together; then the ticket is used, durably,
 * and only then is the device admitted.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { TicketId, VaultId } from '../../protocol/ids.ts';
import { members, rpc } from '../../protocol/limits.ts';
import { deviceIdOf } from '../../protocol/messages/statement-wire.ts';
import type { SignedStatement } from '../../protocol/messages/statement.ts';
import { checkTicketProof, ticketProof } from '../../protocol/messages/ticket.ts';
import { fingerprintWords } from './fingerprint.ts';
import { grantDevice, type Granter, type Newcomer } from './grant.ts';
import { joinSigningBytes, type JoinAnswer, type JoinAsk } from './join-messages.ts';
import type { MembershipLog } from './membership-log.ts';
import { verifySignature } from './sign-key.ts';
import type { IssuedTicket, IssuedTickets } from './tickets-issued.ts';

/** What the channel knows about the joiner. */
export interface JoinGuest {
  /** Of the preface. */
  readonly ticket: TicketId;
  /** 32 bytes, X25519: proven by the handshake. */
  readonly noiseKey: Uint8Array;
  readonly handshakeHash: Uint8Array;
}

/** Somebody who may be admitted. */
export interface JoinCandidate {
  readonly newcomer: Newcomer;
  readonly name: string;
  readonly ticket: IssuedTicket;
  /** Six words, the same on both sides, for those who confirm. */
  readonly fingerprint: readonly string[];
}

/** Issues on a copy of the log and makes it durable before it counts. */
export type IssueStatements = (
  make: (log: MembershipLog) => readonly SignedStatement[],
) => Promise<readonly SignedStatement[]>;

/**
 * Checks a request without using the ticket.
 * @throws VaultError `ticket-invalid`, `ticket-used`, `ticket-expired`, `peer-untrusted`, `name-invalid`
 */
export function checkJoin(
  { tickets, vault }: { readonly tickets: IssuedTickets; readonly vault: VaultId },
  ask: JoinAsk,
  { guest, nowMs }: { readonly guest: JoinGuest; readonly nowMs: number },
): JoinCandidate {
  if (ask.ticket !== guest.ticket)
    throw untrusted('another ticket than the connection was made with');
  const { handshakeHash } = guest;
  const secret = tickets.get(ask.ticket).secret.reveal();
  if (!checkTicketProof(ask.proof, { secret, handshakeHash, side: 'joiner' })) {
    throw untrusted('the proof of the ticket is wrong');
  }
  const bound = joinSigningBytes(vault, { noiseKey: guest.noiseKey, handshakeHash });
  if (!verifySignature(ask.signKey, bound, ask.signature)) {
    throw untrusted('the signature over the connection is wrong');
  }
  const newcomer: Newcomer = {
    device: deviceIdOf(ask.signKey),
    signKey: Buffer.from(ask.signKey),
    noiseKey: Buffer.from(guest.noiseKey),
  };
  const nameBytes = Buffer.byteLength(ask.name, 'utf8');
  if (nameBytes === 0 || nameBytes > members.labelBytesMax) {
    throw new VaultError('name-invalid', {
      op: 'members.checkJoin',
      subject: 'name of the device',
      detail: `1 to ${String(members.labelBytesMax)} bytes`,
    });
  }
  return {
    newcomer,
    name: ask.name,
    ticket: tickets.usable(ask.ticket, newcomer.device, nowMs),
    fingerprint: fingerprintWords(newcomer),
  };
}

/**
 * Uses the ticket and admits the device. When it resolves, both are durable.
 * @returns the grant; undefined when the device came back and has it already
 * @throws VaultError `ticket-used`, `ticket-expired`, `exists`, `denied`, `no-key`, `io`, `disk-full`
 */
export async function admit(
  granter: Granter & { readonly tickets: IssuedTickets; readonly issue: IssueStatements },
  { newcomer, name, ticket }: JoinCandidate,
  nowMs: number,
): Promise<SignedStatement | undefined> {
  await granter.tickets.redeem(ticket.id, newcomer.device, nowMs);
  const [grant] = await granter.issue((log) => {
    if (hasGrant(log, newcomer, ticket.id)) return [];
    const terms = { name, role: ticket.role, quotaBytes: 0, ticket: ticket.id };
    return [grantDevice(log, granter, { newcomer, terms })];
  });
  return grant;
}

/** Whether this ticket has admitted this device before. */
function hasGrant(log: MembershipLog, newcomer: Newcomer, ticket: TicketId): boolean {
  const own = log.statements().flatMap(({ kind }) => {
    if (kind.type !== 'grant') return [];
    return kind.certificate.device === newcomer.device ? kind : [];
  });
  if (own.some((grant) => grant.ticket === ticket)) return true;
  if (own.length === 0) return false;
  throw new VaultError('exists', {
    op: 'members.admit',
    subject: `device ${newcomer.device.slice(0, 8)}`,
    detail: 'it was a member before; a device joins once, with fresh keys',
  });
}

/** What the issuer says while somebody has to confirm. */
export function waitingAnswer(ticket: IssuedTicket, handshakeHash: Uint8Array): JoinAnswer {
  const proof = ticketProof(ticket.secret.reveal(), handshakeHash, 'issuer');
  return { proof, waiting: true, statements: [], addresses: [], more: true };
}

/**
 * The whole log, and then where members are to be found, cut into messages.
 * @param told statements from the genesis on, the grant included; address records
 */
export function joinAnswers(
  ticket: IssuedTicket,
  handshakeHash: Uint8Array,
  told: { readonly statements: readonly Buffer[]; readonly addresses: readonly Buffer[] },
): readonly JoinAnswer[] {
  const proof = ticketProof(ticket.secret.reveal(), handshakeHash, 'issuer');
  const parts = [
    ...inMessages(told.statements).map((statements) => ({ statements, addresses: [] })),
    ...inMessages(told.addresses).map((addresses) => ({ statements: [], addresses })),
  ];
  return parts.map((part, index) => ({
    proof,
    waiting: false,
    ...part,
    more: index < parts.length - 1,
  }));
}

function inMessages(pieces: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const parts: Buffer[][] = [];
  let roomBytes = 0;
  for (const piece of pieces) {
    const size = piece.length + pieceFrameBytes;
    if (size > roomBytes) {
      parts.push([]);
      roomBytes = rpc.messageBytesMax - answerFrameBytes;
    }
    parts.at(-1)?.push(piece);
    roomBytes -= size;
  }
  return parts;
}

/** Tag and length of one piece, and everything else in an answer, rounded up. */
const pieceFrameBytes = 4;
const answerFrameBytes = 128;

function untrusted(detail: string): VaultError {
  return new VaultError('peer-untrusted', { op: 'members.checkJoin', subject: 'joiner', detail });
}
