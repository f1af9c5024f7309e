/** What status and doctor say about the checkpoint that stands. */
import test from 'ava';
import { checkpointChecks, checkpointReasons } from '../../../agent/control/fold-report.ts';
import type { CheckpointReport } from '../../../protocol/control/retention-reports.ts';

const nas = { deviceId: 'b2'.repeat(16), name: 'nas', online: false, lastSeen: null };
const agreed: CheckpointReport = {
  id: 'c3'.repeat(32),
  batches: 8,
  isAgreed: true,
  waitsFor: [],
  isStable: null,
  here: null,
};
const messageOf = (report: CheckpointReport): string | undefined =>
  checkpointChecks(report)[0]?.message;

test('where none stands nothing is said', (t) => {
  t.deepEqual(checkpointReasons(null), []);
  t.deepEqual(checkpointChecks(null), []);
});

test('doctor says who agrees and who is waited for, and why this device does not', (t) => {
  t.deepEqual(checkpointReasons(agreed), []);
  t.regex(messageOf(agreed) ?? '', /^checkpoint c3c3c3c3 over 8 batches: all devices/);
  t.regex(messageOf({ ...agreed, isAgreed: false, waitsFor: [nas] }) ?? '', /waits for nas$/);
  const here = { code: 'unseen', message: 'it wrote beside it' } as const;
  const beside = { ...agreed, isAgreed: false, waitsFor: [nas], here };
  t.regex(messageOf(beside) ?? '', /it wrote beside it$/);
  t.deepEqual(checkpointReasons(beside), []);
});

test('a device that comes to another state is never just waited for', (t) => {
  const here = { code: 'other-state', message: 'they amount to something else' } as const;
  const differs = { ...agreed, isAgreed: false, waitsFor: [nas], here };
  const [reason, ...others] = checkpointReasons(differs);
  t.deepEqual(others, []);
  t.is(reason?.code, 'checkpoint-differs');
  t.is(reason?.subject, differs.id);
  t.regex(reason?.message ?? '', /c3c3c3c3: they amount to something else; nothing is folded/);
  t.truthy(reason?.next);
  t.deepEqual(checkpointChecks(differs), [], 'the reason is in the report already');
});
