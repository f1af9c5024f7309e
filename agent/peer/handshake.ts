/**
 * From a bare stream to somebody: runs the secure channel in either role and finds out who is there.
 * Membership is asked anew each time, after the handshake has proved the key.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { ByteStream, Clock, Random } from '../ports.ts';
import type { PeerAuthority } from './peer.ts';
import { acceptChannel, initiateChannel, type SecureChannel } from './secure-channel.ts';

export interface HandshakeParts {
  readonly authority: PeerAuthority;
  readonly clock: Clock;
  readonly random: Random;
  /** Shown to the other side: `peervault/0.1.0`. */
  readonly agent: string;
}

/** A channel, and whose it is; `device` undefined for somebody whom we do not know. */
export interface Established {
  readonly channel: SecureChannel;
  readonly device: DeviceId | undefined;
}

/**
 * Proves ourselves to whoever listens there.
 * @throws VaultError `peer-untrusted` when we hold no member key; what the channel throws
 */
export async function reachOut(parts: HandshakeParts, stream: ByteStream): Promise<Established> {
  const { authority, clock, random, agent } = parts;
  const [key] = authority.memberKeys();
  if (key === undefined) {
    throw new VaultError('no-key', { op: 'peer.reachOut', detail: 'no member key is here yet' });
  }
  const channel = await initiateChannel(stream, {
    clock,
    random,
    noiseKey: authority.noiseKey,
    preface: { kind: 'member', key },
    payload: { protocolMinor: 0, agent, device: authority.device, dialled: stream.remote },
  });
  return { channel, device: authority.memberByNoiseKey(channel.remoteNoiseKey)?.device };
}

/** Lets somebody prove themselves who has just connected. @throws VaultError what the channel throws */
export async function letIn(parts: HandshakeParts, stream: ByteStream): Promise<Established> {
  const { authority, clock, random, agent } = parts;
  const channel = await acceptChannel(stream, {
    clock,
    random,
    noiseKey: authority.noiseKey,
    memberKeys: () => authority.memberKeys(),
    inviteKey: (ticket) => authority.inviteKey(ticket),
    payload: { protocolMinor: 0, agent, device: authority.device, dialled: '' },
  });
  const device =
    channel.invited === undefined
      ? authority.memberByNoiseKey(channel.remoteNoiseKey)?.device
      : undefined;
  return { channel, device };
}
