/**
 * What the state says about the past, for a history that begins behind it: where each node was, the
 * versions that it had, and the notes. What led there is gone.
 */
import { splitJournalId, type NodeId } from '../../../protocol/ids.ts';
import type { Attributes, MakeOp, OpId, Stamp } from '../../../protocol/messages/op.ts';
import type { Change, FoldedHistory, Note } from '../../history/history.types.ts';
import { opKey } from '../../namespace/records.ts';
import type { JournaledTree } from '../../namespace/tree.ts';
import type { VersionView } from '../../namespace/tree.types.ts';
import type { FoldBase } from './fold-base.ts';

export class FoldedPast implements FoldedHistory {
  readonly #base: FoldBase;

  constructor(base: FoldBase) {
    this.#base = base;
  }

  async changesOf(node: NodeId): Promise<readonly Change[]> {
    const tree = await this.#tree();
    const view = tree?.node(node);
    if (tree === undefined || view === undefined) return [];
    const { kind, target } = view;
    const versions = new Map(
      tree.everyHeadOf(node).map((version) => [opKey(version.op), version] as const),
    );
    const current = new Set(tree.headsOf(node).map(opKey));
    const buried = [...versions.values()]
      .map(({ op }) => op)
      .filter((op) => !current.has(opKey(op)));
    const arrivals = tree.placesOf(node).flatMap((placement, at) => {
      const { entry, parent, name, sinceMs, isListed } = placement;
      const [op] = tree.positionOpsOf(entry, node);
      if (op === undefined) return [];
      const folded = isListed ? ('here' as const) : ('gone' as const);
      const since = { wallMs: sinceMs, counter: 0 };
      const place = { entry, parent, name, node };
      if (at > 0) return { ...changeOf(op, since, { type: 'link', ...place }), folded };
      const made = versions.get(opKey(op));
      versions.delete(opKey(op));
      const { mode, mtime } = made ?? view;
      const body: MakeOp = {
        ...{ type: 'make', ...place, kind, target, attributes: { mode, mtime } },
        ...(made !== undefined && { content: made.content }),
      };
      return { ...changeOf(op, made?.stamp ?? since, body), folded };
    });
    const writes = [...versions.values()].map((version) =>
      writeOf(node, version, current.has(opKey(version.op)) ? buried : []),
    );
    return [...arrivals, ...writes];
  }

  async arrivalsIn(directory: NodeId): Promise<readonly Note[]> {
    const tree = await this.#tree();
    if (tree?.node(directory) === undefined) return [];
    return (tree.list(directory) ?? []).flatMap(({ entry, node }) => {
      const [op] = tree.positionOpsOf(entry, node.id);
      const place = tree.placesOf(node.id).find((each) => each.entry === entry);
      return op === undefined ? [] : { op, wallMs: place?.sinceMs ?? 0, node: node.id };
    });
  }

  /** Of notes only. */
  async change(op: OpId): Promise<Change | undefined> {
    if (op.sequence > (this.#base.places.get(op.journal) ?? 0)) return undefined;
    const note = (await this.#base.notes()).get(opKey(op));
    const ref = (await this.#tree())?.notes().find((each) => opKey(each.op) === opKey(op));
    return note === undefined || ref === undefined ? undefined : changeOf(op, ref.stamp, note);
  }

  #tree(): Promise<JournaledTree | undefined> {
    return this.#base.pastTree();
  }
}

function writeOf(
  node: NodeId,
  { op, stamp, content, mode, mtime }: VersionView,
  supersedes: readonly OpId[],
): Change {
  const attributes: Attributes = { mode, mtime };
  return changeOf(op, stamp, {
    type: 'write',
    ...{ node, content, attributes, supersedes, replaces: [] },
  });
}

function changeOf(op: OpId, stamp: Stamp, body: Change['body']): Change {
  return { op, author: splitJournalId(op.journal).device, stamp, body };
}
