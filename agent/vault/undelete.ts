/**
 * What was deleted comes back: a file with its history, a directory with everything that went with it.
 * The same nodes get a name again, so nothing is copied and the past goes on. A child whose removal was
 * said shortly before the directory's, by the same device, went with it; what was deleted from it
 * earlier stays deleted.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import { journal } from '../../protocol/limits.ts';
import type { Content, NamedChunk, Op } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { setAttributesOp } from '../namespace/author.ts';
import type { Tree } from '../namespace/tree.types.ts';
import { cameBack } from './came-back.ts';
import { announceChunks, placeOf, type ChangeResult } from './change.ts';
import { goneWith, oneDeed, type GoneDirectory, type GoneEntry } from './gone-with.ts';
import { occupantsOf, type Occupant, type PastParts } from './occupants.ts';
import { isSameDevice } from './past-events.ts';
import { findVersion } from './past-versions.ts';
import { pathOfPlace } from './past-places.ts';
import { neverThere } from './path-log.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { VaultParts } from './vault.ts';
import { formatVersion } from './version-id.ts';

export interface Undelete {
  readonly path: VaultPath;
  /** Of a file: hex of a version's id, or of the beginning; undefined: as it was when it went. */
  readonly version: string | undefined;
  /** The exact new path; undefined: where it was. */
  readonly destination: VaultPath | undefined;
}

type UndeleteParts = VaultParts & PastParts;

const opsPerPublication = 256;
const op = 'vault.undelete';

/**
 * @throws VaultError `not-found` when nothing was deleted there, or the directory above is gone too;
 *   `exists`, `not-directory`, `usage`, `chunk-missing`
 */
export async function undelete(
  parts: UndeleteParts,
  { path, version, destination }: Undelete,
): Promise<ChangeResult> {
  const target = destination ?? path;
  const occupants = await deletedAt(parts, path, destination === undefined);
  checkFree(parts.tree, target);
  const [occupant] = occupants;
  if (occupant === undefined) throw neverThere(parts, path);
  if (parts.tree.node(occupant.node)?.kind !== 'directory') {
    return undeleteFile(parts, { path, version, occupant, target });
  }
  if (version !== undefined) throw noVersions(path);
  let entries = 0;
  for (const each of occupants.filter((other) => wentTogether(parts.tree, occupant, other))) {
    entries += await undeleteDirectory(parts, each, target, each === occupant);
  }
  return { entries, version: undefined };
}

/** Directories that were shown as one are removed one after the other. */
function wentTogether(tree: Tree, first: Occupant, other: Occupant): boolean {
  const [end, start] = [first.until, other.until];
  if (end === undefined || start === undefined) return false;
  if (tree.node(other.node)?.kind !== 'directory' || !isSameDevice(end.op, start.op)) return false;
  return oneDeed([start.stamp], end.stamp.wallMs).length > 0;
}

/** Who was deleted under this path, the last one first. */
async function deletedAt(
  parts: UndeleteParts,
  path: VaultPath,
  isSamePlace: boolean,
): Promise<readonly Occupant[]> {
  const occupants = await occupantsOf(parts, path);
  if (occupants.length === 0) throw neverThere(parts, path);
  const subject = formatPath(path);
  if (isSamePlace && occupants[0]?.until === undefined) {
    throw new VaultError('exists', {
      op,
      subject,
      detail: 'it is there',
      next: `give another place for what was deleted, or see vault log ${shellWord(subject)}`,
    });
  }
  const deleted = occupants.filter((each) => wasDeleted(parts.tree, each));
  if (deleted.length > 0) return deleted;
  const [first] = occupants;
  const places = first === undefined ? [] : parts.tree.placesOf(first.node);
  const place = places.find(({ isListed }) => isListed);
  const now = place === undefined ? subject : formatPath(pathOfPlace(parts.tree, place));
  throw new VaultError('not-found', {
    op,
    subject,
    detail: place === undefined ? 'it was not deleted' : 'it is not deleted',
    next: now === subject ? 'vault trash lists what was' : `it is now ${shellWord(now)}`,
  });
}

function wasDeleted(tree: Tree, { node, until }: Occupant): boolean {
  const type = until?.body.type;
  if (until === undefined || (type !== 'unlink' && type !== 'remove-directory')) return false;
  return isGone(tree, node) && !cameBack(tree, node, until.stamp.wallMs);
}

function isGone(tree: Tree, node: NodeId): boolean {
  return tree.placesOf(node).some(({ isListed }) => !isListed);
}

/** @throws VaultError `exists`, and what is wrong with the directories above */
function checkFree(tree: Tree, target: VaultPath): ReturnType<typeof placeOf> {
  const above = target.slice(0, -1);
  if (above.length > 0 && tree.resolve(above) === undefined) {
    const shown = shellWord(formatPath(above));
    throw new VaultError('not-found', {
      op,
      subject: formatPath(above),
      detail: 'the directory above is not there',
      next: `vault undelete ${shown} if it was deleted, else vault mkdir -p ${shown}`,
    });
  }
  const place = placeOf(tree, target);
  if (tree.resolve(target) === undefined) return place;
  throw new VaultError('exists', {
    op,
    subject: formatPath(target),
    next: 'give a place that is free',
  });
}

async function undeleteFile(
  parts: UndeleteParts,
  options: Omit<Undelete, 'destination'> & {
    readonly occupant: Occupant;
    readonly target: VaultPath;
  },
): Promise<ChangeResult> {
  const { path, version, occupant, target } = options;
  const { node } = occupant;
  const wanted =
    version === undefined ? undefined : (await findVersion(parts, path, version)).view?.version;
  const contents =
    wanted === undefined
      ? parts.tree.everyHeadOf(node).map(({ content }) => content)
      : [wanted.content];
  const chunksReused = await announceAll(parts, contents);
  const ids = await parts.publisher.publish({
    keys: [keyOf(target)],
    build: (tree) => {
      const place = checkFree(tree, target);
      const ops: Op[] = [{ type: 'link', entry: freshEntry(parts), node, ...place }];
      const [latest] = tree.everyHeadOf(node);
      if (
        wanted !== undefined &&
        latest !== undefined &&
        formatVersion(latest.op) !== formatVersion(wanted.op)
      ) {
        const attributes = { mode: wanted.mode, mtime: wanted.mtime };
        ops.push({
          type: 'write',
          node,
          supersedes: tree
            .everyHeadOf(node)
            .slice(0, journal.refsPerOpMax)
            .map((head) => head.op),
          content: wanted.content,
          attributes,
          replaces: tree.attributeOpsOf(node, attributes).slice(0, journal.refsPerOpMax),
        });
      }
      return { ops, chunksReused };
    },
  });
  const last = ids.length > 1 ? ids.at(-1) : parts.tree.everyHeadOf(node)[0]?.op;
  return { entries: 1, version: last === undefined ? undefined : formatVersion(last) };
}

async function undeleteDirectory(
  parts: UndeleteParts,
  occupant: Occupant,
  target: VaultPath,
  isFirst: boolean,
): Promise<number> {
  const gone = await goneWith(parts, occupant);
  let entries = 0;
  const [top, ...directories] = gone.directories;
  if (top === undefined) throw new VaultError('internal', { op, subject: formatPath(target) });
  const first = await parts.publisher.publish({
    keys: [keyOf(target)],
    build: (tree) => {
      const place = isFirst ? checkFree(tree, target) : placeOf(tree, target);
      return { ops: [topOp(tree, top, place)] };
    },
  });
  entries += first.length;
  for (let at = 0; at < directories.length; at += opsPerPublication) {
    const some = directories.slice(at, at + opsPerPublication);
    const ids = await parts.publisher.publish({
      keys: [keyOf(target)],
      build: (tree) => ({ ops: some.flatMap((each) => signOf(tree, each)) }),
    });
    entries += ids.length;
  }
  for (let at = 0; at < gone.entries.length; at += opsPerPublication) {
    entries += await linkAgain(parts, target, gone.entries.slice(at, at + opsPerPublication));
  }
  return entries;
}

/** The directory itself: at its old place by a sign of life, else by a move, which is one too. */
function topOp(tree: Tree, top: GoneDirectory, place: ReturnType<typeof placeOf>): Op {
  const isSame = top.parent === place.parent && top.name.equals(place.name);
  if (isSame) return aliveOp(tree, top.node);
  const replaces = [...tree.positionOpsOf(top.entry, top.node), ...tree.livenessOpsOf(top.node)];
  return {
    type: 'move',
    entry: top.entry,
    node: top.node,
    ...place,
    replaces: replaces.slice(0, journal.refsPerOpMax),
  };
}

function signOf(tree: Tree, { node }: GoneDirectory): readonly Op[] {
  return tree.isWanted(node) ? [] : [aliveOp(tree, node)];
}

function aliveOp(tree: Tree, node: NodeId): Op {
  return setAttributesOp(tree, node, { mode: tree.node(node)?.mode });
}

async function linkAgain(
  parts: UndeleteParts,
  target: VaultPath,
  entries: readonly GoneEntry[],
): Promise<number> {
  const contents = entries.flatMap(({ node }) =>
    parts.tree.everyHeadOf(node).map(({ content }) => content),
  );
  const chunksReused = await announceAll(parts, contents);
  const ids = await parts.publisher.publish({
    keys: [keyOf(target)],
    build: (tree) => ({
      chunksReused,
      // Somebody may have brought one back meanwhile.
      ops: entries
        .filter(({ node }) => isGone(tree, node))
        .map(({ node, parent, name }) => ({
          type: 'link',
          entry: freshEntry(parts),
          node,
          parent,
          name,
        })),
    }),
  });
  return ids.length;
}

/** Names of the chunks that come alive again; what does not fit into one batch is in those before it. */
async function announceAll(
  parts: UndeleteParts,
  contents: readonly Content[],
): Promise<readonly NamedChunk[]> {
  let named: NamedChunk[] = [];
  for (const content of contents) {
    named.push(...(await announceChunks(parts, content)));
    if (named.length < journal.idsPerBatchMax / 4) continue;
    const chunksReused = named;
    named = [];
    await parts.publisher.publish({ keys: [], build: () => ({ ops: [], chunksReused }) });
  }
  return named;
}

function noVersions(path: VaultPath): VaultError {
  return new VaultError('is-directory', {
    op,
    subject: formatPath(path),
    detail: 'a directory has no versions',
    next: 'leave --version out: it comes back as it was',
  });
}

function freshEntry({ random }: VaultParts): EntryId {
  return random.bytes(16).toString('hex') as EntryId;
}

function keyOf(path: VaultPath): string {
  return joinPath(path).toString('latin1');
}
