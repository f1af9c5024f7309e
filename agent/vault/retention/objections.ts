/**
 * What this device needs of released chunks, found before it acknowledges the releases: contents that its
 * tree shows, that its own batches beyond a release's vector brought, and that snapshots show which the
 * releaser did not know. Where the list of chunks of one of these is not here, everything is needed.
 */
import type { ChunkId, JournalId } from '../../../protocol/ids.ts';
import type { Content, NamedChunk } from '../../../protocol/messages/op.ts';
import type { BatchSource } from '../../history/history.types.ts';
import type { CountedRelease } from '../../members/membership.ts';
import type { Snapshot } from '../../namespace/snapshots.ts';
import type { Tree } from '../../namespace/tree.types.ts';
import type { Clock } from '../../ports.ts';
import { inspectContent } from '../local-content.ts';
import type { ReadParts } from '../read-content.ts';
import { Slices } from '../slices.ts';
import { rootOf } from '../content-root.ts';
import { eachContent } from './each-content.ts';

export interface ObjectionParts extends ReadParts {
  readonly tree: Tree;
  readonly source: BatchSource;
  readonly clock: Clock;
  readonly isOwn: (journal: JournalId) => boolean;
  readonly treeAt: (snapshot: Snapshot) => Promise<Tree>;
}

/** @throws VaultError when a snapshot or a journal cannot be read: then nothing may be acknowledged */
export async function neededOf(
  parts: ObjectionParts,
  releases: readonly CountedRelease[],
): Promise<readonly NamedChunk[]> {
  const { tree, clock } = parts;
  const released = new Set(releases.flatMap(({ chunks }) => chunks));
  const needed = new Map<ChunkId, number>();
  const slices = new Slices(clock);
  const suspects: Content[] = [];
  const suspect = (content: Content): void => {
    const root = rootOf(content);
    if (root !== undefined && released.has(root)) suspects.push(content);
  };
  await eachContent(tree, slices, suspect);
  for (const snapshot of tree.snapshots()) {
    if (releases.every((release) => isCovered(release, snapshot.op))) continue;
    await eachContent(await parts.treeAt(snapshot), slices, suspect);
  }
  for await (const content of ownSince(parts, releases)) suspects.push(content);
  for (const content of suspects) {
    await slices.step();
    const { known } = await inspectContent(parts, content, ({ id, bytes }) => {
      if (released.has(id)) needed.set(id, bytes);
    });
    if (!known) return everything(parts, released);
  }
  return [...needed].map(([id, length]) => ({ id, length }));
}

function isCovered(
  { vector }: CountedRelease,
  { journal, sequence }: { readonly journal: JournalId; readonly sequence: number },
): boolean {
  return vector.some((place) => place.journal === journal && place.sequence >= sequence);
}

/** Contents of this device's own batches that the releaser had not seen. */
async function* ownSince(
  { source, isOwn }: ObjectionParts,
  releases: readonly CountedRelease[],
): AsyncGenerator<Content> {
  for (const { journal } of source.tips()) {
    if (!isOwn(journal)) continue;
    const seen = releases.map(
      ({ vector }) => vector.find((place) => place.journal === journal)?.sequence ?? 0,
    );
    for await (const batch of source.read(journal, Math.min(...seen))) {
      for (const op of batch.body.ops) {
        if ('content' in op && op.content !== undefined) yield op.content;
      }
    }
  }
}

function everything(
  { store }: ObjectionParts,
  released: ReadonlySet<ChunkId>,
): readonly NamedChunk[] {
  return [...released].map((id) => ({ id, length: store.chunks.lengthOf(id) ?? 1 }));
}
