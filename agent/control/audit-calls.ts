/** The calls about the audit log: its entries, the past first, and whether it is whole. */
import type { AuditReport } from '../../protocol/control/audit-reports.ts';
import { auditRequest } from '../../protocol/messages/control-audit.ts';
import { event as eventCodec } from '../../protocol/messages/control-report.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { Call, ControlContext } from './context.ts';

const queuedMax = 1000;

export async function handleAudit({ audit }: ControlContext, call: Call): Promise<void> {
  const { sinceMs, follow } = auditRequest.fromWire(call.request);
  const { stream } = call;
  const coming: AuditEntry[] = [];
  let wake: () => void = () => undefined;
  // Followed before the past is sent, so that nothing falls between the two.
  const stop = audit.onEntry((entry) => {
    if (coming.length < queuedMax) coming.push(entry);
    wake();
  });
  const aborted = (): void => {
    wake();
  };
  stream.signal.addEventListener('abort', aborted);
  try {
    let last = 0;
    for await (const entry of audit.entries(sinceMs)) {
      last = entry.sequence;
      await stream.sendMessage(eventCodec.toWire(entry));
    }
    while (follow && !stream.signal.aborted) {
      const entry = coming.shift();
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (entry.sequence > last) {
        await stream.sendMessage(eventCodec.toWire(entry));
      }
    }
  } finally {
    stop();
    stream.signal.removeEventListener('abort', aborted);
  }
}

export async function auditVerdict({ audit }: ControlContext): Promise<AuditReport> {
  const { broken, ...counts } = await audit.verify();
  return { whole: broken === undefined, ...counts, broken: broken ?? null };
}
