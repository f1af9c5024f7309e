/**
 * The `status` report: one honest line about health with its reasons. Whatever is not green says why,
 * what to do, and how long it will take where that is known.
 */
import type { Health, Reason, StatusReport } from '../../protocol/control/reports.ts';
import { formatTime } from '../vault/format-time.ts';
import type { ControlContext } from './context.ts';
import { conflictReasons } from './conflict-reasons.ts';
import { damageReasons } from './damage-reasons.ts';
import { checkpointReasons, checkpointReport, foldReasons } from './fold-report.ts';
import { memberReasons } from './member-reasons.ts';
import { spaceReasons, spaceReport } from './space-report.ts';

export function statusReport(context: ControlContext): StatusReport {
  const { vault, peers, members, facts } = context;
  const membership = members.current();
  const self = membership.members.get(facts.device);
  const totals = vault.tree.totals();
  const stored = vault.parts.store.report();
  const lag = vault.parts.replication.state();
  const others = [...membership.members.values()].filter(
    ({ device, active }) => active && device !== facts.device,
  );
  const space = spaceReport(context);
  const reasons = [
    ...reasonsOf(context),
    ...spaceReasons(space),
    ...checkpointReasons(checkpointReport(context)),
    ...foldReasons(context),
  ];
  return {
    vaultId: membership.vault,
    deviceId: facts.device,
    name: members.nameOf(facts.device),
    role: self?.role ?? 'blind',
    version: facts.version,
    pid: facts.process.pid,
    supervisorPid: facts.process.supervisorPid ?? null,
    startedAt: formatTime(facts.startedAtMs),
    listen: peers.listening,
    mounts: context.mounts.rows(),
    treeHash: members.keyring().vault === undefined ? null : vault.tree.treeHash().toString('hex'),
    files: totals.files,
    directories: totals.directories,
    symlinks: totals.symlinks,
    bytes: totals.bytes,
    storedBytes: stored.storedBytes + stored.journalBytes,
    memoryBytes: wholeMebibytes(facts.process.memoryBytes()),
    peersOnline: peers.peers().length,
    peersKnown: others.length,
    behindBytes: lag.missingBytes,
    behindOps: lag.behindOps,
    space,
    health: healthOf(reasons),
    reasons,
  };
}

/** Finer steps change at every look, and say nothing. */
function wholeMebibytes(bytes: number): number {
  return Math.round(bytes / mebibyte) * mebibyte;
}

const mebibyte = 1024 * 1024;

/** How bad each reason is; the worst decides. */
const gravity: Readonly<Record<string, Exclude<Health, 'ok'>>> = {
  'sent-away': 'attention',
  'owner-frozen': 'attention',
  'approval-wanted': 'attention',
  'disk-full': 'attention',
  'store-damaged': 'attention',
  'journal-damaged': 'attention',
  'journal-forked': 'attention',
  'branch-elsewhere': 'working',
  'fetching-ops': 'working',
  'fetching-chunks': 'working',
  'chunks-nowhere': 'attention',
  'space-stopped': 'attention',
  'forgetting-failed': 'attention',
  'space-waits': 'working',
  'checkpoint-differs': 'attention',
  'state-missing': 'working',
  'fold-unsaid': 'attention',
  conflicts: 'attention',
};

function healthOf(reasons: readonly Reason[]): Health {
  const levels = reasons.map(({ code }) => gravity[code] ?? 'attention');
  if (levels.includes('broken')) return 'broken';
  if (levels.includes('attention')) return 'attention';
  return levels.includes('working') ? 'working' : 'ok';
}

function reasonsOf(context: ControlContext): readonly Reason[] {
  return [
    ...memberReasons(context),
    ...storeReasons(context),
    ...forkReasons(context),
    ...lagReasons(context),
    ...conflictReasons(context),
  ];
}

function storeReasons({ vault, members }: ControlContext): readonly Reason[] {
  const { store, replication } = vault.parts;
  const report = store.report();
  const reasons: Reason[] = [];
  if (report.full) {
    reasons.push({
      code: 'disk-full',
      message: 'the disk is full: new writes are refused, reading goes on',
      next: 'free some space; writing goes on by itself then',
    });
  }
  reasons.push(
    ...damageReasons({
      events: report.events,
      lag: replication.state(),
      nameOf: (device) => members.nameOf(device),
    }),
  );
  for (const journal of store.journals.damaged()) {
    reasons.push({
      code: 'journal-damaged',
      message: 'a journal lost its end or holds an unreadable batch',
      subject: journal,
      next: 'connect another device: it sends what is missing',
    });
  }
  return reasons;
}

function forkReasons({ journals }: ControlContext): readonly Reason[] {
  return journals.waiting().map(({ journal, device, state, at }) =>
    state === 'forked'
      ? {
          code: 'journal-forked',
          message:
            `${device} wrote two histories from batch ${String(at)} of a journal on, as after a restored ` +
            'or copied home; what follows is kept and hidden',
          subject: journal,
          next: 'vault journal list shows the branches; vault journal choose names the one that counts',
        }
      : {
          code: 'branch-elsewhere',
          message: `the branch of a journal of ${device} that counts is not here from batch ${String(at)} on`,
          subject: journal,
          next: 'connect a device that has it: it comes by itself',
        },
  );
}

function lagReasons({ vault, peers }: ControlContext): readonly Reason[] {
  const lag = vault.parts.replication.state();
  const reasons: Reason[] = [];
  if (lag.behindOps > 0) {
    reasons.push({
      code: 'fetching-ops',
      message: `${String(lag.behindOps)} batches of changes are on their way`,
    });
  }
  if (lag.missingChunks === 0) return reasons;
  const online = peers.peers().length > 0;
  const bytesPerSecond = lag.transfers
    .filter(({ direction }) => direction === 'in')
    .reduce((sum, row) => sum + row.bytesPerSecond, 0);
  const amount = `${String(lag.missingChunks)} chunks (${String(lag.missingBytes)} bytes)`;
  reasons.push(
    online
      ? {
          code: 'fetching-chunks',
          message: `${amount} are on their way`,
          secondsLeft:
            bytesPerSecond > 0 ? Math.ceil(lag.missingBytes / bytesPerSecond) : undefined,
        }
      : {
          code: 'chunks-nowhere',
          message: `${amount} are missing here and no other device is online`,
          next: 'start another device of this vault; vault peers shows when each was last seen',
        },
  );
  return reasons;
}
