/** Attributes of the version that a row shows: the node's own for the one that keeps the name. */
import type { FileTime } from '../../protocol/messages/op.ts';
import { modeOf, mtimeOf } from './attributes.ts';
import { shownVersions } from './contents.ts';
import type { Row } from './rows.ts';

export function versionMode(row: Row): number {
  const own = isOlder(row) ? row.version?.attributes.mode : undefined;
  return own ?? modeOf(row.node);
}

export function versionMtime(row: Row): FileTime {
  const own = isOlder(row) ? row.version?.attributes.mtime : undefined;
  return own ?? mtimeOf(row.node);
}

/** Whether another version of the same node is shown as its latest. */
function isOlder({ node, version, conflict }: Row): boolean {
  return conflict && version !== undefined && shownVersions(node)[0] !== version;
}
