/**
 * What the store found to be damaged, as reasons of `status`: chunks for as long as no good copy has
 * replaced them, other records for as long as the agent runs.
 */
import type { Reason } from '../../protocol/control/reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { ReplicationState } from '../replication/replication.ts';
import type { StoreEvent } from '../store/store.ts';

const membershipLogs: ReadonlySet<string> = new Set([
  'journals/members.log',
  'journals/members.copy',
]);

export interface DamageSources {
  readonly events: readonly StoreEvent[];
  readonly lag: Pick<ReplicationState, 'damaged' | 'missingChunks'>;
  readonly nameOf: (device: DeviceId) => string;
}

export function damageReasons(sources: DamageSources): readonly Reason[] {
  return [...chunkReasons(sources), ...recordReasons(sources)];
}

function chunkReasons({ events, lag, nameOf }: DamageSources): readonly Reason[] {
  const { chunks, bytes } = lag.damaged;
  if (chunks === 0) return [];
  const what = `${String(chunks)} damaged ${chunks === 1 ? 'chunk' : 'chunks'} (${String(bytes)} bytes)`;
  return [
    {
      code: 'store-damaged',
      message: `${what}: ${whereFrom(lag.damaged, nameOf)}`,
      subject: events.findLast(({ chunk }) => chunk !== undefined)?.file,
      next:
        lag.damaged.nowhere === 0
          ? 'it mends by itself; check the disk'
          : 'start a device that holds these files (vault peers shows who is away); check the disk',
    },
  ];
}

function whereFrom(
  { from, nowhere }: ReplicationState['damaged'],
  nameOf: DamageSources['nameOf'],
): string {
  const names = from.map(nameOf).join(', ');
  if (names === '') return 'no device that is online has them';
  const others = nowhere === 0 ? '' : `; no device that is online has ${String(nowhere)} of them`;
  return `being fetched from ${names}${others}`;
}

function recordReasons({ events, lag }: DamageSources): readonly Reason[] {
  return events.flatMap((event) => {
    if (event.type !== 'record-quarantined' || event.chunk !== undefined) return [];
    // What the membership log lost is a reason of its own, and what its copy had is back.
    if (membershipLogs.has(event.file)) return [];
    // Bytes between chunks concern nobody once every chunk is here.
    if (event.file.startsWith('segments/') && lag.missingChunks === 0) return [];
    return {
      code: 'store-damaged',
      message: `a damaged record was set aside (${event.reason})`,
      subject: event.file,
      next: 'a device that has the content replaces it; check the disk',
    };
  });
}
