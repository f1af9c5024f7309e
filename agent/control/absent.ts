/**
 * What every agent answers that has no vault open, locked, in rescue or without its membership log: its
 * status, its doctor and its end. Why it has none, and what else it takes, is given by whoever runs it.
 */
import type { DoctorReport, Health, Reason, StatusReport } from '../../protocol/control/reports.ts';
import type { VaultError } from '../../protocol/errors.ts';
import { empty, shutdownRequest } from '../../protocol/messages/control.ts';
import { controlMethods } from '../../protocol/methods.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import { sendReport } from './send-report.ts';

/** Of the report, what is known without opening anything; ids are empty where not even they are. */
export type AbsentFacts = Pick<StatusReport, 'vaultId' | 'deviceId' | 'name' | 'startedAt'> &
  Partial<Pick<StatusReport, 'listen' | 'peersOnline' | 'peersKnown'>>;

export interface AbsentOptions {
  readonly facts: AbsentFacts;
  readonly process: ProcessFacts;
  readonly version: string;
  readonly health: Health;
  readonly reasons: readonly Reason[];
  /** The answer to every call that needs a vault. */
  readonly refusal: () => VaultError;
  readonly requestShutdown: (request: ShutdownRequest) => void;
}

export function createAbsentHandler(options: AbsentOptions): CallHandler {
  return async ({ method, request, stream }) => {
    switch (method) {
      case controlMethods.status:
        await sendReport(stream, statusOf(options));
        return;
      case controlMethods.doctor:
        await sendReport(stream, doctorOf(options));
        return;
      case controlMethods.shutdown: {
        const asked = shutdownRequest.fromWire(request);
        await stream.sendMessage(empty.toWire(undefined));
        options.requestShutdown(asked);
        return;
      }
      default:
        throw options.refusal();
    }
  };
}

function statusOf({ facts, process, version, health, reasons }: AbsentOptions): StatusReport {
  return {
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
    ...facts,
    health,
    reasons,
  };
}

function doctorOf({ health, process, version, reasons }: AbsentOptions): DoctorReport {
  return {
    health,
    version,
    node: process.nodeVersion,
    platform: process.platform,
    checks: reasons.map(({ code, message, next }) => ({
      name: code,
      result: health === 'broken' ? 'failed' : 'warning',
      message,
      next,
    })),
  };
}
