/**
 * The log of a path, the latest first: what happened to whoever had it, and in a directory what came
 * and what left. Rows are made one by one, so that a few cost little however long the past is.
 */
import { VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import type { LogRow } from '../../protocol/messages/control-history.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Note } from '../history/history.types.ts';
import { nodeSetOf } from '../history/node-set.ts';
import type { Place } from '../history/place-before.ts';
import { sizeOf, type ReleasedChunks } from './browse.ts';
import { isForgotten } from './forgotten.ts';
import { eventsOf, type NodeEvent } from './node-events.ts';
import type { Occupant, PastParts } from './occupants.ts';
import { keyOf, pastOf } from './past-events.ts';
import { pathOfPlace } from './past-places.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import { formatVersion } from './version-id.ts';

export interface LogParts extends PastParts {
  readonly deviceName: (device: DeviceId) => string;
  readonly released: ReleasedChunks;
}

/** Both paths of a row have to fit into one message. */
const pathsBytesMax = 60_000;

/**
 * What happened to a path, the latest first.
 * @throws VaultError `not-found` when nothing of that name ever was there; `overload`
 */
export async function* logOf(parts: LogParts, path: VaultPath): AsyncGenerator<LogRow> {
  const { occupants, events } = await pastOf(parts, path);
  if (occupants.length === 0) throw neverThere(parts, path);
  const current = currentVersions(parts, occupants);
  const inside = await movesInside(parts, occupants);
  const own = events.toReversed();
  const seen = new Set<string>();
  let at = 0;
  for (const note of inside) {
    for (; at < own.length && isLater(own[at], note); at++) {
      yield* rowOnce(parts, { event: own[at], seen, current });
    }
    yield* rowOnce(parts, { event: await eventInside(parts, note), seen, current });
  }
  for (; at < own.length; at++) yield* rowOnce(parts, { event: own[at], seen, current });
}

interface Shown {
  readonly event: NodeEvent | undefined;
  readonly seen: Set<string>;
  readonly current: ReadonlySet<string>;
}

/** A move inside a directory is noted as coming and as leaving. */
function* rowOnce(parts: LogParts, { event, seen, current }: Shown): Generator<LogRow> {
  if (event === undefined) return;
  const key = keyOf(event.change.op);
  if (seen.has(key)) return;
  seen.add(key);
  yield rowOf(parts, event, current.has(key));
}

function rowOf(
  { tree, deviceName, released }: LogParts,
  event: NodeEvent,
  isCurrent: boolean,
): LogRow {
  const { change, what, version, restored, mode } = event;
  const { device } = splitJournalId(change.op.journal);
  const bytesOf = (place: Place | undefined): Buffer =>
    place === undefined ? Buffer.alloc(0) : joinPath(pathOfPlace(tree, place));
  const path = bytesOf(event.place);
  const from = event.from === undefined ? undefined : bytesOf(event.from);
  return {
    what,
    kind: event.kind ?? tree.node(event.node)?.kind ?? 'file',
    timeMs: change.stamp.wallMs,
    author: deviceName(device),
    deviceId: device,
    path,
    from: path.length + (from?.length ?? 0) > pathsBytesMax ? undefined : from,
    version: version === undefined ? undefined : formatVersion(change.op),
    size: sizeOf(version?.content),
    isCurrent,
    mode,
    restored: restored === undefined ? undefined : formatVersion(restored),
    isReleased: version !== undefined && isForgotten({ released }, version.content),
  };
}

/** Versions that the path shows now. */
function currentVersions({ tree }: LogParts, occupants: readonly Occupant[]): ReadonlySet<string> {
  const present = occupants.filter(({ until }) => until === undefined);
  return new Set(present.flatMap(({ node }) => tree.versionsOf(node).map(({ op }) => keyOf(op))));
}

/** What came to the directories among the occupants and what left them, the latest first. */
async function movesInside(
  { tree, history }: LogParts,
  occupants: readonly Occupant[],
): Promise<readonly (Note & { readonly directory: NodeId })[]> {
  const notes: (Note & { readonly directory: NodeId })[] = [];
  for (const { node: directory, until } of occupants) {
    if (tree.node(directory)?.kind !== 'directory') continue;
    const arrivals = await history.arrivalsIn(directory);
    if (arrivals.length === 0) continue;
    const keep = (note: Note): void => {
      if (until === undefined || note.wallMs <= until.stamp.wallMs)
        notes.push({ ...note, directory });
    };
    for (const note of arrivals) keep(note);
    const arrived = nodeSetOf(arrivals.map(({ node }) => node));
    for await (const note of history.departuresOf(arrived)) keep(note);
  }
  return notes.sort(
    (a, b) => b.wallMs - a.wallMs || b.op.sequence - a.op.sequence || b.op.index - a.op.index,
  );
}

/** What the operation did to the entry, when that came to the directory, left it or got another name in it. */
async function eventInside(
  { history }: LogParts,
  { op, node, directory }: Note & { readonly directory: NodeId },
): Promise<NodeEvent | undefined> {
  const only = await history.change(op);
  // Most entries were made and nothing else: that needs no look at their past.
  if (only?.body.type === 'make' && only.body.over === undefined) {
    return eventsOf([only], new Set([node]))[0];
  }
  const event = eventsOf(await history.changesOf(node), new Set([node])).find(
    ({ change }) => keyOf(change.op) === keyOf(op),
  );
  const isHere = event?.place?.parent === directory || event?.from?.parent === directory;
  return isHere ? event : undefined;
}

function isLater(event: NodeEvent | undefined, { wallMs, op }: Note): boolean {
  if (event === undefined) return false;
  const { stamp, op: own } = event.change;
  if (stamp.wallMs !== wallMs) return stamp.wallMs > wallMs;
  return own.sequence > op.sequence || (own.sequence === op.sequence && own.index > op.index);
}

/** Names the nearest directory that is there. */
export function neverThere({ tree }: PastParts, path: VaultPath): VaultError {
  let above = path.slice(0, -1);
  while (above.length > 0 && tree.resolve(above)?.node.kind !== 'directory')
    above = above.slice(0, -1);
  return new VaultError('not-found', {
    op: 'vault.log',
    subject: formatPath(path),
    detail: 'nothing of this name was ever there',
    next: `vault log ${shellWord(formatPath(above))} shows what was`,
  });
}
