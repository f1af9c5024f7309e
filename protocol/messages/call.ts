/**
 * The three messages that calls themselves are made of: the header that opens a stream, the failure
 * that resets it, and the goodbye that ends a connection. Everything about a method's own messages is
 * elsewhere; to a call they are bytes.
 */
import { errorCodeFromNumber, errorCodes, VaultError, type ErrorCode } from '../errors.ts';
import { rpc } from '../limits.ts';
import { peervault } from '../proto/peer.js';
import { goodbyeReasons, type GoodbyeReason } from '../rpc/rpc.ts';
import { checkShape, type MessageShape } from './shape.ts';

export interface CallHeader {
  /** 1 and up: `methods.ts`. */
  readonly method: number;
  /** 0: none. */
  readonly deadlineMs: number;
  readonly request: Buffer;
}

export interface Goodbye {
  /** undefined: one that a newer version knows. */
  readonly reason: GoodbyeReason | undefined;
  readonly detail: string;
}

const text = { bytesMax: rpc.failureTextBytesMax, text: true } as const;
const callHeaderShape: MessageShape = { 1: {}, 2: {}, 3: { bytesMax: rpc.messageBytesMax } };
const failureShape: MessageShape = { 1: {}, 2: text, 3: text, 4: text, 5: text };
const goodbyeShape: MessageShape = {
  1: {},
  2: { bytesMax: rpc.goodbyeTextBytesMax, text: true },
};

export function encodeCallHeader(header: {
  readonly method: number;
  readonly deadlineMs: number;
  readonly request: Uint8Array;
}): Buffer {
  return asBuffer(peervault.peer.CallHeader.encode(header).finish());
}

/** @throws VaultError `malformed` */
export function decodeCallHeader(bytes: Buffer): CallHeader {
  checkShape(bytes, callHeaderShape, 'call.readHeader');
  const { method, deadlineMs, request } = peervault.peer.CallHeader.decode(bytes);
  return { method, deadlineMs, request: asBuffer(request) };
}

/**
 * Of an `internal` failure only the operation and its message cross the wire: the rest may tell what
 * is nobody's business.
 */
export function encodeFailure(error: VaultError): Buffer {
  const inside = error.code === 'internal';
  const failure = {
    code: errorCodes[error.code],
    op: cutText(error.op, rpc.failureTextBytesMax),
    subject: inside ? '' : cutText(error.subject ?? '', rpc.failureTextBytesMax),
    detail: cutText(error.detail ?? '', rpc.failureTextBytesMax),
    next: inside ? '' : cutText(error.next ?? '', rpc.failureTextBytesMax),
  };
  return asBuffer(peervault.peer.Failure.encode(failure).finish());
}

/** @throws VaultError `malformed` */
export function decodeFailure(bytes: Buffer): VaultError {
  checkShape(bytes, failureShape, 'call.readFailure');
  const { code, op, subject, detail, next } = peervault.peer.Failure.decode(bytes);
  return new VaultError(errorCodeFromNumber(code), {
    op,
    subject: subject === '' ? undefined : subject,
    detail: detail === '' ? undefined : detail,
    next: next === '' ? undefined : next,
  });
}

export function encodeGoodbye(reason: GoodbyeReason, detail: string): Buffer {
  const goodbye = {
    reason: goodbyeReasons[reason],
    detail: cutText(detail, rpc.goodbyeTextBytesMax),
  };
  return asBuffer(peervault.peer.Goodbye.encode(goodbye).finish());
}

/** @throws VaultError `malformed` */
export function decodeGoodbye(bytes: Buffer): Goodbye {
  checkShape(bytes, goodbyeShape, 'call.readGoodbye');
  const { reason, detail } = peervault.peer.Goodbye.decode(bytes);
  const names = Object.keys(goodbyeReasons) as GoodbyeReason[];
  return { reason: names.find((name) => goodbyeReasons[name] === reason), detail };
}

const goodbyeCodes: Readonly<Record<GoodbyeReason, ErrorCode>> = {
  'shutting-down': 'closed',
  rekey: 'closed',
  'protocol-error': 'peer-misbehaved',
  'not-member': 'not-member',
  replaced: 'closed',
  overload: 'overload',
};

/** Why a connection is gone, when the other side has said goodbye. */
export function goodbyeError(goodbye: Goodbye): VaultError {
  const code = goodbye.reason === undefined ? 'closed' : goodbyeCodes[goodbye.reason];
  const reason = goodbye.reason ?? 'a reason that this version does not know';
  return new VaultError(code, {
    op: 'rpc.goodbye',
    detail: `the other side said goodbye: ${reason}${goodbye.detail === '' ? '' : `, ${goodbye.detail}`}`,
  });
}

/** Cuts a text to at most `bytesMax` bytes of UTF-8, never inside a character. */
export function cutText(value: string, bytesMax: number): string {
  if (Buffer.byteLength(value) <= bytesMax) return value.toWellFormed();
  const bytes = Buffer.from(value, 'utf8');
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
