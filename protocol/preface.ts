/**
 * The first 64 bytes of a connection, in the clear (SPEC.md, "Preface"). They show that whoever dials
 * holds a member key or a ticket, before the other side does anything that costs more than a hash: a
 * stranger learns nothing. Everything but the MAC is the prologue of the Noise handshake.
 */
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { VaultError } from './errors.ts';
import { idBytes, idFromBytes, idToBytes, type TicketId } from './ids.ts';
import { wire } from './limits.ts';

/** Versions of the protocol that this build speaks, best first. */
export const protocolVersions: readonly number[] = [1];

export type Preface =
  | { readonly kind: 'member'; readonly salt: Buffer }
  | { readonly kind: 'invite'; readonly ticket: TicketId };

export interface ReadPreface {
  readonly version: number;
  readonly preface: Preface;
  /** The prologue: all but the MAC. */
  readonly head: Buffer;
  readonly mac: Buffer;
}

const magic = Buffer.from('PVAULT\r\n', 'latin1');
const versionAt = 8;
const kindAt = 9;
const reservedAt = 10;
const selectorAt = 16;
const headBytes = 32;
const selectorBytes = 16;
const kinds = { member: 1, invite: 2 } as const;
const versionsMax = 16;

assert.equal(wire.prefaceBytes - headBytes, 32, 'the MAC is a whole HMAC-SHA256');
assert.equal(selectorBytes, idBytes.ticket);

/** The head of a preface, which is also the prologue: 32 bytes. The salt of a member's is 16 random bytes. */
export function encodePrefaceHead(preface: Preface): Buffer {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head[versionAt] = protocolVersions[0] ?? 0;
  head[kindAt] = kinds[preface.kind];
  const selector = preface.kind === 'member' ? preface.salt : idToBytes(preface.ticket);
  assert.equal(selector.length, selectorBytes);
  selector.copy(head, selectorAt);
  return head;
}

/** The MAC over the head and the first Noise message: 32 bytes. */
export function prefaceMac(key: Uint8Array, head: Uint8Array, firstMessage: Uint8Array): Buffer {
  return createHmac('sha256', key).update(head).update(firstMessage).digest();
}

/** Whether one of the keys made the MAC. Takes as long whichever it is. */
export function checkPrefaceMac(
  keys: readonly Uint8Array[],
  read: ReadPreface,
  firstMessage: Uint8Array,
): boolean {
  let matches = 0;
  for (const key of keys) {
    if (timingSafeEqual(prefaceMac(key, read.head, firstMessage), read.mac)) matches += 1;
  }
  return matches > 0;
}

/**
 * Takes a preface apart. Nothing of it is to be believed before its MAC is checked.
 * @param bytes exactly 64
 * @throws VaultError `protocol-version` when only the version is not ours, else `peer-misbehaved`
 */
export function decodePreface(bytes: Buffer): ReadPreface {
  assert.equal(bytes.length, wire.prefaceBytes);
  if (!bytes.subarray(0, magic.length).equals(magic)) misbehaved('no preface');
  const version = bytes[versionAt] ?? 0;
  if (!protocolVersions.includes(version)) {
    throw new VaultError('protocol-version', {
      op: 'preface.decode',
      detail: `it speaks version ${String(version)}, this is version ${protocolVersions.join(', ')}`,
      next: 'bring both devices to the same release',
    });
  }
  if (bytes.subarray(reservedAt, selectorAt).some((byte) => byte !== 0)) {
    misbehaved('reserved bytes that are not zero');
  }
  const head = bytes.subarray(0, headBytes);
  const mac = bytes.subarray(headBytes);
  const selector = bytes.subarray(selectorAt, headBytes);
  switch (bytes[kindAt]) {
    case kinds.member:
      return { version, head, mac, preface: { kind: 'member', salt: selector } };
    case kinds.invite:
      return {
        version,
        head,
        mac,
        preface: { kind: 'invite', ticket: idFromBytes('ticket', selector) },
      };
    default:
      return misbehaved('a kind that this version does not know');
  }
}

/** What a device answers to a version that it does not speak, before it closes. */
export function encodeVersionAnswer(): Buffer {
  return Buffer.concat([magic, Buffer.from([protocolVersions.length, ...protocolVersions])]);
}

/** How long a version answer may be. */
export const versionAnswerBytesMax = magic.length + 1 + versionsMax;

/**
 * Whether the first bytes of an answer are those of a version answer. No handshake message begins so:
 * as its length they would be over the bound.
 */
export function isVersionAnswer(firstBytes: Buffer): boolean {
  const count = Math.min(firstBytes.length, magic.length);
  return count >= 2 && firstBytes.subarray(0, count).equals(magic.subarray(0, count));
}

/** The error that a version answer means; `answer` may be cut off. */
export function versionAnswerError(answer: Buffer): VaultError {
  const count = Math.min(answer[magic.length] ?? 0, versionsMax);
  const theirs = [...answer.subarray(magic.length + 1, magic.length + 1 + count)];
  return new VaultError('protocol-version', {
    op: 'preface.answer',
    detail: `it speaks version ${theirs.join(', ') || 'unknown'}, this is version ${protocolVersions.join(', ')}`,
    next: 'bring both devices to the same release',
  });
}

function misbehaved(detail: string): never {
  throw new VaultError('peer-misbehaved', { op: 'preface.decode', detail });
}

assert(magic.readUInt16BE(0) > wire.handshakeMessageBytesMax);
