/**
 * Every version that a path ever had, found by the beginning of its id, and shown like the current
 * one.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { EntryView } from '../namespace/tree.types.ts';
import { find, type Found } from './browse.ts';
import type { NodeEvent } from './node-events.ts';
import type { PastParts } from './occupants.ts';
import { keyOf, pastOf } from './past-events.ts';
import { neverThere } from './path-log.ts';
import { formatPath, type VaultPath } from './path.ts';
import { formatVersion } from './version-id.ts';

/** Shown of those that a beginning could mean. */
const namedMax = 4;

/**
 * What is at a path, as it was in a version; without one, as it is.
 * @param version hex of its id, or of the beginning
 * @throws VaultError `not-found`, `usage` when several versions begin like this, `overload`
 */
export async function findVersion(
  parts: PastParts,
  path: VaultPath,
  version: string | undefined,
): Promise<Found> {
  if (version === undefined) return find(parts.tree, path);
  const wanted = version.toLowerCase();
  const shown = path.length === 0 ? undefined : parts.tree.resolve(path);
  const current = shown?.version === undefined ? undefined : formatVersion(shown.version.op);
  if (shown !== undefined && current === wanted) return { path, view: shown, node: shown.node };
  const { occupants, events } = await pastOf(parts, path);
  if (occupants.length === 0) throw neverThere(parts, path);
  const event = theOne(path, version, matching(events, wanted));
  return { path, ...viewOf(parts, path, event) };
}

/** Those whose ids begin like this; each once. */
function matching(events: readonly NodeEvent[], wanted: string): readonly NodeEvent[] {
  const found = new Map<string, NodeEvent>();
  for (const event of events) {
    if (event.version === undefined) continue;
    if (formatVersion(event.change.op).startsWith(wanted)) found.set(keyOf(event.change.op), event);
  }
  return [...found.values()];
}

function theOne(path: VaultPath, version: string, found: readonly NodeEvent[]): NodeEvent {
  const subject = `${formatPath(path)}@${version}`;
  const next = `vault log ${shellWord(formatPath(path))} lists the versions`;
  const [first, ...others] = found;
  if (first === undefined) {
    const detail = 'it has no version that begins like this';
    throw new VaultError('not-found', { op: 'vault.findVersion', subject, detail, next });
  }
  if (others.length > 0) {
    const named = found.slice(-namedMax).map(({ change }) => formatVersion(change.op));
    const more = found.length > namedMax ? ', and more' : '';
    throw new VaultError('usage', {
      op: 'vault.findVersion',
      subject,
      detail: `several versions begin like this: ${named.join(', ')}${more}`,
      next: `give more digits; ${next}`,
    });
  }
  return first;
}

/** The version, as the path would show it. */
function viewOf(
  { tree }: PastParts,
  path: VaultPath,
  { change, node: id, version }: NodeEvent,
): Pick<Found, 'view' | 'node'> {
  const node = tree.node(id);
  const [place] = tree.placesOf(id);
  if (node === undefined || place === undefined || version === undefined) {
    throw new VaultError('internal', { op: 'vault.findVersion', subject: formatPath(path) });
  }
  const view: EntryView = {
    name: path.at(-1) ?? place.name,
    entry: place.entry,
    parent: place.parent,
    node,
    version: { ...version, op: change.op satisfies OpId, stamp: change.stamp },
    conflict: false,
  };
  return { view, node };
}
