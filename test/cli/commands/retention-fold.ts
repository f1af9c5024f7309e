import test from 'ava';
import { foldLines } from '../../../cli/commands/retention-fold.ts';
import type { FoldReport } from '../../../protocol/control/retention-reports.ts';

const report: FoldReport = {
  dryRun: true,
  batches: 8,
  bytes: 2048,
  bytesBack: 1024,
  batchesAll: 10,
  bytesAll: 4096,
  batchesKept: 1,
  visibleFrom: '2026-11-01T12:30:00.000Z',
  waitsFor: [],
  issued: null,
  checkpoint: null,
  folded: null,
};
const nas = { deviceId: 'b'.repeat(32), name: 'nas\u001b', online: false };
const checkpoint = {
  id: 'c'.repeat(64),
  batches: 8,
  isAgreed: false,
  isStable: true,
  waitsFor: [{ ...nas, lastSeen: null }],
  here: null,
};

test('it says how much can be folded, what the rest is kept by, and from when on the past is seen', (t) => {
  t.deepEqual(foldLines(report), [
    '8 batches of 10 can be folded (2.0 KiB of 4.0 KiB of changes)',
    '1.0 KiB would come back on each device that reads; what stands for them takes about 200 bytes a file',
    '--at would show the vault from 2026-11-01 12:30 on',
    'rules, snapshots and the trash keep 1 batch',
  ]);
});

test('a device that is away is named with its time, and nothing of its name acts on the terminal', (t) => {
  const waits = { ...nas, lastSeen: '2026-11-20T08:00:00.000Z', batches: 2 };
  const lines = foldLines({ ...report, batchesKept: 0, visibleFrom: null, waitsFor: [waits] });
  t.is(lines[2], 'nas\\x1b (away since 2026-11-20 08:00) has not seen 2 batches of it');
});

test('the checkpoint that stands says who has not agreed, and why this device has not', (t) => {
  const issued = foldLines({ ...report, dryRun: false, issued: checkpoint.id, checkpoint });
  t.is(
    issued.at(-1),
    'checkpoint cccccccc over 8 batches was issued: waits for nas\\x1b (not connected)',
  );
  const here = { code: 'behind', message: 'changes are not here yet' } as const;
  t.is(
    foldLines({ ...report, checkpoint: { ...checkpoint, here } }).at(-1),
    `here: ${here.message}`,
  );
  const agreed = { ...checkpoint, isAgreed: true, waitsFor: [] };
  t.regex(foldLines({ ...report, checkpoint: agreed }).at(-1) ?? '', /all devices .* agree/);
  t.is(foldLines({ ...report, dryRun: false }).at(-1), 'nothing to fold: no checkpoint was issued');
});

test('what is folded says how far this device has heeded it, and what came back', (t) => {
  const folded = {
    id: 'f'.repeat(64),
    batches: 8,
    here: 'done',
    freedBytes: 2048,
    visibleFrom: '2026-11-01T12:30:00.000Z',
  } as const;
  t.deepEqual(foldLines({ ...report, folded }).slice(-3), [
    '8 batches are folded: their bodies went from the journals of this device',
    '2.0 KiB came back since the agent started',
    '--at shows the vault from 2026-11-01 12:30 on',
  ]);
  const waits = { ...folded, here: 'pages', freedBytes: 0, visibleFrom: null } as const;
  t.regex(foldLines({ ...report, folded: waits }).at(-1) ?? '', /not here yet$/);
});
