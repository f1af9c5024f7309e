import test from 'ava';
import { whyLines } from '../../../cli/commands/why.ts';
import type { WhyReport } from '../../../protocol/control/reports.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const base: WhyReport = {
  path: '/docs/a.txt',
  kind: 'file',
  health: 'attention',
  summary: '2 chunks (1.0 KiB) missing here; nas should have it',
  version: '3f2a00112233aabb',
  author: 'nas',
  deviceId: 'bb'.repeat(16),
  time: '2026-11-21T09:00:00.000Z',
  deleted: null,
  files: 1,
  bytes: 2000,
  filesHere: 0,
  missingChunks: 2,
  missingBytes: 1024,
  filesUnknown: 1,
  conflicts: [],
  devices: [
    {
      deviceId: 'aa'.repeat(16),
      name: 'laptop',
      self: true,
      role: 'admin',
      online: true,
      lastSeen: null,
      seen: true,
      holds: false,
    },
    {
      deviceId: 'bb'.repeat(16),
      name: 'nas',
      self: false,
      role: 'writer',
      online: false,
      lastSeen: '2026-11-21T10:00:00.000Z',
      seen: true,
      holds: null,
    },
  ],
  reasons: [
    {
      code: 'holder-offline',
      message: 'nas should have it and is offline',
      subject: 'bb'.repeat(16),
      next: 'start the agent of nas',
      secondsLeft: 65,
    },
  ],
};

test('a person reads what it is, who has it, what stands in the way and what to do', (t) => {
  t.deepEqual(whyLines(base, nowMs), [
    '/docs/a.txt  2 chunks (1.0 KiB) missing here; nas should have it',
    'version      3f2a00112233aabb',
    'written      by nas, 2026-11-21T09:00:00.000Z (3 h)',
    'here         0 of 1 file whole, 2 chunks missing (1.0 KiB), of 1 file the list of chunks too',
    'laptop       this device: not all of it',
    'nas          knows it, content not known; offline, last seen 2 h ago',
    'nas should have it and is offline (1:05 left)',
    '  try: start the agent of nas',
  ]);
});

test('of a directory the sums, of conflicts every version, of what is gone only that', (t) => {
  const conflicts = [
    { path: '/a', version: 'aaaa', author: 'nas', time: null },
    { path: '/a (conflict)', version: null, author: null, time: null },
  ];
  const directory = whyLines({ ...base, kind: 'directory', conflicts, reasons: [] }, nowMs);
  t.false(directory.some((line) => line.startsWith('version') || line.startsWith('written')));
  t.true(directory.includes('in conflict  /a by nas, version aaaa'));
  t.true(directory.includes('in conflict  /a (conflict) by ?'));
  const gone = { ...base, kind: null, version: null, author: null, files: 0, devices: [] };
  t.deepEqual(whyLines({ ...gone, summary: 'nas removed it', reasons: [] }, nowMs), [
    '/docs/a.txt  nas removed it',
  ]);
});

test('names that others gave cannot move the cursor', (t) => {
  const devices = [{ ...base.devices[1]!, name: '\u001b[31mred' }];
  const lines = whyLines({ ...base, path: '/x\u001b[2J', devices, summary: '\u202e' }, nowMs);
  t.notRegex(lines.join('\n'), /[\u0000-\u0009\u000b-\u001f\u202e]/);
});
