/** The calls about the keys of this device at rest, while they are in use. */
import {
  keysBackupRequest,
  passphraseRequest,
  unlockRequest,
} from '../../protocol/messages/control-keys.ts';
import type { LockReport } from '../../protocol/control/key-reports.ts';
import type { Call, ControlContext } from './context.ts';
import { sendReport } from './send-report.ts';

/** Nothing to do, and nothing to find out: the passphrase is not looked at. */
export async function unlockReport({ keys }: ControlContext, request: Buffer): Promise<LockReport> {
  unlockRequest.fromWire(request).passphrase.fill(0);
  return keys.report();
}

/** Answers, then ends this process: the next one starts without keys. */
export async function handleLock({ keys, requestShutdown }: ControlContext, call: Call) {
  await keys.requirePassphrase();
  keys.onLock();
  const report: LockReport = { ...(await keys.report()), locked: true };
  await sendReport(call.stream, report);
  requestShutdown({ supervisor: false, lock: true });
}

export function passphraseReport({ keys }: ControlContext, request: Buffer): Promise<LockReport> {
  return keys.change(passphraseRequest.fromWire(request));
}

export function keysBackupReport({ keys }: ControlContext, request: Buffer) {
  return keys.backup(keysBackupRequest.fromWire(request).passphrase);
}
