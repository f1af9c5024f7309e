/** The calls about the audit log: its entries, the past first, and whether it is whole. */
import type { AuditReport } from '../../protocol/control/audit-reports.ts';
import { auditRequest } from '../../protocol/messages/control-audit.ts';
import { event as eventCodec } from '../../protocol/messages/control-report.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { Call, ControlContext } from './context.ts';
import { sendAndFollow } from './follow.ts';

const queuedMax = 1000;

export async function handleAudit({ audit }: ControlContext, call: Call): Promise<void> {
  const { sinceMs, follow } = auditRequest.fromWire(call.request);
  let last = 0;
  await sendAndFollow<AuditEntry>(call.stream, {
    past: audit.entries(sinceMs),
    subscribe: (onEntry) => audit.onEntry(onEntry),
    sent(entry) {
      last = entry.sequence;
    },
    wasSent: (entry) => entry.sequence <= last,
    toWire: (entry) => eventCodec.toWire(entry),
    follow,
    queuedMax,
    tooSlow: {
      op: 'control.audit',
      subject: 'the audit log',
      next: 'start anew: vault audit --since shows what came meanwhile',
    },
  });
}

export async function auditVerdict({ audit }: ControlContext): Promise<AuditReport> {
  const { broken, ...counts } = await audit.verify();
  return { whole: broken === undefined, ...counts, broken: broken ?? null };
}
