/** What became of a path that is not there: who took it away, and when; or that it never was. */
import { splitJournalId } from '../../protocol/ids.ts';
import type { WhyReport } from '../../protocol/control/reports.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { formatTime } from './format-time.ts';
import { occupantsOf, type PastParts } from './occupants.ts';
import { formatPath, type VaultPath } from './path.ts';
import { formatVersion } from './version-id.ts';
import type { BrowseParts } from './browse.ts';

export interface Departure {
  /** The operation that took it away. */
  readonly op: OpId;
  readonly deleted: NonNullable<WhyReport['deleted']>;
}

/** undefined: nothing of this name ever was there, as far as this device knows. */
export async function departureOf(
  parts: PastParts & Pick<BrowseParts, 'deviceName'>,
  path: VaultPath,
): Promise<Departure | undefined> {
  const [last] = await occupantsOf(parts, path);
  const change = last?.until;
  if (last === undefined || change === undefined) return undefined;
  const device = splitJournalId(change.op.journal).device;
  const present = change.body.type === 'move' ? parts.tree.pathOf(last.node) : undefined;
  return {
    op: change.op,
    deleted: {
      author: parts.deviceName(device),
      deviceId: device,
      time: formatTime(change.stamp.wallMs),
      version: formatVersion(change.op),
      renamedTo: present === undefined ? null : formatPath(present),
    },
  };
}
