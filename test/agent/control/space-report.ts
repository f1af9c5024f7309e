/** What status and doctor say about the space of what was let go. */
import test from 'ava';
import { spaceCheck, spaceReasons } from '../../../agent/control/space-report.ts';
import { statusLines } from '../../../cli/commands/status.ts';
import type { StatusReport } from '../../../protocol/control/reports.ts';
import type { SpaceReport } from '../../../protocol/control/retention-reports.ts';

const quiet: SpaceReport = {
  asOf: '2026-11-30T10:00:00.000Z',
  bytes: 0,
  unnamedBytes: 0,
  waitingBytes: 0,
  waitsFor: [],
  lastRun: { at: '2026-11-30T10:00:00.000Z', freedBytes: 2048, copiedBytes: 0, stopped: null },
  nextRunAt: '2026-11-30T16:00:00.000Z',
  forgetting: null,
};
const nas = {
  deviceId: 'a1'.repeat(16),
  name: 'nas',
  online: false,
  lastSeen: '2026-11-28T09:00:00.000Z',
};
const tablet = { deviceId: 'b2'.repeat(16), name: 'tablet', online: true, lastSeen: null };

test('nothing in the way is no reason, and doctor says when it ran', (t) => {
  t.deepEqual(spaceReasons(quiet), []);
  const { result, message } = spaceCheck(quiet);
  t.is(result, 'ok');
  t.regex(message, /nothing .* waits/);
  t.regex(message, /2026-11-30T10:00:00.000Z, 2.0 KiB given back, next 2026-11-30T16/);
});

test('a device that is away and did not agree is named, with how much waits and since when', (t) => {
  const [reason, ...others] = spaceReasons({
    ...quiet,
    waitingBytes: 3 << 20,
    waitsFor: [tablet, nas],
  });
  t.deepEqual(others, []);
  t.is(reason?.code, 'space-waits');
  t.is(reason?.subject, nas.deviceId);
  t.regex(reason?.message ?? '', /^3.0 MiB .* nas \(away since 2026-11-28/);
  t.false(reason?.message.includes('tablet'), 'one that is online answers by itself');
  t.truthy(reason?.next);
});

test('a run that stopped and a day on which nothing went are reasons', (t) => {
  const lastRun = { ...quiet.lastRun!, stopped: 'a segment cannot be read' };
  const forgetting = { lastRunAt: null, failed: 'a list of chunks is not here', nextRunAt: null };
  t.deepEqual(
    spaceReasons({ ...quiet, lastRun, forgetting }).map(({ code, message }) => [
      code,
      message.split(': ').at(-1),
    ]),
    [
      ['space-stopped', 'a segment cannot be read'],
      ['forgetting-failed', 'a list of chunks is not here'],
    ],
  );
});

test('vault status has a row only where something comes back', (t) => {
  const report: StatusReport = {
    ...{ vaultId: '', deviceId: '', name: 'laptop', role: 'admin', version: '', pid: 1 },
    ...{ supervisorPid: null, startedAt: '', listen: '', mounts: [], treeHash: null, files: 0 },
    ...{ directories: 0, symlinks: 0, bytes: 0, storedBytes: 0, peersOnline: 0, peersKnown: 0 },
    ...{ behindBytes: 0, behindOps: 0, space: quiet, health: 'ok', reasons: [] },
  };
  const row = (space: SpaceReport): string | undefined =>
    statusLines({ ...report, space }).find((line) => line.startsWith('comes back'));
  t.is(row(quiet), undefined);
  t.regex(
    row({ ...quiet, bytes: 1024, waitingBytes: 2048, waitsFor: [nas, tablet] }) ?? '',
    /1.0 KiB at the next run, 2.0 KiB wait for nas, tablet$/,
  );
  t.regex(row({ ...quiet, waitingBytes: 2048 }) ?? '', /wait for changes that are not here yet$/);
});
