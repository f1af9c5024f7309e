/**
 * Makes a stream of bytes into an encrypted channel between two parties that know who the other is
 * (SPEC.md, "Transport"): preface, Noise XX, records. It decides what a stranger gets to see (nothing)
 * and how long each step may take; whether a static key belongs to a member is decided above.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { TicketId } from '../../protocol/ids.ts';
import { time, wire } from '../../protocol/limits.ts';
import {
  decodeHandshakePayload,
  encodeHandshakePayload,
  type HandshakePayload,
} from '../../protocol/messages/handshake-payload.ts';
import {
  Handshake,
  handshakeOverheadBytes,
  type HandshakeResult,
} from '../../protocol/noise/handshake.ts';
import {
  checkPrefaceMac,
  decodePreface,
  encodePrefaceHead,
  encodeVersionAnswer,
  isVersionAnswer,
  prefaceMac,
  versionAnswerBytesMax,
  versionAnswerError,
  type Preface,
  type ReadPreface,
} from '../../protocol/preface.ts';
import type { FrameLink } from '../../protocol/rpc/rpc.ts';
import type { ByteStream, Clock, Random } from '../ports.ts';
import { runAttempt, type Attempt } from './attempt.ts';
import { ByteReader } from './byte-reader.ts';
import { RecordLink } from './record-link.ts';

export interface SecureChannel extends FrameLink {
  /** 32 bytes: the static key that the other side has proven to hold. */
  readonly remoteNoiseKey: Buffer;
  /** 64 bytes, for channel binding. */
  readonly handshakeHash: Buffer;
  readonly remotePayload: HandshakePayload;
  /** The ticket that the connection was made with; undefined between members. */
  readonly invited: TicketId | undefined;
}

interface ChannelOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** X25519, 32 bytes each. */
  readonly noiseKey: { readonly publicKey: Buffer; readonly secretKey: Buffer };
  readonly payload: HandshakePayload;
}

export interface InitiateOptions extends ChannelOptions {
  readonly preface:
    | { readonly kind: 'member'; readonly key: Buffer }
    | { readonly kind: 'invite'; readonly ticket: TicketId; readonly key: Buffer };
  /** The static key that has to answer, where it is known. */
  readonly expectedRemote?: Buffer | undefined;
}

export interface AcceptOptions extends ChannelOptions {
  /** Keys that a member's preface may be made with. */
  memberKeys(): readonly Buffer[];
  /** The key of an open ticket. */
  inviteKey(ticket: TicketId): Buffer | undefined;
}

const lengthBytes = 2;
const saltBytes = 16;

/**
 * Opens a channel to whoever listens at the other end of `stream`. On any error the stream is closed.
 * @throws VaultError `peer-untrusted` when another key answers than the expected one,
 *   `protocol-version`, `timeout`, `peer-misbehaved`, `closed`
 */
export function initiateChannel(
  stream: ByteStream,
  options: InitiateOptions,
): Promise<SecureChannel> {
  return runAttempt(stream, options.clock, () => initiate(stream, options));
}

/**
 * Answers whoever dialled. On any error the stream is closed, in silence unless only the version was
 * wrong.
 * @throws VaultError `peer-untrusted` for a preface that no key of ours made, `protocol-version`,
 *   `timeout`, `peer-misbehaved`, `closed`
 */
export function acceptChannel(stream: ByteStream, options: AcceptOptions): Promise<SecureChannel> {
  return runAttempt(stream, options.clock, (attempt) => accept(stream, options, attempt));
}

async function initiate(stream: ByteStream, options: InitiateOptions): Promise<SecureChannel> {
  const preface: Preface =
    options.preface.kind === 'invite'
      ? options.preface
      : { kind: 'member', salt: options.random.bytes(saltBytes) };
  const head = encodePrefaceHead(preface);
  const handshake = startHandshake('initiator', head, options);
  try {
    const first = handshake.write(Buffer.alloc(0));
    const mac = prefaceMac(options.preface.key, head, first);
    await stream.send([head, mac, lengthOf(first), first]);

    const reader = new ByteReader(stream);
    const second = await readAnswer(reader);
    const remotePayload = readPayload(handshake, second);
    // Before the third message, which would show this device's key to somebody else.
    checkExpected(handshake, options.expectedRemote, stream.remote);

    const third = handshake.write(encodeHandshakePayload(options.payload));
    await stream.send([lengthOf(third), third]);
    return openChannel(stream, handshake.finish(), {
      early: reader.rest(),
      remotePayload,
      invited: ticketOf(preface),
    });
  } finally {
    handshake.destroy();
  }
}

async function accept(
  stream: ByteStream,
  options: AcceptOptions,
  attempt: Attempt,
): Promise<SecureChannel> {
  const reader = new ByteReader(stream);
  await attempt.within(time.firstByteMs, reader.waitForBytes());
  const read = await readPreface(reader, async () => {
    attempt.lingers = true;
    await answerVersion(stream, options.clock);
  });
  const firstLength = handshakeOverheadBytes[0];
  const first = await readHandshakeMessage(reader, {
    bytesMin: firstLength,
    bytesMax: firstLength,
  });
  checkPreface(read, first, { options, remote: stream.remote });

  const handshake = startHandshake('responder', read.head, options);
  try {
    handshake.read(first);
    const second = handshake.write(encodeHandshakePayload(options.payload));
    await stream.send([lengthOf(second), second]);

    const third = await readHandshakeMessage(reader, {
      bytesMin: handshakeOverheadBytes[2],
      bytesMax: wire.handshakeMessageBytesMax,
    });
    const remotePayload = readPayload(handshake, third);
    return openChannel(stream, handshake.finish(), {
      early: reader.rest(),
      remotePayload,
      invited: ticketOf(read.preface),
    });
  } finally {
    handshake.destroy();
  }
}

// --- steps ---------------------------------------------------------------------------------------

function startHandshake(
  role: 'initiator' | 'responder',
  prologue: Buffer,
  options: ChannelOptions,
): Handshake {
  return new Handshake({
    role,
    prologue,
    staticKey: options.noiseKey,
    randomBytes: (count) => options.random.bytes(count),
  });
}

/** The second handshake message. @throws VaultError `protocol-version` when that is the answer */
async function readAnswer(reader: ByteReader): Promise<Buffer> {
  const length = await reader.read(lengthBytes);
  if (isVersionAnswer(length)) {
    const rest = await reader.readUpTo(versionAnswerBytesMax - lengthBytes);
    throw versionAnswerError(Buffer.concat([length, rest]));
  }
  return readBody(reader, length.readUInt16BE(0), {
    bytesMin: handshakeOverheadBytes[1],
    bytesMax: wire.handshakeMessageBytesMax,
  });
}

async function readPreface(
  reader: ByteReader,
  onOtherVersion: () => Promise<void>,
): Promise<ReadPreface> {
  const bytes = await reader.read(wire.prefaceBytes);
  try {
    return decodePreface(bytes);
  } catch (error) {
    if (isVaultError(error, 'protocol-version')) await onOtherVersion();
    throw error;
  }
}

/** Says which versions are spoken here, and leaves the other side a moment to read it. */
async function answerVersion(stream: ByteStream, clock: Clock): Promise<void> {
  await stream.send([encodeVersionAnswer()]);
  stream.end();
  const timer = clock.after(time.goodbyeMs, () => {
    stream.destroy();
  });
  void stream.closed.then(() => {
    timer.cancel();
  });
}

function checkPreface(
  read: ReadPreface,
  first: Buffer,
  { options, remote }: { readonly options: AcceptOptions; readonly remote: string },
): void {
  if (checkPrefaceMac(prefaceKeys(read.preface, options), read, first)) return;
  const detail =
    read.preface.kind === 'member'
      ? 'its preface was made with no key of this vault'
      : 'its preface was made with no open ticket';
  throw new VaultError('peer-untrusted', { op: 'peer.accept', subject: remote, detail });
}

function prefaceKeys(preface: Preface, options: AcceptOptions): readonly Buffer[] {
  if (preface.kind === 'member') return options.memberKeys();
  const key = options.inviteKey(preface.ticket);
  return key === undefined ? [] : [key];
}

interface LengthBounds {
  readonly bytesMin: number;
  readonly bytesMax: number;
}

async function readHandshakeMessage(reader: ByteReader, bounds: LengthBounds): Promise<Buffer> {
  const length = await reader.read(lengthBytes);
  return readBody(reader, length.readUInt16BE(0), bounds);
}

function readBody(reader: ByteReader, length: number, bounds: LengthBounds): Promise<Buffer> {
  if (length >= bounds.bytesMin && length <= bounds.bytesMax) return reader.read(length);
  const detail = `a handshake message of ${String(length)} bytes`;
  throw new VaultError('peer-misbehaved', { op: 'peer.handshake', detail });
}

function readPayload(handshake: Handshake, message: Buffer): HandshakePayload {
  const payload = handshake.read(message);
  try {
    return decodeHandshakePayload(payload);
  } catch (cause) {
    const detail = 'a handshake payload that cannot be read';
    throw new VaultError('peer-misbehaved', { op: 'peer.handshake', detail, cause });
  }
}

function checkExpected(handshake: Handshake, expected: Buffer | undefined, remote: string): void {
  if (expected === undefined || handshake.remoteStaticKey?.equals(expected) === true) return;
  throw new VaultError('peer-untrusted', {
    op: 'peer.initiate',
    subject: remote,
    detail: 'another device answers at this address',
    next: 'check the address',
  });
}

function ticketOf(preface: Preface): TicketId | undefined {
  return preface.kind === 'invite' ? preface.ticket : undefined;
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt16BE(message.length);
  return length;
}

function openChannel(
  stream: ByteStream,
  result: HandshakeResult,
  rest: {
    readonly early: Buffer;
    readonly remotePayload: HandshakePayload;
    readonly invited: TicketId | undefined;
  },
): SecureChannel {
  const link = new RecordLink(stream, result, rest.early);
  return {
    remoteNoiseKey: result.remoteStaticKey,
    handshakeHash: result.handshakeHash,
    remotePayload: rest.remotePayload,
    invited: rest.invited,
    send: (groups) => link.send(groups),
    receive: () => link.receive(),
    receiveNow: () => link.receiveNow(),
    giveBack: (piece) => {
      link.giveBack(piece);
    },
    end: () => {
      link.end();
    },
    destroy: () => {
      link.destroy();
    },
  };
}
