/**
 * Which of all that happens is on record: every kind of thing that the audit log is for, by the event or the
 * change that it comes from. `test/e2e/audit.ts` causes most of them on a real device.
 */
import test from 'ava';
import { AuditRecorder } from '../../../agent/assemble/audit-recorder.ts';
import type { AuditLog } from '../../../agent/audit/audit-log.ts';
import type { NewEntry } from '../../../agent/audit/entry.ts';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import type { EventRecord } from '../../../protocol/control/reports.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { exampleOps } from '../../helpers/op-examples.ts';
import { silentLog } from '../../helpers/replication-node.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

type Level = EventRecord['level'];

/** What has to be on record, and at which level its event is told. */
const onRecord: Readonly<Record<string, readonly (readonly [string, Level])[]>> = {
  'changes of members': [
    ['member-added', 'info'],
    ['member-revoked', 'warning'],
    ['role-changed', 'info'],
    ['cutoff-moved', 'info'],
    ['owner-replaced', 'warning'],
    ['issuer-frozen', 'warning'],
    ['branch-chosen', 'info'],
    ['approval-asked', 'info'],
    ['member-key-renewed', 'info'],
  ],
  'new epochs': [['epoch-opened', 'info']],
  'refused connections': [['connection-refused', 'warning']],
  'refused operations': [['change-refused', 'warning']],
  'devices that misbehave': [
    ['peer-misbehaved', 'error'],
    ['peer-slowed', 'warning'],
    ['journal-forked', 'warning'],
  ],
  repairs: [
    ['chunks-mended', undefined],
    ['store-index-rebuilt', undefined],
  ],
  configuration: [['config-changed', undefined]],
  keys: [
    ['keys-locked', undefined],
    ['keys-backup', undefined],
    ['passphrase-set', undefined],
    ['passphrase-changed', undefined],
    ['passphrase-removed', undefined],
  ],
};

function record(): { readonly recorder: AuditRecorder; readonly entries: NewEntry[] } {
  const entries: NewEntry[] = [];
  const audit: Pick<AuditLog, 'add'> = { add: (entry) => entries.push(entry) };
  const clock = createVirtualClock();
  const recorder = new AuditRecorder({
    ...{ disk: memoryDisk(), log: silentLog },
    clock: { ...clock, nowMs: () => 0 } as never,
    audit: audit as AuditLog,
  });
  return { recorder, entries };
}

for (const [what, events] of Object.entries(onRecord)) {
  test(`on record: ${what}`, (t) => {
    const { recorder, entries } = record();
    for (const [type, level] of events) recorder.event(eventOf(type, level));
    t.deepEqual(
      entries.map(({ type }) => type),
      events.map(([type]) => type),
    );
  });
}

test('what only tells how it goes is not on record', (t) => {
  const { recorder, entries } = record();
  for (const type of ['peer-online', 'changes-arrived', 'chunks-arrived', 'note']) {
    recorder.event(eventOf(type, 'info'));
  }
  t.deepEqual(entries, []);
});

test('many deletions of one device within a minute are on record, without a name', (t) => {
  const { recorder, entries } = record();
  const unlink = exampleOps.find(({ type }) => type === 'unlink');
  const batch = {
    author: 'ab'.repeat(16),
    body: { ops: Array.from({ length: 150 }, () => unlink) },
  } as unknown as OpenedBatch;
  recorder.batches([batch]);
  t.deepEqual(entries, [], 'what was stored before the start is no news');
  recorder.watch();
  recorder.batches([batch]);
  t.deepEqual(
    entries.map(({ type, subject }) => [type, subject]),
    [['mass-change', batch.author]],
  );
});

function eventOf(type: string, level: Level): EventRecord {
  return { type, message: 'it happened', level } as EventRecord;
}
