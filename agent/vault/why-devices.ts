/**
 * Which device has what of some versions, as far as the devices have said so to this one. Pure.
 */
import { splitJournalId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import type { Role } from '../../protocol/control/reports.ts';
import type { PeerBookRow } from '../peer/peer.ts';
import type { ReplicationState } from '../replication/replication.ts';
import type { Vector } from './batch-times.ts';

/** A device of the vault, this one among them. */
export interface DeviceFacts {
  readonly device: DeviceId;
  readonly name: string;
  readonly role: Role;
  readonly self: boolean;
  readonly online: boolean;
  readonly lastSeenMs: number | undefined;
  /** Why it was not reached. */
  readonly lastError: string | undefined;
  /** Has every batch that made the versions. undefined: it has not said so. */
  readonly seen: boolean | undefined;
  /** Holds all of their content. undefined: it has not said so. */
  readonly holds: boolean | undefined;
  /** Left on its disk, as it said. */
  readonly freeBytes: number | undefined;
  /** Bytes of chunks a second from it, and to it. */
  readonly inRate: number;
  readonly outRate: number;
}

export interface DeviceSources {
  readonly self: DeviceId;
  readonly members: readonly {
    readonly device: DeviceId;
    readonly name: string;
    readonly role: Role;
  }[];
  readonly book: readonly PeerBookRow[];
  readonly replication: ReplicationState;
  /** What this device holds itself. */
  readonly holdsAll: boolean;
  /** Per journal, the last batch that made one of the versions. */
  readonly needed: Vector;
}

/** One row a device, this one first. */
export function deviceFacts(sources: DeviceSources): readonly DeviceFacts[] {
  const rows = sources.members.map((member) => factsOf(sources, member));
  return rows.sort((a, b) => Number(b.self) - Number(a.self));
}

function factsOf(
  { self, book, replication, holdsAll, needed }: DeviceSources,
  { device, name, role }: DeviceSources['members'][number],
): DeviceFacts {
  const common = { device, name, role, inRate: 0, outRate: 0 };
  if (device === self) {
    const here = { self: true, online: true, lastSeenMs: undefined, lastError: undefined };
    return { ...common, ...here, seen: true, holds: holdsAll, freeBytes: undefined };
  }
  const row = book.find((each) => each.device === device);
  const holdings = replication.holdings.get(device);
  const rateOf = (direction: 'in' | 'out'): number =>
    replication.transfers
      .filter((each) => each.device === device && each.direction === direction)
      .reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const announced = holdings !== undefined && holdings.complete.size > 0;
  return {
    ...common,
    self: false,
    online: row?.online === true,
    lastSeenMs: row?.lastSeenMs,
    lastError: row?.lastError,
    seen: hasAll(holdings?.applied, needed, device),
    holds: announced ? hasAll(holdings.complete, needed, undefined) : undefined,
    freeBytes: announced ? holdings.freeBytes : undefined,
    inRate: rateOf('in'),
    outRate: rateOf('out'),
  };
}

/** Whoever wrote a journal has all of it; of a device that said nothing nothing is known. */
function hasAll(
  vector: Vector | undefined,
  needed: Vector,
  author: DeviceId | undefined,
): boolean | undefined {
  const isOwn = (journal: JournalId): boolean => splitJournalId(journal).device === author;
  const others = [...needed].filter(([journal]) => !isOwn(journal));
  if (others.length === 0) return true;
  if (vector === undefined) return undefined;
  return others.every(([journal, sequence]) => (vector.get(journal) ?? 0) >= sequence);
}

/** Devices that should have content that is missing here: those that said so, and those that wrote it. */
export function holdersOf(
  { replication, self }: Pick<DeviceSources, 'replication' | 'self'>,
  missingFrom: Vector,
): ReadonlySet<DeviceId> {
  const holders = new Set<DeviceId>();
  for (const [journal, sequence] of missingFrom) {
    holders.add(splitJournalId(journal).device);
    for (const [device, { complete }] of replication.holdings) {
      if ((complete.get(journal) ?? 0) >= sequence) holders.add(device);
    }
  }
  holders.delete(self);
  return holders;
}
