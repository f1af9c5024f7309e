/** The reports of the control socket: what `--json` prints. Each is a look at what is true now. */
import type { DiskFreeReport, MemberRow, PeerRow } from '../../protocol/control/reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { fingerprintWords } from '../members/fingerprint.ts';
import type { PeerBookRow } from '../peer/peer.ts';
import type { TransferRow } from '../replication/replication.ts';
import { formatSince } from '../../protocol/text/format.ts';
import { formatTime } from '../vault/format-time.ts';
import type { ControlContext } from './context.ts';

export async function diskFreeReport(context: ControlContext): Promise<DiskFreeReport> {
  const { vault, disk, config, retention } = context;
  const totals = vault.tree.totals();
  const stored = vault.parts.store.report();
  const lag = vault.parts.replication.state();
  const storedBytes = stored.storedBytes + stored.journalBytes;
  const deadBytes = retention.collector.deadBytes ?? null;
  return {
    logicalBytes: totals.bytes,
    files: totals.files,
    storedBytes,
    liveBytes: deadBytes === null ? null : Math.max(0, storedBytes - deadBytes),
    deadBytes,
    missingBytes: lag.missingBytes,
    chunks: stored.chunks,
    diskFreeBytes: await disk.freeBytes(),
    diskTotalBytes: await disk.totalBytes(),
    diskReservedBytes: config.value('store.free-bytes-min'),
    quotaBytes: null,
  };
}

export function membersReport({ members, peers, facts }: ControlContext): readonly MemberRow[] {
  const membership = members.current();
  const book = new Map(peers.book().map((row) => [row.device, row]));
  return [...membership.members.values()].map((member) => {
    const seen = book.get(member.device);
    return {
      deviceId: member.device,
      name: members.nameOf(member.device),
      role: member.role,
      state: member.active ? 'active' : 'revoked',
      self: member.device === facts.device,
      owner: members.isOwnerDevice(member.device),
      addedBy: members.issuerOf(member.device) ?? null,
      // Statements carry no time: clocks play no role in membership.
      addedAt: null,
      revokedAt: null,
      online: member.device === facts.device || seen?.online === true,
      lastSeen: seen?.lastSeenMs === undefined ? null : formatTime(seen.lastSeenMs),
      fingerprint: fingerprintWords(member).join(' '),
    };
  });
}

export async function peersReport(context: ControlContext): Promise<readonly PeerRow[]> {
  const { vault, members, peers, facts } = context;
  const membership = members.current();
  const rows = peers.book().filter(({ device }) => device !== facts.device);
  const known = new Set(rows.map(({ device }) => device));
  const silent: PeerBookRow[] = [...membership.members.values()]
    .filter(({ device, active }) => active && device !== facts.device && !known.has(device))
    .map(({ device }) => ({
      device,
      addresses: [],
      online: false,
      address: undefined,
      rttMs: undefined,
      lastSeenMs: undefined,
      agent: undefined,
      lastError: undefined,
      nextAttemptMs: undefined,
    }));
  const lacked = await vault.parts.replication.lackedBytes();
  const { transfers } = vault.parts.replication.state();
  return [...rows, ...silent].map((row) => peerRow(context, row, { lacked, transfers }));
}

function peerRow(
  { members, clock }: ControlContext,
  row: PeerBookRow,
  {
    lacked,
    transfers,
  }: {
    readonly lacked: ReadonlyMap<DeviceId, number>;
    readonly transfers: readonly TransferRow[];
  },
): PeerRow {
  const member = row.device === undefined ? undefined : members.current().members.get(row.device);
  const bytesOf = (direction: 'in' | 'out'): number =>
    transfers
      .filter((each) => each.device === row.device && each.direction === direction)
      .reduce((sum, { bytesDone }) => sum + bytesDone, 0);
  return {
    ...bookRow(row, clock.nowMs()),
    name: row.device === undefined ? '' : members.nameOf(row.device),
    role: member?.role ?? null,
    behindBytes: (row.device && lacked.get(row.device)) ?? null,
    bytesIn: bytesOf('in'),
    bytesOut: bytesOf('out'),
  };
}

/** What the address book alone says about a device: neither its name nor its role. */
export function bookRow(row: PeerBookRow, nowMs: number): PeerRow {
  return {
    deviceId: row.device ?? null,
    name: row.device?.slice(0, 8) ?? '',
    role: null,
    online: row.online,
    address: reachableAddress(row),
    addresses: row.addresses,
    rttMs: row.rttMs ?? null,
    lastSeen: row.lastSeenMs === undefined ? null : formatTime(row.lastSeenMs),
    agent: row.agent ?? null,
    behindBytes: null,
    bytesIn: 0,
    bytesOut: 0,
    reasons: [...troubleReasons(row, nowMs), ...(row.online ? [] : offlineReasons(row, nowMs))],
  };
}

/** Where it can be dialled: one that dialled us shows only the port that it happened to call from. */
function reachableAddress({ address, addresses }: PeerBookRow): string | null {
  if (address !== undefined && addresses.includes(address)) return address;
  return addresses[0] ?? address ?? null;
}

/** What it did against the rules, so that nobody looks for the cause in the network. */
function troubleReasons({ trouble, online }: PeerBookRow, nowMs: number): PeerRow['reasons'] {
  if (trouble === undefined) return [];
  const agoText = (ms: number): string => formatSince(formatTime(ms), nowMs);
  const { thrownOut, slowedAtMs } = trouble;
  if (thrownOut !== undefined) {
    return [
      {
        code: 'peer-misbehaved',
        message: `it was thrown out ${agoText(thrownOut.atMs)}, because it broke the rules: ${thrownOut.reason}`,
        next: 'look what runs there; if it is not yours any more: vault revoke DEVICE',
      },
    ];
  }
  if (!online || slowedAtMs === undefined) return [];
  return [
    {
      code: 'peer-slowed',
      message: `it sends more than any device needs to and was slowed down ${agoText(slowedAtMs)}`,
      next: 'look what runs there; if it goes on it is thrown out',
    },
  ];
}

function offlineReasons(row: PeerBookRow, nowMs: number): PeerRow['reasons'] {
  if (row.addresses.length === 0) {
    return [
      {
        code: 'no-address',
        message: 'no address of it is known',
        next: 'vault peers add HOST:PORT, or wait until another device tells its address',
      },
    ];
  }
  const secondsLeft =
    row.nextAttemptMs === undefined
      ? undefined
      : Math.max(0, Math.ceil((row.nextAttemptMs - nowMs) / 1000));
  return [
    {
      code: 'peer-offline',
      message: row.lastError ?? 'it was not reached yet',
      next:
        row.device === undefined
          ? 'check the address, and that an agent of this vault runs there; it is tried again by itself'
          : 'start its agent; it is tried again by itself',
      secondsLeft,
    },
  ];
}
