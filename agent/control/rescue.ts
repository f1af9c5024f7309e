/**
 * What the agent answers when the supervisor gave up on a normal start: why, and nothing else. Health
 * is `broken`, every other call is `read-only`. The store stays closed, so nothing can get worse.
 */
import type { DoctorReport, Reason, StatusReport } from '../../protocol/control/reports.ts';
import { VaultError } from '../../protocol/errors.ts';
import { reportToWire } from '../../protocol/messages/control-report.ts';
import { empty, shutdownRequest } from '../../protocol/messages/control.ts';
import { controlMethods } from '../../protocol/methods.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';

/** Of the report, what is known without opening anything; ids are empty where not even they are. */
export type RescueFacts = Pick<StatusReport, 'vaultId' | 'deviceId' | 'name' | 'startedAt'>;

export interface RescueOptions {
  readonly process: ProcessFacts;
  readonly version: string;
  /** Why the agent does not start. */
  readonly reasons: readonly string[];
}

export function createRescueHandler(
  facts: RescueFacts,
  options: RescueOptions,
  requestShutdown: (request: ShutdownRequest) => void,
): CallHandler {
  return async ({ method, request, stream }) => {
    switch (method) {
      case controlMethods.status:
        for (const piece of reportToWire(statusOf(facts, options))) await stream.sendMessage(piece);
        return;
      case controlMethods.doctor:
        for (const piece of reportToWire(doctorOf(options))) await stream.sendMessage(piece);
        return;
      case controlMethods.shutdown: {
        const asked = shutdownRequest.fromWire(request);
        await stream.sendMessage(empty.toWire(undefined));
        requestShutdown(asked);
        return;
      }
      default:
        throw new VaultError('read-only', {
          op: 'control.rescue',
          subject: 'this agent',
          detail: `it runs in rescue mode: ${options.reasons[0] ?? 'it could not start'}`,
          next: 'vault doctor says more',
        });
    }
  };
}

function statusOf(facts: RescueFacts, options: RescueOptions): StatusReport {
  const { process, version } = options;
  return {
    ...facts,
    // Nothing is open: it neither reads nor writes.
    role: 'blind',
    version,
    pid: process.pid,
    supervisorPid: process.supervisorPid ?? null,
    listen: '',
    mounts: [],
    treeHash: null,
    files: 0,
    directories: 0,
    symlinks: 0,
    bytes: 0,
    storedBytes: 0,
    peersOnline: 0,
    peersKnown: 0,
    behindBytes: 0,
    behindOps: 0,
    health: 'broken',
    reasons: reasonsOf(options),
  };
}

function doctorOf(options: RescueOptions): DoctorReport {
  return {
    health: 'broken',
    version: options.version,
    node: options.process.nodeVersion,
    platform: options.process.platform,
    checks: reasonsOf(options).map(({ code, message, next }) => ({
      name: code,
      result: 'failed',
      message,
      next,
    })),
  };
}

function reasonsOf({ reasons }: RescueOptions): Reason[] {
  return reasons.map((message) => ({
    code: 'rescue',
    message,
    next: 'mend the cause, then vaultd stop and vaultd start',
  }));
}
