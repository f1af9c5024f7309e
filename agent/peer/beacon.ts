/**
 * The datagram that says "a member of a vault listens on this port" to other members, and nothing to
 * anybody else: every one has a fresh nonce, and who sends it is masked and sealed by a MAC under the
 * member key. It does not prove that the sender is there now; dialling does.
 *
 * magic (4) ‖ nonce (8) ‖ port (u16 BE) ‖ device masked (16) ‖ MAC (16)
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { idFromBytes, idToBytes, type DeviceId } from '../../protocol/ids.ts';

const magic = Buffer.from('PVB1', 'latin1');
const nonceAt = 4;
const portAt = 12;
const deviceAt = 14;
const macAt = 30;
const hourMs = 3_600_000;

/** 46 bytes. */
export const beaconBytes = 46;

export interface BeaconContent {
  readonly device: DeviceId;
  readonly port: number;
}

/**
 * Makes a datagram that holds for the hour around `nowMs`.
 * @param nonce 8 fresh random bytes
 */
export function sealBeacon(
  content: BeaconContent,
  key: Uint8Array,
  at: { readonly nonce: Uint8Array; readonly nowMs: number },
): Buffer {
  const datagram = Buffer.alloc(beaconBytes);
  magic.copy(datagram);
  datagram.set(at.nonce, nonceAt);
  datagram.writeUInt16BE(content.port, portAt);
  mask(idToBytes(content.device), key, at.nonce).copy(datagram, deviceAt);
  tag(datagram, key, hourOf(at.nowMs)).copy(datagram, macAt);
  return datagram;
}

/** What a datagram says; undefined when no member key made it, within an hour of now. */
export function openBeacon(
  datagram: Uint8Array,
  keys: readonly Uint8Array[],
  nowMs: number,
): BeaconContent | undefined {
  if (datagram.length !== beaconBytes) return undefined;
  const bytes = Buffer.from(datagram);
  if (!bytes.subarray(0, nonceAt).equals(magic)) return undefined;
  const key = keys.find((candidate) => madeBy(bytes, candidate, nowMs));
  const port = bytes.readUInt16BE(portAt);
  if (key === undefined || port === 0) return undefined;
  const nonce = bytes.subarray(nonceAt, portAt);
  const device = mask(bytes.subarray(deviceAt, macAt), key, nonce);
  return { device: idFromBytes('device', device), port };
}

function madeBy(datagram: Buffer, key: Uint8Array, nowMs: number): boolean {
  const hour = hourOf(nowMs);
  return [hour, hour - 1, hour + 1].some((candidate) =>
    timingSafeEqual(tag(datagram, key, candidate), datagram.subarray(macAt)),
  );
}

function tag(datagram: Buffer, key: Uint8Array, hour: number): Buffer {
  return createHmac('sha256', key)
    .update(`peervault/1/beacon ${String(hour)} `)
    .update(datagram.subarray(0, macAt))
    .digest()
    .subarray(0, 16);
}

/** Its own inverse. */
function mask(device: Buffer, key: Uint8Array, nonce: Uint8Array): Buffer {
  const stream = createHmac('sha256', key)
    .update('peervault/1/beacon mask ')
    .update(nonce)
    .digest();
  return Buffer.from(device.map((byte, index) => byte ^ (stream[index] ?? 0)));
}

function hourOf(nowMs: number): number {
  return Math.floor(nowMs / hourMs);
}
