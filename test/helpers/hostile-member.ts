/**
 * A member of a real vault that says on the wire what it likes: it has joined with a ticket, holds all keys
 * of its role, and sends bare frames over the secure channel of a real connection.
 */
import { becomeMember } from '../../agent/assemble/join-vault.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { createNodeNetwork } from '../../agent/host/node-network.ts';
import { createNodeRandom } from '../../agent/host/node-random.ts';
import { noiseKeyOf } from '../../agent/members/identity.ts';
import { initiateChannel } from '../../agent/peer/secure-channel.ts';
import { encodeFrameHeader, type FrameType } from '../../protocol/frame.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { encodeCallHeader } from '../../protocol/messages/call.ts';
import { recordGroups } from './record-groups.ts';

export interface HostileMember {
  readonly device: DeviceId;
  /** One more connection. */
  connect(): Promise<HostileConnection>;
}

export interface HostileConnection {
  /** Resolves when the kernel has taken it, with false when the connection is over. */
  send(...frames: readonly Buffer[]): Promise<boolean>;
  /** The next piece of frames; undefined at the end. */
  receive(): Promise<Buffer | undefined>;
  destroy(): void;
}

export async function joinAsHostile(address: string, ticket: string): Promise<HostileMember> {
  const network = createNodeNetwork();
  const clock = createNodeClock();
  const random = createNodeRandom();
  const options = { ticket, name: 'mallory', onWaiting: () => undefined };
  const { identity, joined } = await becomeMember({ network, clock, random }, options);
  const [key] = joined.keyring.memberKeys;
  if (key === undefined) throw new Error('it was given no member key');
  return {
    device: identity.device,
    async connect() {
      const stream = await network.dial(address, { timeoutMs: 5_000 });
      const channel = await initiateChannel(stream, {
        ...{ clock, random },
        noiseKey: noiseKeyOf(identity),
        preface: { kind: 'member', key },
        payload: { protocolMinor: 0, agent: 'mallory', device: identity.device, dialled: address },
      });
      return {
        send: (...frames) =>
          channel.send(recordGroups(...frames)).then(
            () => true,
            () => false,
          ),
        receive: () => channel.receive(),
        destroy: () => {
          channel.destroy();
        },
      };
    },
  };
}

export function frame(type: FrameType, stream: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([encodeFrameHeader(type, stream, body.length), body]);
}

export function callFrame(stream: number, method: number, request: Buffer): Buffer {
  return frame('open', stream, encodeCallHeader({ method, deadlineMs: 0, request }));
}

/** Lets the other side send so many bytes more. @param stream 0: on all of them together */
export function creditFrame(stream: number, bytes: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(bytes);
  return frame('credit', stream, body);
}
