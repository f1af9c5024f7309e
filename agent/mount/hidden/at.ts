/** `at/WHEN`: the whole tree as it was, for snapshots by their names and for any time that a person can say. */
import { isVaultError } from '../../../protocol/errors.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import { parseTime } from '../../../protocol/text/time.ts';
import type { HiddenDirectory, HiddenEntry } from '../../../fuse/operations/port.ts';
import type { Snapshot } from '../../namespace/snapshots.ts';
import { fileTimeOf } from '../../vault/format-time.ts';
import { pastDirectory } from './past-directory.ts';
import { directory, type HiddenParts } from './hidden.ts';

const minuteMs = 60_000;

export function atDirectory(parts: HiddenParts): HiddenDirectory {
  const { tree, clock } = parts.vault;
  return directory({
    key: 'at',
    children: () => Promise.resolve(listed(parts, tree.snapshots())),
    child: (name) => {
      const moment = momentOf(parts, name.toString(), clock.nowMs());
      return Promise.resolve(moment === undefined ? undefined : treeOf(parts, moment));
    },
  });
}

/** By name where that is a name of a file and of one snapshot only, else by the id. */
function listed(parts: HiddenParts, snapshots: readonly Snapshot[]): readonly HiddenEntry[] {
  const counts = new Map<string, number>();
  for (const { name } of snapshots) counts.set(name, (counts.get(name) ?? 0) + 1);
  return snapshots.map(({ id, name, stamp }) => {
    const isPlain = counts.get(name) === 1 && isFileName(name);
    const node = treeOf(parts, { type: 'snapshot', id });
    return {
      name: Buffer.from(isPlain ? name : id),
      node: { ...node, mtime: fileTimeOf(stamp.wallMs) },
    };
  });
}

function isFileName(name: string): boolean {
  const bytes = Buffer.byteLength(name);
  if (name === '.' || name === '..') return false;
  return bytes > 0 && bytes <= 255 && !name.includes('/') && !name.includes('\0');
}

/** What is said from now on backwards goes by whole minutes, so that it stays the same for a while. */
function momentOf({ moments }: HiddenParts, text: string, nowMs: number): Moment | undefined {
  const timeMs = parseTime(text, Math.floor(nowMs / minuteMs) * minuteMs);
  try {
    return moments.find({ text, timeMs });
  } catch (error) {
    if (isVaultError(error, 'not-found')) return undefined;
    throw error;
  }
}

function treeOf({ moments }: HiddenParts, moment: Moment): HiddenDirectory {
  const key = moment.type === 'snapshot' ? `at/${moment.id}` : `at/${String(moment.timeMs)}`;
  return pastDirectory({
    key,
    mtime: moment.type === 'time' ? fileTimeOf(moment.timeMs) : undefined,
    path: [],
    tree: (signal) => moments.treeAt(moment, { signal }),
  });
}
