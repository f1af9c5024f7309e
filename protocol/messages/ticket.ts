/**
 * An invitation: the vault, how to reach and recognise the one who issued it, and a secret that is
 * used once and never sent. Text form: "pv1" and base32 of length (u16), ticket and checksum (4 bytes),
 * so that a ticket that lost its end or a letter says so.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../errors.ts';
import { blake3Of } from '../hash.ts';
import { idFromBytes, idToBytes, type StatementId, type TicketId, type VaultId } from '../ids.ts';
import { members } from '../limits.ts';
import { peervault } from '../proto/members.js';
import { isDialable } from './address.ts';
import { fromBase32, toBase32 } from './base32.ts';
import { exactBytes, wireId } from './exact-bytes.ts';
import { ticketShape } from './members-shape.ts';
import { checkShape } from './shape.ts';
import { positionFromWire } from './statement-kinds-from-wire.ts';
import { positionToWire } from './statement-kinds-to-wire.ts';
import type { JournalPosition } from './statement.ts';
import { countFromWire } from './wire-number.ts';

const { Ticket: TicketWire } = peervault.members;

export interface Ticket {
  readonly vault: VaultId;
  /** X25519, 32 bytes: the only one that may answer. */
  readonly issuerNoiseKey: Buffer;
  /** `host:port` each, best first. */
  readonly addresses: readonly string[];
  /** 32 bytes. */
  readonly secret: Buffer;
  /** Seconds of Unix time. */
  readonly expiresS: number;
  /** Statements that the log has to contain when it is shown. */
  readonly heads: readonly StatementId[];
  /** How far the issuer had seen the journals. */
  readonly vector: readonly JournalPosition[];
}

/** Who proves the knowledge of a ticket's secret. */
export type TicketSide = 'joiner' | 'issuer';

const version = 1;
const prefix = 'pv1';
const checksumBytes = 4;
const noSalt = Buffer.alloc(0);

/** The text that a person hands on. @throws VaultError `too-large` */
export function ticketToText(ticket: Ticket): string {
  const bytes = encodeTicket(ticket);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return prefix + toBase32(Buffer.concat([length, bytes, checksumOf(bytes)]));
}

/**
 * Reads what a person typed or pasted: white space and case do not matter, everything else does.
 * @throws VaultError `ticket-invalid` with the reason
 */
export function parseTicket(text: string): Ticket {
  // White space can only make it longer by so much; beyond that nobody meant a ticket.
  if (text.length > members.ticketBytesMax * 4) refuse('it is too long');
  const compact = text.replace(/\s+/g, '').toLowerCase();
  if (!compact.startsWith('pv')) refuse('it does not begin with "pv1"');
  if (!compact.startsWith(prefix)) refuse('it has another version', 'update this program');
  const bytes = fromBase32(compact.slice(prefix.length));
  if (bytes === undefined) {
    if (/[^a-z2-7]/.test(compact.slice(prefix.length))) refuse('a character does not belong there');
    // The last letter of a whole ticket never has bits to spare.
    refuse('it is cut off');
  }
  return decodeTicket(unframe(bytes));
}

function unframe(bytes: Buffer): Buffer {
  if (bytes.length < 2 + checksumBytes) refuse('it is cut off');
  const end = 2 + bytes.readUInt16BE(0);
  if (end + checksumBytes > bytes.length) refuse('it is cut off');
  if (end + checksumBytes < bytes.length) refuse('something follows it');
  const body = bytes.subarray(2, end);
  if (!checksumOf(body).equals(bytes.subarray(end))) refuse('a character is wrong');
  return body;
}

function encodeTicket(ticket: Ticket): Buffer {
  const bytes = Buffer.from(
    TicketWire.encode({
      version,
      vault: idToBytes(ticket.vault),
      issuerNoiseKey: ticket.issuerNoiseKey,
      addresses: [...ticket.addresses],
      secret: ticket.secret,
      expiresS: ticket.expiresS,
      heads: ticket.heads.map(idToBytes),
      vector: ticket.vector.map(positionToWire),
    }).finish(),
  );
  if (bytes.length > members.ticketBytesMax) {
    throw new VaultError('too-large', { op: 'messages.ticketToText', subject: 'ticket' });
  }
  // What is handed out can be read again: this fails on a malformed address here, not at the joiner's.
  decodeTicket(bytes);
  return bytes;
}

function decodeTicket(bytes: Buffer): Ticket {
  if (bytes.length > members.ticketBytesMax) refuse('it is too long');
  try {
    const op = 'messages.decodeTicket';
    checkShape(bytes, ticketShape, op);
    const wire = TicketWire.decode(bytes);
    if (wire.version !== version) refuse('it has another version', 'update this program');
    return {
      vault: wireId('vault', wire.vault),
      issuerNoiseKey: exactBytes(wire.issuerNoiseKey, 32, 'ticket.issuer_noise_key'),
      addresses: wire.addresses.map(checkedAddress),
      secret: exactBytes(wire.secret, 32, 'ticket.secret'),
      expiresS: countFromWire(wire.expiresS, op),
      heads: wire.heads.map((id) => wireId('statement', id)),
      vector: wire.vector.map(positionFromWire),
    };
  } catch (error) {
    if (error instanceof VaultError && error.code === 'malformed') {
      return refuse(error.detail ?? 'it is malformed');
    }
    throw error;
  }
}

function checkedAddress(text: string): string {
  if (!isDialable(text)) refuse('an address in it is malformed');
  return text;
}

/** Names the ticket without giving its secret away. */
export function ticketIdOf(secret: Uint8Array): TicketId {
  return idFromBytes('ticket', derive(secret, 'id', 16));
}

/** The key of the preface of a connection that is made with the ticket: 32 bytes. */
export function invitePrefaceKey(secret: Uint8Array): Buffer {
  return derive(secret, 'preface', 32);
}

/** Proves to the other end of one connection that this end knows the secret: 32 bytes. */
export function ticketProof(
  secret: Uint8Array,
  handshakeHash: Uint8Array,
  side: TicketSide,
): Buffer {
  return createHmac('sha256', secret).update(handshakeHash).update(side, 'utf8').digest();
}

/** Whether `proof` is the one of that side; takes the same time whatever is wrong with it. */
export function checkTicketProof(
  proof: Uint8Array,
  expected: { readonly secret: Uint8Array; readonly handshakeHash: Uint8Array; side: TicketSide },
): boolean {
  const right = ticketProof(expected.secret, expected.handshakeHash, expected.side);
  return proof.length === right.length && timingSafeEqual(proof, right);
}

function derive(secret: Uint8Array, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, noSalt, `peervault/1/ticket/${purpose}`, length));
}

function checksumOf(bytes: Uint8Array): Buffer {
  return blake3Of('peervault/1/ticket-checksum', bytes).subarray(0, checksumBytes);
}

function refuse(detail: string, next = 'copy the whole ticket again'): never {
  throw new VaultError('ticket-invalid', {
    op: 'messages.parseTicket',
    subject: 'ticket',
    detail,
    next,
  });
}
