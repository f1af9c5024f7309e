/** The calls about members and keys: sending away, roles, new keys, who waits, the recovery words. */
import type {
  ApprovalRow,
  ApprovedReport,
  KeysReport,
  MemberChangeReport,
  RecoverReport,
} from '../../protocol/control/member-reports.ts';
import {
  approveRequest,
  recoverRequest,
  revokeRequest,
  roleRequest,
} from '../../protocol/messages/control-members.ts';
import type { ControlContext } from './context.ts';
import { keysReport } from './key-reports.ts';

export function revoke({ desk }: ControlContext, request: Buffer): Promise<MemberChangeReport> {
  return desk.changes.revoke(revokeRequest.fromWire(request));
}

export function setRole({ desk }: ControlContext, request: Buffer): Promise<MemberChangeReport> {
  return desk.changes.setRole(roleRequest.fromWire(request));
}

export async function rotateKeys(context: ControlContext): Promise<KeysReport> {
  await context.desk.changes.rotate();
  return keysReport(context);
}

export function approvalRows({ desk }: ControlContext): readonly ApprovalRow[] {
  return desk.approvals.rows();
}

export function approve({ desk }: ControlContext, request: Buffer): Promise<ApprovedReport> {
  return desk.approvals.decide(approveRequest.fromWire(request));
}

export function recoverCheck({ desk }: ControlContext, request: Buffer): RecoverReport {
  return desk.recovery.check(recoverRequest.fromWire(request));
}

export function recoverRestore({ desk }: ControlContext, request: Buffer): Promise<RecoverReport> {
  return desk.recovery.restore(recoverRequest.fromWire(request));
}
