/**
 * `trash/`: what was deleted and is not back, where it was: files as they were last, directories as they
 * were just before.
 */
import type { TrashRow } from '../../../protocol/messages/control-history.ts';
import type { Hidden, HiddenDirectory } from '../../../fuse/operations/port.ts';
import { findVersion } from '../../vault/past-versions.ts';
import { fileTimeOf, formatTime } from '../../vault/format-time.ts';
import { parsePath, type VaultPath } from '../../vault/path.ts';
import { deedsBelow } from '../../vault/trash.ts';
import { formatVersion } from '../../vault/version-id.ts';
import { earlierFile, type HiddenParts } from './hidden.ts';
import { pastDirectory } from './past-directory.ts';
import { sparseDirectory, type Placed } from './sparse.ts';

/** A walk asks for the list at each step. */
const keptMs = 3_000;

export function trashDirectory(parts: HiddenParts): HiddenDirectory {
  const { clock } = parts.vault;
  let kept: { readonly rows: Promise<readonly Placed[]>; readonly untilMs: number } | undefined;
  return sparseDirectory('trash', () => {
    const nowMs = clock.monotonicMs();
    if (kept === undefined || kept.untilMs < nowMs) {
      kept = { rows: placesOf(parts), untilMs: nowMs + keptMs };
      kept.rows.catch(() => {
        kept = undefined;
      });
    }
    return kept.rows;
  });
}

async function placesOf(parts: HiddenParts): Promise<readonly Placed[]> {
  const places: Placed[] = [];
  const taken = new Set<string>();
  for await (const { row, beganMs } of deedsBelow(parts.vault, [])) {
    const node = await nodeOf(parts, row, beganMs);
    if (node === undefined) continue;
    // The latest has the name, those before it say when they went.
    const text = row.path.toString('latin1');
    const path = parsePath(row.path);
    places.push({ path: taken.has(text) ? datedPath(path, row.timeMs) : path, node });
    taken.add(text);
  }
  return places;
}

function datedPath(path: VaultPath, timeMs: number): VaultPath {
  const name = path.at(-1) ?? Buffer.alloc(0);
  const suffix = Buffer.from(` (deleted ${formatTime(timeMs)})`);
  const kept = name.subarray(0, 255 - suffix.length);
  return [...path.slice(0, -1), Buffer.concat([kept, suffix])];
}

async function nodeOf(
  parts: HiddenParts,
  row: TrashRow,
  beganMs: number,
): Promise<Hidden | undefined> {
  const { vault, moments } = parts;
  const path = parsePath(row.path);
  const key = `trash:${row.path.toString('latin1')}\0${String(row.timeMs)}`;
  const mtime = fileTimeOf(row.timeMs);
  if (row.kind === 'directory') {
    const moment = { type: 'time', timeMs: beganMs - 1 } as const;
    return pastDirectory({
      key,
      mtime,
      path,
      tree: (signal) => moments.treeAt(moment, { signal }),
    });
  }
  if (row.version === undefined) return undefined;
  const { view } = await findVersion(vault, path, row.version);
  if (view?.version === undefined) return undefined;
  const { content, mode, op } = view.version;
  return earlierFile({ key, content, mode, mtime, version: formatVersion(op) });
}
