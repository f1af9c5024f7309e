/**
 * What the agent answers while it asks other devices for its membership log, which its own disk has lost:
 * why nothing of the vault is open, whom it tries to reach, and where else they may be.
 */
import type { Reason } from '../../protocol/control/reports.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { parseId, type DeviceId } from '../../protocol/ids.ts';
import { peerAddRequest, peerRemoveRequest } from '../../protocol/messages/control.ts';
import { controlMethods } from '../../protocol/methods.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Clock } from '../ports.ts';
import { createAbsentHandler, type AbsentFacts } from './absent.ts';
import { addAddress, removePeer } from './peer-calls.ts';
import { bookRow } from './reports.ts';
import { sendReport } from './send-report.ts';

export interface SeekingOptions {
  readonly facts: Pick<AbsentFacts, 'vaultId' | 'deviceId' | 'name' | 'startedAt'>;
  readonly process: ProcessFacts;
  readonly version: string;
  readonly clock: Clock;
  readonly peers: PeerSet;
  /** Members, as far as this device remembers, without itself. */
  readonly others: readonly DeviceId[];
  readonly requestShutdown: (request: ShutdownRequest) => void;
}

const next =
  'start another device of this vault; vault peers says why each is not reached, and vault peers add ' +
  'HOST:PORT where one is';

export function createSeekingHandler(options: SeekingOptions): CallHandler {
  const { facts, peers, clock, others } = options;
  const absent = createAbsentHandler({
    ...options,
    get facts(): AbsentFacts {
      return {
        ...facts,
        listen: peers.listening,
        peersOnline: peers.peers().length,
        peersKnown: others.length,
      };
    },
    health: 'broken',
    reasons: [reasonOf(others.length)],
    refusal: () =>
      new VaultError('damaged', {
        op: 'control.seeking',
        subject: 'journals/members.log',
        detail: 'the list of members is damaged; it is asked for at the other devices',
        next,
      }),
  });
  const answer = async (call: Parameters<CallHandler>[0], report: object): Promise<void> => {
    await sendReport(call.stream, report);
  };
  return async (call) => {
    switch (call.method) {
      case controlMethods.peers: {
        const rows = peers.book().filter(({ device }) => device !== facts.deviceId);
        await answer(
          call,
          rows.map((row) => bookRow(row, clock.nowMs())),
        );
        return;
      }
      case controlMethods.peerAdd: {
        const { address, device } = peerAddRequest.fromWire(call.request);
        await answer(call, await addAddress(peers, address, idOf(device)));
        return;
      }
      case controlMethods.peerRemove:
        await answer(call, await removePeer({ peers }, peerRemoveRequest.fromWire(call.request)));
        return;
      default:
        await absent(call);
    }
  };
}

function reasonOf(others: number): Reason {
  return {
    code: 'members-log-lost',
    message:
      'the list of members is damaged in both of its files, so that nothing of the vault can be opened; ' +
      `this device asks the ${String(others)} others that it remembers for it, and goes on by itself then`,
    subject: 'journals/members.log',
    next,
  };
}

/** Names are sealed under keys that the lost log has. @throws VaultError `usage` */
function idOf(named: string | undefined): DeviceId | undefined {
  if (named === undefined) return undefined;
  try {
    return parseId('device', named);
  } catch (cause) {
    if (!isVaultError(cause)) throw cause;
    throw new VaultError('usage', {
      op: 'control.seeking',
      subject: named,
      detail: 'names of devices are not known without the list of members',
      next: 'give the whole id of the device, or leave --device out',
      cause,
    });
  }
}
