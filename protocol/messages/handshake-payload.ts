/**
 * What both sides tell each other inside the second and third handshake message: who they are and
 * which release they run. It is sealed, but believed only as far as the certificate of the static key
 * goes.
 */
import { idBytes, idToBytes, type DeviceId } from '../ids.ts';
import { members } from '../limits.ts';
import { peervault } from '../proto/peer.js';
import { bufferFromWire } from './codec.ts';
import { optionalWireId } from './exact-bytes.ts';
import { checkShape, type MessageShape } from './shape.ts';

export interface HandshakePayload {
  /** Additions that do not break anything count this up. */
  readonly protocolMinor: number;
  /** Program and release, e.g. `peervault/0.1.0`. */
  readonly agent: string;
  /** undefined: somebody who wants to join. */
  readonly device: DeviceId | undefined;
  /** How the initiator reached the responder; empty from the responder. */
  readonly dialled: string;
}

const agentBytesMax = 64;
/** A host, a colon, a port. */
const dialledBytesMax = members.addressBytesMax + 6;

const shape: MessageShape = {
  1: {},
  2: { bytesMax: agentBytesMax, text: true },
  3: { bytesMax: idBytes.device },
  4: { bytesMax: dialledBytesMax, text: true },
};

export function encodeHandshakePayload(payload: HandshakePayload): Buffer {
  const { protocolMinor, agent, dialled } = payload;
  const device = payload.device === undefined ? null : idToBytes(payload.device);
  return bufferFromWire(
    peervault.peer.HandshakePayload.encode({ protocolMinor, agent, device, dialled }).finish(),
  );
}

/** @throws VaultError `malformed` */
export function decodeHandshakePayload(bytes: Uint8Array): HandshakePayload {
  checkShape(bytes, shape, 'peer.readHandshake');
  const { protocolMinor, agent, device, dialled } = peervault.peer.HandshakePayload.decode(bytes);
  return { protocolMinor, agent, device: optionalWireId('device', device), dialled };
}
